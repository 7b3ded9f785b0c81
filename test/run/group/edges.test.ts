import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../connectors/random.ts';
import { lookAtEdges } from '../../../engine/run/group/look-at-edges.ts';
import { SpreadQueries } from '../support/spread-case.ts';
import { VirtualGroup } from '../support/virtual-group.ts';

const start = BigInt(Date.UTC(2026, 10, 23, 10)) * 1000n;
const second = 1_000_000n;
const perPartition = 90;

const sql = `
CREATE TABLE s (ts TIMESTAMP, host VARCHAR, n BIGINT) WITH (connector = rows, event_time = ts, max_lateness = '2 s', idle_timeout = '700 ms');
CREATE TABLE k (ts TIMESTAMP, host VARCHAR, n BIGINT) WITH (connector = rows, event_time = ts, max_lateness = '2 s', idle_timeout = '700 ms', partition_key = host);
CREATE MATERIALIZED VIEW by_digit AS SELECT window_start, n % 5 AS digit, count(*) AS rows, sum(n)::BIGINT AS total
  FROM tumble(s, ts, INTERVAL '7 seconds') GROUP BY window_start, digit;
CREATE MATERIALIZED VIEW everything AS SELECT window_start, count(*) AS rows FROM tumble(s, ts, INTERVAL '7 seconds') GROUP BY window_start;
CREATE MATERIALIZED VIEW over_views AS SELECT window_start, digit % 2 AS odd, sum(rows)::BIGINT AS rows
  FROM tumble(by_digit, window_start, INTERVAL '21 seconds') GROUP BY window_start, odd;
CREATE MATERIALIZED VIEW pairs AS SELECT s.ts AS ts, s.n AS n, k.n AS m FROM s JOIN k ON s.n = k.n AND k.ts BETWEEN s.ts - INTERVAL '60 seconds' AND s.ts + INTERVAL '60 seconds';
CREATE MATERIALIZED VIEW tally WITH (emit = changes, state_ttl = '30 days') AS SELECT n % 3 AS three, count(*) AS rows, max(n) AS most FROM s GROUP BY three;
CREATE MATERIALIZED VIEW met AS SELECT d.window_start AS ts, d.host AS host, d.rows AS rows, k.n AS n
  FROM (SELECT window_start, host, count(*) AS rows FROM tumble(s, ts, INTERVAL '7 seconds') GROUP BY window_start, host) d
  JOIN k ON d.host = k.host AND k.ts BETWEEN d.window_start AND d.window_start + INTERVAL '2 seconds';
CREATE MATERIALIZED VIEW running AS SELECT ts, n, count(*) OVER (ORDER BY ts, n ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS four FROM s;
`;

let queries: SpreadQueries;

beforeAll(async () => {
  queries = await SpreadQueries.create(sql);
}, 240_000);

afterAll(() => queries.close());

type Cell = readonly [ts: bigint, host: string, n: number];

function rowsOf(random: Random, partitions: number): Record<string, Cell[]> {
  const rows = (partition: number): Cell[] =>
    Array.from({ length: perPartition }, (_, i) => [
      start + BigInt(i) * second - BigInt(random.below(3)) * second,
      `h${random.below(4)}`,
      i * partitions + partition,
    ]);
  const last: Cell = [start + 100_000n * second, 'end', -1];
  return Object.fromEntries(Array.from({ length: partitions }, (_, p) => [String(p), [...rows(p), last]]));
}

const windowOf = (ts: bigint, seconds: bigint) => `${(ts / (seconds * second)) * seconds * second}`;

function counted(rows: readonly Cell[], key: (row: Cell) => string, value: (row: Cell) => number = () => 1): Map<string, number> {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(key(row), (sums.get(key(row)) ?? 0) + value(row));
  return sums;
}

const micros = (text: unknown) => BigInt(Date.parse(String(text))) * 1000n;

/** In steps: what is opened at the beginning is no work of virtual time. */
async function runFor(group: VirtualGroup, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) await group.timing.runTo(group.timing.now() + 500);
}

