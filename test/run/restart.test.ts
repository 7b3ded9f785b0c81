import { describe, expect, it } from 'vitest';
import type { QueryDefinition, SourceDefinition } from '../../engine/plan/catalog.ts';
import type { Engine } from '../../engine/run/runtime-status.ts';
import { summarize } from '../../engine/run/summary.ts';
import { catalog, pass, type Row, source, tumble } from './support/definitions.ts';
import { type Item, MemoryConnector, type MemorySettings } from './support/memory-connector.ts';
import { MemoryFolder } from './support/memory-store.ts';
import { startFake } from './support/start.ts';
import { VirtualTiming } from './support/virtual-timing.ts';

const start = Date.UTC(2026, 10, 23, 10);
const row = (seconds: number, key = 'a', value = 1): Row => [start + seconds * 1000, key, value];

/** Small steps of a seeded generator, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function disorder(seed: number, partitions: number, rows: number): Record<string, Item[]> {
  const next = random(seed);
  const data: Record<string, Item[]> = {};
  for (let p = 0; p < partitions; p++) {
    const items: Item[] = [];
    for (let i = 0; i < rows; i++) {
      if (next() < 0.02) items.push({ bad: `bad ${p} ${i}` });
      items.push(row(Math.floor(i + next() * 8 - (next() < 0.05 ? 40 : 0)), `k${Math.floor(next() * 3)}`, i));
      if (next() < 0.1) items.push({ pause: start + i * 100 });
    }
    data[`p${p}`] = items;
  }
  return data;
}

const sortedRows = (folder: MemoryFolder, stream: string) =>
  folder
    .rows(stream)
    .map((each) => JSON.stringify(each))
    .sort();

interface Run {
  readonly folder: MemoryFolder;
  readonly engine: Engine;
}

/** Runs once per cut until that much virtual time has gone by, then dies: no last commit. The last run goes to the end. */
async function runWithCuts(
  data: Record<string, Item[]>,
  sources: readonly SourceDefinition[],
  queries: readonly QueryDefinition[],
  cuts: readonly number[],
  settings: MemorySettings = {},
): Promise<Run> {
  const folder = new MemoryFolder();
  const definitions = catalog(sources, queries);
  let begun = start;
  for (const cut of cuts) {
    const timing = new VirtualTiming(begun);
    const connector = new MemoryConnector({ s: data, t: data }, { batchRows: 3 + (cut % 5), ...settings });
    await startFake(definitions, [connector], folder, timing, { speed: settings.paced === true ? 10 : Number.POSITIVE_INFINITY });
    await timing.runTo(begun + cut);
    begun += cut;
    folder.closed = true;
  }
  const timing = new VirtualTiming(begun);
  const engine = await startFake(definitions, [new MemoryConnector({ s: data, t: data }, settings)], folder, timing);
  await timing.runUntil(engine.ended);
  await timing.runUntil(engine.stop());
  return { folder, engine };
}

