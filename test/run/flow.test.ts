import { describe, expect, it } from 'vitest';
import { epochsInFlightMax } from '../../engine/run/lane/in-flight.ts';
import type { LiveRows } from '../../engine/run/runtime-status.ts';
import { catalog, pass, type Row, source, tumble } from './support/definitions.ts';
import { type Item, MemoryConnector } from './support/memory-connector.ts';
import { MemoryFolder } from './support/memory-store.ts';
import { startFake } from './support/start.ts';
import { VirtualTiming } from './support/virtual-timing.ts';

const start = Date.UTC(2026, 10, 23, 10);
const row = (seconds: number, key = 'a', value = 1): Row => [start + seconds * 1000, key, value];
const rows = (count: number, step = 1) => [...Array(count).keys()].map((i) => row(i * step));

describe('pace', () => {
  it('lets rows out when their event time is due', async () => {
    const timing = new VirtualTiming(5_000_000);
    const folder = new MemoryFolder();
    const connector = new MemoryConnector({ s: { p: rows(100) } }, { batchRows: 64 });
    const engine = await startFake(catalog([source('s')], [tumble('w', 's', 10_000)]), [connector], folder, timing, { speed: 10 });
    await timing.runTo(5_000_000 + 2_050);
    expect(engine.status().sources.s).toMatchObject({ paced: true, maxEventTime: start + 20_000 });
    expect(engine.status().sources.s?.rows).toBe(21);
    await timing.runUntil(engine.ended);
    expect(timing.now() - 5_000_000).toBeGreaterThanOrEqual(9_900);
    expect(timing.now() - 5_000_000).toBeLessThan(10_600);
    await timing.runUntil(engine.stop());
    expect(folder.rows('w')).toHaveLength(10);
  });

  it('does not take the wait for a row that is known for silence', async () => {
    const timing = new VirtualTiming(0);
    const folder = new MemoryFolder();
    const data = { s: { p: [row(0), row(30)], q: [row(0, 'b'), row(29, 'b')] } };
    const definitions = catalog([source('s', { idleTimeoutMs: 2_000 })], [tumble('w', 's', 10_000)]);
    const engine = await startFake(definitions, [new MemoryConnector(data)], folder, timing, { speed: 1 });
    await timing.runTo(20_000);
    expect(engine.status().sources.s).toMatchObject({ state: 'active', rows: 2 });
    await timing.runUntil(engine.ended);
    await timing.runUntil(engine.stop());
    expect(engine.status().sources.s?.late).toBe(0);
    expect(folder.rows('w')).toHaveLength(4);
  });

  it('begins sources that belong together at the earliest, and sources of other times at once', async () => {
    const timing = new VirtualTiming(0);
    const years = 3 * 365 * 86_400;
    const data = { s: { p: rows(4) }, later: { p: [row(3), row(4)] }, other: { p: [row(years), row(years + 1)] } };
    const definitions = catalog(
      [source('s'), source('later'), source('other')],
      [pass('a', 's', 0), pass('b', 'later', 0), pass('c', 'other', 0)],
    );
    const engine = await startFake(definitions, [new MemoryConnector(data)], new MemoryFolder(), timing, { speed: 1, lanes: 3 });
    await timing.runTo(2_500);
    const { sources } = engine.status();
    expect([sources.s?.rows, sources.later?.rows, sources.other?.rows]).toEqual([3, 0, 2]);
    await timing.runTo(3_500);
    expect(engine.status().sources.later?.rows).toBe(1);
    await timing.runUntil(engine.stop());
  });

  it('stops in the middle of a batch and goes on behind the last row', async () => {
    const folder = new MemoryFolder();
    const definitions = catalog([source('s')], [pass('f', 's', 0)]);
    for (const until of [4_500, 3_500, 60_000]) {
      const timing = new VirtualTiming(0);
      const connector = new MemoryConnector({ s: { p: rows(20) } }, { batchRows: 16 });
      const engine = await startFake(definitions, [connector], folder, timing, { speed: 1 });
      await timing.runTo(until);
      await timing.runUntil(engine.stop());
    }
    expect(folder.rows('f')).toHaveLength(20);
  });
});

