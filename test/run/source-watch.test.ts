import { describe, expect, it } from 'vitest';
import { RejectedShare } from '../../engine/run/rejected-share.ts';
import { catalog, type Row, source, tumble } from './support/definitions.ts';
import { type Item, MemoryConnector } from './support/memory-connector.ts';
import { MemoryFolder } from './support/memory-store.ts';
import { startFake } from './support/start.ts';
import { VirtualTiming } from './support/virtual-timing.ts';

const row = (second: number): Row => [second * 1_000, 'a', second];
const kinds = new Set(['source_waits', 'rejected_alert', 'unknown_fields']);

describe('the share of rejected rows', () => {
  it('is taken over the window that has just gone by', () => {
    const share = new RejectedShare(60_000);
    expect(share.ratio).toBeNull();
    share.add(0, 1_000, 500);
    expect([share.ratio, share.rejected]).toEqual([null, 0]);
    share.add(10_000, 1_090, 510);
    expect([share.ratio, share.rejected]).toEqual([0.1, 10]);
    for (let now = 11_000; now <= 60_000; now += 1_000) share.add(now, 1_090, 510);
    expect(share.ratio).toBe(0.1);
    for (let now = 61_000; now <= 75_000; now += 1_000) share.add(now, 1_190, 510);
    expect([share.ratio, share.rejected]).toEqual([0, 0]);
    for (let now = 76_000; now <= 180_000; now += 1_000) share.add(now, 1_190, 510);
    expect(share.ratio).toBeNull();
  });
});

describe('a source that is watched', () => {
  const events = (engine: { events(): readonly { kind: string; level: string; text: string }[] }) =>
    engine.events().flatMap(({ kind, level, text }) => (kinds.has(kind) ? [[kind, level, text]] : []));

  it('is in a state of alert while it rejects more than it may', async () => {
    const timing = new VirtualTiming(0);
    const items: Item[] = [];
    for (let second = 0; second < 300; second++) {
      items.push(row(second));
      if (second >= 60 && second < 90) items.push({ bad: 'x' });
    }
    const limits = { rejectedAlert: { ratio: 0.1, windowMs: 20_000, rows: 5 } };
    const engine = await startFake(
      catalog([source('s', limits)], [tumble('w', 's', 10_000)]),
      [new MemoryConnector({ s: { p: items } }, { batchRows: 1 })],
      new MemoryFolder(),
      timing,
      { speed: 1 },
    );
    await timing.runTo(50_000);
    expect(engine.status().sources.s?.rejectingSince).toBeUndefined();
    await timing.runTo(85_000);
    const { rejectingSince, rejectedShare } = engine.status().sources.s ?? {};
    expect(rejectingSince).toBeGreaterThan(60_000);
    expect(rejectedShare).toBeGreaterThan(0.3);
    await timing.runTo(150_000);
    expect(engine.status().sources.s).toMatchObject({ rejectedShare: 0, rejected: 30 });
    expect(engine.status().sources.s?.rejectingSince).toBeUndefined();
    expect(events(engine)).toEqual([
      ['rejected_alert', 'error', expect.stringMatching(/^s rejects \d+ % of its rows, more than 10 % .*: s__rejected says why$/)],
      ['rejected_alert', 'info', 's rejects no more than 10 % of its rows again'],
    ]);
    await timing.runUntil(engine.stop());
  });

  it('waits for what is not there when it is opened, in sight, and goes on by itself', async () => {
    const timing = new VirtualTiming(0);
    const folder = new MemoryFolder();
    const connector = new MemoryConnector({ s: { p: [row(0), row(30)] } }, { paced: false });
    connector.refusals = 5;
    const engine = await startFake(catalog([source('s')], [tumble('w', 's', 10_000)]), [connector], folder, timing);
    await timing.runTo(1_000);
    expect(engine.status()).toMatchObject({
      phase: 'running',
      sources: { s: { state: 'waiting', error: null, waiting: { reason: 'nobody is there' }, waits: 1 } },
    });
    await timing.runUntil(engine.ended);
    await timing.runUntil(engine.stop());
    expect(engine.status().sources.s).toMatchObject({ rows: 2, state: 'ended', waits: 1 });
    expect(folder.rows('w')).toHaveLength(2);
    expect(events(engine).map(([kind, level]) => `${kind} ${level}`)).toEqual(['source_waits warning', 'source_waits info']);
  });

  it('can be stopped while it waits', async () => {
    const timing = new VirtualTiming(0);
    const connector = new MemoryConnector({ s: { p: [row(0)] } });
    connector.refusals = Number.POSITIVE_INFINITY;
    const engine = await startFake(catalog([source('s')], [tumble('w', 's', 10_000)]), [connector], new MemoryFolder(), timing);
    await timing.runTo(60_000);
    expect((await timing.runUntil(engine.stop())).phase).toBe('stopped');
  });

  it('tells when it begins and ends to wait, and which fields its table does not declare', async () => {
    const timing = new VirtualTiming(0);
    const connector = new MemoryConnector({ s: { p: [row(0)] } }, { paced: false, endless: true });
    const engine = await startFake(catalog([source('s')], [tumble('w', 's', 10_000)]), [connector], new MemoryFolder(), timing);
    await timing.runTo(1_000);
    connector.waiting = { since: 800, reason: 'the broker is away' };
    connector.unknownFields = new Map([
      ['colour', 3],
      ['size', 7],
      [null, 1],
    ]);
    await timing.runTo(5_000);
    expect(engine.status().sources.s).toMatchObject({
      state: 'waiting',
      waiting: { since: 800, reason: 'the broker is away' },
      unknownFields: [
        ['size', 7],
        ['colour', 3],
        [null, 1],
      ],
    });
    connector.waiting = null;
    await timing.runTo(12_000);
    expect(engine.status().sources.s).toMatchObject({ state: 'active', waits: 1 });
    const passed = 'records of s have fields that its table does not declare, and that are passed over: size (7), colour (3)';
    expect(events(engine).sort()).toEqual(
      [
        ['source_waits', 'warning', 'source s waits: the broker is away'],
        ['unknown_fields', 'info', passed],
        ['source_waits', 'info', expect.stringMatching(/^source s goes on after \d+ s of waiting$/)],
      ].sort(),
    );
    await timing.runUntil(engine.stop());
  });
});