describe('a restart', () => {
  const sources = [source('s', { maxLatenessMs: 10_000, retentionMs: 1e9 })];
  const queries = [
    pass('f', 's', 5),
    tumble('w', 's', 7_000),
    tumble('w2', 'w', 30_000, 'window_start'),
    tumble('e', 's', 5_000, 'ts', 'window_end'),
    tumble('e2', 'e', 20_000, 'window_end'),
  ];
  const streams = ['f', 'w', 'w2', 'e', 'e2', 's', 's__late'];

  for (let seed = 1; seed <= 8; seed++) {
    it(`brings every row exactly once (seed ${seed})`, async () => {
      const data = disorder(seed, 1 + (seed % 3), 150);
      const whole = await runWithCuts(data, sources, queries, []);
      const cuts = [1_300 + seed * 371, 900 + seed * 503, 2_200];
      const cut = await runWithCuts(data, sources, queries, cuts);
      for (const stream of streams) expect(sortedRows(cut.folder, stream), stream).toEqual(sortedRows(whole.folder, stream));
      expect(cut.folder.rows('s__rejected')).toHaveLength(whole.folder.rows('s__rejected').length);
      const expected = summarize(whole.engine.status());
      const summary = summarize(cut.engine.status());
      expect(summary.sources).toEqual(expected.sources);
      for (const [id, query] of Object.entries(expected.queries)) {
        const { rows_in, rows_out, filtered, late } = query;
        expect(summary.queries[id], id).toMatchObject({ rows_in, rows_out, filtered, late });
      }
    });
  }

  for (let seed = 1; seed <= 6; seed++) {
    it(`counts every row once where partitions fall silent (seed ${seed})`, async () => {
      const data = disorder(seed, 3, 150);
      data.p2 = data.p2?.map((item, i) => (i === 60 ? { pause: start + 9_000 } : item)) ?? [];
      const silent = [source('s', { maxLatenessMs: 10_000, idleTimeoutMs: 700 })];
      const { folder, engine } = await runWithCuts(
        data,
        silent,
        [tumble('w', 's', 7_000), tumble('w2', 'w', 30_000, 'window_start')],
        [2_300 + seed * 371, 900 + seed * 503],
      );
      const rows = Object.values(data)
        .flat()
        .filter((item) => Array.isArray(item));
      for (const stream of ['w', 'w2']) {
        const windows = folder.rows(stream).map((each) => `${each[0]} ${each[2]}`);
        expect(new Set(windows).size, stream).toBe(windows.length);
      }
      const counted = folder.rows('w').reduce((sum, each) => sum + Number(each[4]), 0);
      expect(counted + folder.rows('s__late').length).toBe(rows.length);
      expect(folder.rows('w2').reduce((sum, each) => sum + Number(each[4]), 0)).toBe(folder.rows('w').length);
      expect(engine.status().sources.s).toMatchObject({ rows: rows.length, late: folder.rows('s__late').length });
    });
  }

  it('takes paced rows in parts without losing or doubling any', async () => {
    const data = disorder(3, 2, 120);
    const whole = await runWithCuts(data, sources, queries, []);
    const cut = await runWithCuts(data, sources, queries, [2_150, 3_475, 1_025], { paced: true, batchRows: 50 });
    for (const stream of streams) expect(sortedRows(cut.folder, stream), stream).toEqual(sortedRows(whole.folder, stream));
    expect(
      cut.engine.events().some((event) => event.kind === 'replay' && /^replays [\d,]+ rows because windows since/.test(event.text)),
    ).toBe(true);
  });

  it('says what a source that cannot be read again has lost', async () => {
    const folder = new MemoryFolder();
    const data = { s: { p: [row(0), row(1), row(2), { pause: start + 10_000 }, row(20)] } };
    const definitions = catalog([source('s')], [tumble('w', 's', 60_000)]);
    const first = new VirtualTiming(start);
    await startFake(definitions, [new MemoryConnector(data, { replayable: false })], folder, first);
    await first.runTo(start + 3_000);
    folder.closed = true;
    const second = new VirtualTiming(start + 5_000);
    const engine = await startFake(definitions, [new MemoryConnector(data, { replayable: false })], folder, second);
    await second.runUntil(engine.ended);
    const event = engine.events().find((each) => each.kind === 'replay');
    expect(event).toMatchObject({ level: 'warning', subject: 's' });
    expect(event?.text).toContain('windows of test/w open since 2026-11-23T10:00:00Z');
    await second.runUntil(engine.stop());
  });

  it('lets changed and new queries begin with the rows that come then', async () => {
    const folder = new MemoryFolder();
    const items: Item[] = [...Array(60).keys()].flatMap((i) => [{ pause: start + i * 1000 }, row(i)]);
    const first = new VirtualTiming(start);
    const sources = [source('s')];
    await startFake(
      catalog(sources, [tumble('w', 's', 10_000), tumble('same', 's', 60_000)]),
      [new MemoryConnector({ s: { p: items } })],
      folder,
      first,
    );
    await first.runTo(start + 25_500);
    folder.closed = true;
    const second = new VirtualTiming(start + 26_000);
    const queries = [
      tumble('w', 's', 20_000),
      tumble('after', 'w', 20_000, 'window_start'),
      tumble('same', 's', 60_000),
      tumble('new', 's', 10_000),
    ];
    const engine = await startFake(catalog(sources, queries), [new MemoryConnector({ s: { p: items } })], folder, second);
    await second.runUntil(engine.ended);
    await second.runUntil(engine.stop());
    expect(
      engine
        .events()
        .filter((event) => event.kind === 'replay' && event.level === 'warning')
        .map((event) => event.subject),
    ).toEqual(['test/w']);
    expect(folder.rows('same').map((each) => each[4])).toEqual([60]);
    const taken = folder.rows('new').reduce((sum, each) => sum + Number(each[4]), 0);
    expect(taken).toBeGreaterThan(30);
    expect(taken).toBeLessThan(40);
    expect(folder.rows('w').map((each) => each[4])).toEqual([10, 10, taken - 20, 20]);
  });

  it('lets a source that ran beside the clock catch up with it', async () => {
    const folder = new MemoryFolder();
    const items = [...Array(120).keys()].map((i) => row(i));
    const definitions = catalog([source('s')], [pass('f', 's', 0)]);
    for (const [begin, until] of [
      [0, 20],
      [60, 70],
    ] as const) {
      const timing = new VirtualTiming(start + begin * 1000);
      const engine = await startFake(definitions, [new MemoryConnector({ s: { p: items } })], folder, timing, {
        speed: 1,
        untilEnd: false,
      });
      await timing.runTo(start + until * 1000 + 500);
      await timing.runUntil(engine.stop());
      expect(folder.rows('f')).toHaveLength(until + 1);
    }
  });

  it('takes rows that come after an end for late where their windows were closed', async () => {
    const folder = new MemoryFolder();
    const definitions = catalog([source('s', { maxLatenessMs: 60_000 })], [tumble('w', 's', 10_000)]);
    const rows = [row(0), row(13)];
    for (const data of [rows, [...rows, row(14), row(19), row(20), row(25)]]) {
      const timing = new VirtualTiming(start);
      const engine = await startFake(definitions, [new MemoryConnector({ s: { p: data } })], folder, timing);
      await timing.runUntil(engine.ended);
      await timing.runUntil(engine.stop());
    }
    expect(folder.rows('w').map((each) => each[4])).toEqual([1, 1, 2]);
    expect(folder.rows('s__late')).toHaveLength(2);
  });
});