describe('lanes of a group that commit each by itself, with topics between them', () => {
  it('have the topics that are told of before', { timeout: 100_000 }, async () => {
    const group = await VirtualGroup.create(
      queries,
      {},
      { lanes: 3, random: new Random(1), batchRowsMax: 5, pauseMsMax: 1, commitMsMax: 1 },
    );
    const told = (await lookAtEdges(queries.catalog, 'g', 3)).flatMap(({ edges }) => edges.map(({ topic }) => topic));
    expect(told.length).toBeGreaterThan(6);
    expect(told).toEqual(group.edges.map(({ topic }) => topic));
  });

  // What a lane was sent is not in an image's stretches, so that a lane that went on from one would miss rows.
  it('take images of memory only where nothing goes from lane to lane', { timeout: 300_000 }, async () => {
    const own = await SpreadQueries.create(`CREATE TABLE k (ts TIMESTAMP, host VARCHAR, n BIGINT)
        WITH (connector = rows, event_time = ts, max_lateness = '2 s', idle_timeout = '700 ms', partition_key = host);
      CREATE MATERIALIZED VIEW by_host AS SELECT window_start, host, count(*) AS rows FROM tumble(k, ts, INTERVAL '7 seconds') GROUP BY window_start, host;`);
    const taken = async (each: SpreadQueries) => {
      const random = new Random(5);
      const data = { s: rowsOf(random, 2), k: rowsOf(random, 2) };
      const run = { lanes: 2, random, batchRowsMax: 5, pauseMsMax: 1_000, commitMsMax: 50, imageEveryMs: 300 };
      const group = await VirtualGroup.create(each, data as never, run);
      for (const lane of [0, 1]) group.up(lane);
      await runFor(group, 15_000);
      await group.close();
      expect(group.failures).toEqual([]);
      return { edges: group.edges.length, images: group.images.length };
    };
    try {
      expect(await taken(own)).toEqual({ edges: 0, images: expect.any(Number) });
      expect((await taken(own)).images).toBeGreaterThan(2);
      expect(await taken(queries)).toEqual({ edges: expect.any(Number), images: 0 });
    } finally {
      await own.close();
    }
  });

  it('counts what was sent and read, and says which lane holds the others up', { timeout: 300_000 }, async () => {
    const random = new Random(7);
    const data = { s: rowsOf(random, 3), k: rowsOf(random, 3) };
    const group = await VirtualGroup.create(queries, data as never, {
      lanes: 3,
      random,
      batchRowsMax: 9,
      pauseMsMax: 500,
      commitMsMax: 50,
    });
    const edge = (query: string) => group.counts.status([0, 1, 2]).find((each) => each.topic.startsWith(`g.${query}-1.`))!;
    expect(edge('by_digit')).toMatchObject({ watermark: null, waitsFor: [0, 1, 2] });
    for (const lane of [0, 1]) group.up(lane);
    await runFor(group, 30_000);
    expect(edge('by_digit')).toMatchObject({ watermark: null, newestWatermark: expect.any(Number), waitsFor: [2] });
    expect(edge('by_digit').sentRows).toBeGreaterThan(edge('by_digit').readRows);
    group.up(2);
    await runFor(group, 60_000);
    await group.close();
    expect(group.failures).toEqual([]);
    for (const each of group.counts.status([0, 1, 2])) {
      expect([each.topic, each.readRows, each.readBytes]).toEqual([each.topic, each.sentRows, each.sentBytes]);
      expect(each.sentRows).toBeGreaterThan(0);
      expect(each.sentBytes).toBeGreaterThan(each.sentRows);
    }
    expect(edge('running')).toMatchObject({ query: expect.stringContaining('running'), sentRows: 3 * (perPartition + 1) });
    expect(edge('running').watermark).not.toBeNull();
  });

  for (const seed of [1, 2, 3]) {
    it(`count every row once, whatever lanes die (seed ${seed})`, { timeout: 400_000 }, async () => {
      const random = new Random(seed);
      // More lanes than partitions, and fewer.
      const lanes = 2 + (seed % 4);
      const data = { s: rowsOf(random, 3), k: rowsOf(random, 2) };
      const group = await VirtualGroup.create(queries, data as never, {
        lanes,
        random,
        batchRowsMax: 5,
        pauseMsMax: 4_000,
        commitMsMax: 600,
        imageEveryMs: 300,
      });
      const down = new Set<number>();
      for (let lane = 0; lane < lanes; lane++)
        if (random.below(3) > 0) group.up(lane);
        else down.add(lane);
      for (let turn = 0; turn < 12; turn++) {
        await group.timing.runTo(group.timing.now() + random.below(2_500));
        const lane = random.below(lanes);
        if (!down.has(lane)) group.kill(lane);
        down.delete(lane);
        if (random.below(4) === 0) down.add(lane);
        else group.up(lane);
      }
      for (const lane of down) group.up(lane);
      await group.timing.runTo(group.timing.now() + 120_000);
      await group.close();
      expect(group.failures).toEqual([]);
      expect(group.images).toEqual([]);
      const kept = (source: 's' | 'k') => {
        const late = group.rows(`${source}__late`).map((row) => Number(row[2]));
        const rows = Object.values(data[source])
          .flat()
          .filter(([, , n]) => n >= 0);
        expect(new Set(late).size).toBe(late.length);
        return rows.filter(([, , n]) => !late.includes(n));
      };
      const s = kept('s');
      const pairs = (stream: string, key: (row: readonly unknown[]) => string, value: number) =>
        new Map(
          group
            .rows(stream)
            .filter((row) => micros(row[0]) < start + 50_000n * second)
            .map((row) => [key(row), Number(row[value])]),
        );
      const sorted = (map: ReadonlyMap<string, number>) => [...map].sort();
      const start7 = (row: Cell) => windowOf(row[0], 7n);
      expect(sorted(pairs('by_digit', (row) => `${micros(row[0])} ${row[1]}`, 2))).toEqual(
        sorted(counted(s, (row) => `${start7(row)} ${row[2] % 5}`)),
      );
      expect(sorted(pairs('by_digit', (row) => `${micros(row[0])} ${row[1]}`, 3))).toEqual(
        sorted(
          counted(
            s,
            (row) => `${start7(row)} ${row[2] % 5}`,
            ([, , n]) => n,
          ),
        ),
      );
      expect(sorted(pairs('everything', (row) => `${micros(row[0])}`, 1))).toEqual(sorted(counted(s, start7)));
      expect(sorted(pairs('over_views', (row) => `${micros(row[0])} ${row[1]}`, 2))).toEqual(
        sorted(counted(s, (row) => `${windowOf(BigInt(start7(row)), 21n)} ${(row[2] % 5) % 2}`)),
      );
      for (const stream of ['by_digit', 'everything', 'over_views']) {
        const keys = group.rows(stream).map((row) => JSON.stringify(row.slice(0, stream === 'everything' ? 1 : 2)));
        expect(new Set(keys).size).toBe(keys.length);
      }
      const k = kept('k');
      const near = (a: Cell, b: Cell) => a[0] - b[0] <= 60n * second && b[0] - a[0] <= 60n * second;
      expect(
        group
          .rows('pairs')
          .map((row) => Number(row[1]))
          .filter((n) => n >= 0)
          .sort((a, b) => a - b),
      ).toEqual(s.flatMap((a) => k.filter((b) => a[2] === b[2] && near(a, b)).map(() => a[2])).sort((a, b) => a - b));
      const all = [...s, ...Object.values(data.s).map((rows) => rows.at(-1)!)];
      expect(new Map(group.rows('tally').map((row) => [Number(row[0]), Number(row[1])]))).toEqual(
        new Map([...counted(all, (row) => `${row[2] % 3}`)].map(([three, rows]) => [Number(three), rows])),
      );
      expect(group.rows('tally').length).toBe(new Set(all.map((row) => row[2] % 3)).size);
      const groups = counted(s, (row) => `${start7(row)} ${row[1]}`);
      const met = [...groups].flatMap(([key, rows]) => {
        const [begin, host] = key.split(' ') as [string, string];
        const from = BigInt(begin);
        return k
          .filter((row) => row[1] === host && row[0] >= from && row[0] <= from + 2n * second)
          .map((row) => `${key} ${rows} ${row[2]}`);
      });
      const found = group
        .rows('met')
        .filter((row) => row[1] !== 'end')
        .map((row) => `${micros(row[0])} ${row[1]} ${row[2]} ${row[3]}`);
      expect(found.sort()).toEqual(met.sort());
      // The last rows wait for rows of their own time.
      expect(group.rows('running').length).toBe(s.length);
      expect(group.rows('running').filter((row) => Number(row[2]) < 4).length).toBe(3);
    });
  }
});