describe('silence', () => {
  const settings = { idleTimeoutMs: 5_000, maxLatenessMs: 0 };

  it('stops an idle partition from holding back windows, and takes what it missed for late', async () => {
    const timing = new VirtualTiming(start);
    const folder = new MemoryFolder();
    const busy: Item[] = [...Array(40).keys()].flatMap((i) => [{ pause: start + i * 1000 }, row(i)]);
    const quiet: Item[] = [row(0, 'q'), { pause: start + 30_000 }, row(3, 'q'), row(35, 'q')];
    const connector = new MemoryConnector({ s: { busy, quiet } }, { paced: false, endless: true });
    const engine = await startFake(catalog([source('s', settings)], [tumble('w', 's', 10_000)]), [connector], folder, timing, {
      untilEnd: false,
    });
    await timing.runTo(start + 4_000);
    expect(engine.status().sources.s?.watermark).toBe(start);
    await timing.runTo(start + 25_500);
    expect(folder.rows('w')).toHaveLength(3);
    await timing.runTo(start + 38_900);
    expect(folder.rows('s__late').map((each) => [each[1], each[4]])).toEqual([['q', 'quiet']]);
    await timing.runUntil(engine.stop());
  });

  it('does not wait for an idle source beside a busy one', async () => {
    const timing = new VirtualTiming(start);
    const folder = new MemoryFolder();
    const busy: Item[] = [...Array(40).keys()].flatMap((i) => [{ pause: start + i * 1000 }, row(i)]);
    const connector = new MemoryConnector({ s: { p: busy }, t: { p: [] } }, { paced: false, endless: true });
    const both = { ...tumble('w', 's', 10_000), reads: ['s', 't'] };
    const engine = await startFake(catalog([source('s', settings), source('t', settings)], [both]), [connector], folder, timing, {
      untilEnd: false,
    });
    await timing.runTo(start + 30_000);
    expect(engine.status().sources.t?.state).toBe('idle');
    expect(folder.rows('w').length).toBeGreaterThan(1);
    await timing.runUntil(engine.stop());
  });
});

describe('failure', () => {
  it('does not start when a source cannot be opened', async () => {
    const timing = new VirtualTiming(start);
    const folder = new MemoryFolder();
    const definitions = catalog([source('missing')], [pass('f', 'missing', 0)]);
    await expect(startFake(definitions, [new MemoryConnector({})], folder, timing)).rejects.toMatchObject({
      name: 'ConnectorError',
      source: 'missing',
      message: 'there is no such source',
      hint: 'declare it in the test',
    });
    expect(folder.closed).toBe(true);
  });

  it('marks a source that fails later and lets the others go on', async () => {
    const timing = new VirtualTiming(start);
    const folder = new MemoryFolder();
    const connector = new MemoryConnector({ bad: { p: [row(0), row(1), { fail: 'the cable is out' }] }, good: { p: rows(9) } });
    const definitions = catalog([source('bad'), source('good')], [pass('a', 'bad', 0), pass('b', 'good', 0)]);
    const engine = await startFake(definitions, [connector], folder, timing);
    await expect(timing.runUntil(engine.ended)).rejects.toThrow('not every source came to its end: bad failed');
    expect(engine.status().sources.bad).toMatchObject({ state: 'failed', error: 'the cable is out' });
    await timing.runUntil(engine.stop());
    expect([folder.rows('a').length, folder.rows('b').length]).toEqual([2, 9]);
  });

  it('ends with one message when the store fails', async () => {
    const timing = new VirtualTiming(start);
    const folder = new MemoryFolder();
    folder.failsAt = 1;
    const items: Item[] = [...Array(40).keys()].flatMap((i) => [{ pause: start + i * 500 }, row(i)]);
    const engine = await startFake(catalog([source('s')], [pass('f', 's', 0)]), [new MemoryConnector({ s: { p: items } })], folder, timing);
    await expect(timing.runUntil(engine.ended)).rejects.toMatchObject({
      name: 'StoreError',
      message: 'the disk is full',
      hint: 'make room',
    });
    expect(engine.events().filter((event) => event.level === 'error')).toHaveLength(1);
    const status = await timing.runUntil(engine.stop());
    expect(status.phase).toBe('failed');
    expect(folder.commits).toHaveLength(1);
  });

  it('refuses to write where no connector takes rows', async () => {
    const insert = { ...pass('out', 's', 0), kind: 'insert' as const };
    const started = startFake(catalog([source('s')], [insert]), [new MemoryConnector({ s: {} })], new MemoryFolder(), new VirtualTiming(0));
    await expect(started).rejects.toMatchObject({ name: 'QueryError', code: 'E0602' });
  });
});

