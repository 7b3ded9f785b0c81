import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { committerOver } from '../../engine/store/open-store.ts';
import type { EpochCommit, ReplayRange } from '../../engine/store/store.ts';
import { buildBatch } from './build-batch.ts';
import { ask, column, epoch, newFolder, openTestStore, stream } from './store-support.ts';

function range(source: string, from: number, maxEventTimeWithin: bigint | null): ReplayRange {
  return { source, partition: '0', from, to: from + 1, maxEventTimeBefore: null, maxEventTimeWithin };
}

function query(id: string, oldestOpenStart: bigint | null, sources?: readonly string[]): EpochCommit['queries'][number] {
  return { id, watermark: 5n, oldestOpenStart, ...(sources === undefined ? {} : { sources }) };
}

describe('what a restart needs', () => {
  it('is what was committed last, for each partition, query and counter', async () => {
    const directory = join(await newFolder(), 'data');
    const store = await openTestStore({ directory });
    const partition = (
      name: string,
      position: EpochCommit['partitions'][number]['position'],
      maxEventTime: bigint | null,
      ended = false,
    ) => ({
      source: 's',
      partition: name,
      position,
      maxEventTime,
      ended,
    });
    await store.commit(epoch(1, [], { partitions: [partition('a', { file: "it's", row: 1 }, null), partition('b', 'x', 2n ** 62n)] }));
    await store.commit(
      epoch(2, [], {
        partitions: [partition('a', { file: 'y', row: 9 }, -5n, true)],
        counters: [{ kind: 'source', name: 's', counter: 'rows', value: 2 ** 53 - 1 }],
      }),
    );
    await store.commit(epoch(1, [], { lane: 1, queries: [query('demo/q', -1n, ['s'])], ranges: [range('s', 1, 7n)] }));
    const before = await store.recover();
    expect(before).toEqual({
      partitions: [partition('a', { file: 'y', row: 9 }, -5n, true), partition('b', 'x', 2n ** 62n)],
      ranges: [range('s', 1, 7n)],
      queries: [query('demo/q', -1n, ['s'])],
      counters: [{ kind: 'source', name: 's', counter: 'rows', value: 2 ** 53 - 1 }],
      plans: [],
      sources: [],
    });
    await store.close();
    const again = await openTestStore({ directory });
    expect(await again.recover()).toEqual(before);
    expect((await ask(again, 'SELECT source, partition, position FROM engine.partitions ORDER BY ALL')).rows).toEqual([
      ['s', 'a', '{"file":"y","row":9}'],
      ['s', 'b', '"x"'],
    ]);
  });

  it('knows what queries and sources were, of a query also the plan that its state is still of, and forgets what it is told to', async () => {
    const directory = join(await newFolder(), 'data');
    const store = await openTestStore({ directory });
    const plan = (fingerprint: number, text: string) => ({ query: 'q', fingerprint, operators: [{ hash: text, text }] });
    const sources = (seed: number) => [{ source: 's', identity: [`seed = ${seed}`] }];
    const nothing = { sources: [], queries: [] };
    const counters = [
      { kind: 'query' as const, name: 'q', counter: 'plan', value: 1 },
      { kind: 'source' as const, name: 's', counter: 'rows', value: 5 },
    ];
    const partitions = [{ source: 's', partition: 'p', position: 5, maxEventTime: null, ended: false }];
    await store.define([], ['q'], { plans: [plan(1, 'one')], sources: sources(1), forget: nothing });
    await store.commit(epoch(1, [], { queries: [query('q', 5n, ['s'])], ranges: [range('s', 0, 9n)], partitions, counters }));
    await store.define([], ['q'], { plans: [plan(2, 'two')], sources: sources(1), forget: nothing });
    expect((await store.recover()).plans).toEqual([plan(1, 'one'), plan(2, 'two')]);
    await store.define([], ['q'], { plans: [plan(3, 'three')], sources: sources(1), forget: nothing });
    await store.close();
    const again = await openTestStore({ directory });
    expect((await again.recover()).plans).toEqual([plan(1, 'one'), plan(3, 'three')]);
    expect((await again.recover()).sources).toEqual(sources(1));
    await again.define([], ['q'], { plans: [plan(3, 'three')], sources: sources(2), forget: { sources: ['s'], queries: ['q'] } });
    const state = { partitions: [], ranges: [], queries: [], counters: [], plans: [plan(3, 'three')], sources: sources(2) };
    expect(await again.recover()).toEqual(state);
    await again.close();
    const last = await openTestStore({ directory });
    expect(await last.recover()).toEqual(state);
  });

  it('keeps the ranges that an open window of a query over them needs, and no others', async () => {
    const directory = join(await newFolder(), 'data');
    const store = await openTestStore({ directory, limits: { rangesPruneMin: 1 } });
    await store.commit(
      epoch(1, [], {
        ranges: [range('a', 0, 10n), range('b', 0, 10n), range('a', 1, null)],
        queries: [query('q1', 5n, ['a']), query('q2', 11n, ['b'])],
      }),
    );
    expect((await store.recover()).ranges).toEqual([range('a', 0, 10n)]);
    await store.commit(
      epoch(2, [], { ranges: [range('a', 2, 20n), range('b', 1, 20n)], queries: [query('q1', 11n, ['a']), query('q2', null, ['b'])] }),
    );
    expect((await store.recover()).ranges).toEqual([range('a', 2, 20n)]);
    await store.define([], ['q2']);
    expect(await store.recover()).toMatchObject({ ranges: [], queries: [{ id: 'q2' }] });
    await store.close();
    expect((await (await openTestStore({ directory })).recover()).ranges).toEqual([]);
  });

  it('keeps when rows came in for queries over arrival, also when a folder has no place for it yet', async () => {
    const directory = join(await newFolder(), 'data');
    const limits = { rangesPruneMin: 1, rangesPerPartitionMax: 2 };
    const first = await openTestStore({ directory, limits });
    await first.close();
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const file = await DuckDBInstance.create(join(directory, 'millrace.duckdb'));
    const sql = await file.connect();
    for (const each of ['ranges DROP COLUMN arrivals', 'queries DROP COLUMN clock', 'queries DROP COLUMN ended_rows'])
      await sql.run(`ALTER TABLE engine.${each}`);
    sql.closeSync();
    file.closeSync();

    const store = await openTestStore({ directory, limits });
    const arrived = (from: number, ms: number): ReplayRange => ({ ...range('a', from, null), arrivals: [[from, ms]] });
    const open = (oldest: bigint) => ({ ...query('q', oldest, ['a']), clock: 'arrival' as const, endedRows: { a: { 0: 7 } } });
    await store.commit(epoch(1, [], { ranges: [arrived(0, 100), arrived(1, 200)], queries: [open(150_000n)] }));
    expect((await store.recover()).ranges).toEqual([arrived(1, 200)]);
    await store.commit(epoch(2, [], { ranges: [arrived(2, 200), arrived(3, 400)], queries: [open(200_000n)] }));
    const { ranges, queries } = await store.recover();
    expect(ranges).toEqual([{ ...arrived(1, 200), to: 3 }, arrived(3, 400)]);
    expect(queries).toEqual([open(200_000n)]);
    await store.close();
    const again = await openTestStore({ directory, limits });
    expect(await again.recover()).toMatchObject({ ranges, queries });
    await again.commit(epoch(3, [], { ranges: [arrived(4, 500)], queries: [open(200_000n)] }));
    expect((await again.recover()).ranges[0]).toEqual({
      ...arrived(1, 200),
      to: 4,
      arrivals: [
        [1, 200],
        [3, 400],
      ],
    });
    await again.close();
  });

  it('takes a query that names no sources to read all of its lane', async () => {
    const store = await openTestStore();
    await store.commit(epoch(1, [], { ranges: [range('a', 0, 10n)], queries: [query('q', 5n)] }));
    await store.commit(epoch(1, [], { lane: 1, ranges: [range('b', 0, 10n)], queries: [query('r', 11n)] }));
    expect((await store.recover()).ranges).toEqual([range('a', 0, 10n)]);
  });

  it('stays bounded when a window stays open for long', async () => {
    const store = await openTestStore({ limits: { rangesPerPartitionMax: 16 } });
    for (let number = 0; number < 100; number++) {
      await store.commit(epoch(number, [], { ranges: [range('a', number, BigInt(number))], queries: [query('q', 0n, ['a'])] }));
    }
    const { ranges } = await store.recover();
    expect(ranges.length).toBeLessThanOrEqual(16);
    expect([ranges[0]?.from, ranges.at(-1)?.to]).toEqual([0, 100]);
    ranges.slice(1).forEach((next, index) => {
      expect(next.from).toBe(ranges[index]?.to);
    });
    expect((await ask(store, 'SELECT count(*) FROM engine.ranges')).rows).toEqual([[ranges.length]]);
  });
});

describe('lanes', () => {
  it('commit over ports of their own, side by side, and each epoch is whole', async () => {
    const store = await openTestStore();
    const columns = [column('x', 'bigint')];
    await store.define([stream('s', columns)]);
    const committers = await Promise.all([0, 1, 2].map(async () => committerOver(await store.openPort())));
    await Promise.all(
      committers.map(async (committer, lane) => {
        for (let number = 1; number <= 20; number++) {
          const partitions = [{ source: 's', partition: String(lane), position: number, maxEventTime: null, ended: false }];
          await committer.commit({ ...epoch(number, [{ stream: 's', batch: buildBatch(columns, [[1n], [2n]]) }]), lane, partitions });
        }
        committer.close();
      }),
    );
    expect((await ask(store, 'SELECT count(*), sum(x) FROM s')).rows).toEqual([[120, 180]]);
    expect((await ask(store, 'SELECT DISTINCT position FROM engine.partitions')).rows).toEqual([['20']]);
    expect((await ask(store, 'SELECT lane, epoch FROM engine.lanes ORDER BY lane')).rows).toEqual([
      [0, 20],
      [1, 20],
      [2, 20],
    ]);
    expect((await store.statistics()).commits).toBeLessThanOrEqual(60);
  });
});