describe('the flow', () => {
  it('stops reading while the store lags, and loses nothing', async () => {
    const timing = new VirtualTiming(start);
    const folder = new MemoryFolder();
    const { promise, resolve } = Promise.withResolvers<void>();
    folder.gate = promise;
    const items: Item[] = [...Array(600).keys()].flatMap((i) => [{ pause: start + i * 100 }, row(i)]);
    const connector = new MemoryConnector({ s: { p: items } });
    const engine = await startFake(catalog([source('s')], [pass('f', 's', 0)]), [connector], folder, timing);
    await timing.runTo(start + 30_000);
    const read = engine.status().sources.s?.rows ?? 0;
    expect(read).toBeLessThan(10 * (epochsInFlightMax + 2));
    const { polls } = connector;
    await timing.runTo(start + 40_000);
    expect([engine.status().sources.s?.rows, connector.polls - polls]).toEqual([read, 0]);
    expect(engine.events().find((event) => event.kind === 'limit')?.text).toContain('the store is slower than the input');
    resolve();
    await timing.runUntil(engine.ended);
    await timing.runUntil(engine.stop());
    expect(folder.rows('f')).toHaveLength(600);
  });

  it('acknowledges only what no open window needs', async () => {
    const timing = new VirtualTiming(start);
    const items: Item[] = [...Array(60).keys()].flatMap((i) => [{ pause: start + i * 1000 }, row(i)]);
    const connector = new MemoryConnector({ s: { p: items } }, { endless: true });
    const engine = await startFake(catalog([source('s')], [tumble('w', 's', 20_000)]), [connector], new MemoryFolder(), timing);
    await timing.runTo(start + 18_500);
    expect(connector.acknowledged.get('s/p')).toBe(0);
    await timing.runTo(start + 35_500);
    expect(connector.acknowledged.get('s/p')).toBeGreaterThan(30);
    expect(connector.acknowledged.get('s/p')).toBeLessThanOrEqual(40);
    await timing.runUntil(engine.stop());
  });

  it('shows rows as they are stored to whoever listens', async () => {
    const timing = new VirtualTiming(start);
    const items: Item[] = [...Array(6).keys()].flatMap((i) => [{ pause: start + i * 1000 }, row(i)]);
    const engine = await startFake(
      catalog([source('s')], [pass('f', 's', 0)]),
      [new MemoryConnector({ s: { p: items } })],
      new MemoryFolder(),
      timing,
    );
    const seen: LiveRows[] = [];
    const unlisten = engine.onRows('test/f', (live) => seen.push(live));
    await timing.runTo(start + 3_500);
    unlisten();
    await timing.runUntil(engine.stop());
    expect(seen[0]?.columns.map((column) => column.type)).toEqual(['TIMESTAMP', 'VARCHAR', 'DOUBLE']);
    expect(seen.flatMap((live) => live.rows)[0]).toEqual(['2026-11-23T10:00:00Z', 'a', 1]);
  });

  it('gives `_ingest_time` once and for all', async () => {
    const ingest = { name: '_ingest_time', type: { kind: 'timestamp' } as const, nullable: false };
    const columns = [...source('s').columns, ingest];
    const definition = source('s', { columns, eventTime: '_ingest_time' });
    const query = tumble('w', 's', 1_000, '_ingest_time');
    const items: Item[] = [...Array(50).keys()].flatMap((i) => [{ pause: start + i * 130 }, row(i)]);
    const folder = new MemoryFolder();
    for (const until of [1_700, 1_250, 60_000]) {
      const timing = new VirtualTiming(folder.commits.length === 0 ? start : start + 2_000 + folder.commits.length * 500);
      const begun = timing.now();
      const engine = await startFake(catalog([definition], [query]), [new MemoryConnector({ s: { p: items } })], folder, timing);
      await timing.runTo(begun + until);
      if (until === 60_000) await timing.runUntil(engine.stop());
    }
    expect(folder.rows('w').reduce((sum, each) => sum + Number(each[4]), 0)).toBe(50);
    expect(new Set(folder.rows('w').map((each) => each[0])).size).toBe(folder.rows('w').length);
    expect(folder.rows('s__late')).toEqual([]);
  });
});
