import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isPassing } from '../../engine/run/exchange/pass-program.ts';
import { Random } from '../connectors/random.ts';
import { type Cells, SpreadQueries } from './support/spread-case.ts';

const start = BigInt(Date.UTC(2026, 10, 23, 10)) * 1000n;
const second = 1_000_000n;

const sql = `
CREATE TABLE s (ts TIMESTAMP, host VARCHAR, kind INTEGER, price DECIMAL(12, 2), fine DECIMAL(18, 7), value DOUBLE, flag BOOLEAN, big BIGINT)
  WITH (connector = rows, event_time = ts, max_lateness = '20 s');
CREATE MATERIALIZED VIEW plain AS SELECT ts, upper(host) AS host, value * 2 AS twice FROM s WHERE kind <> 3;
CREATE MATERIALIZED VIEW parts AS SELECT window_start, window_end, host, count(*) AS n, count(value) AS known, sum(kind) AS kinds, sum(big) AS bigs,
  sum(price) AS paid, avg(price) AS mean_price, avg(kind) AS mean_kind, sum(value) AS total, avg(value) AS mean, min(value) AS least,
  max(host) AS last_host, min(price) AS cheapest, bool_and(flag) AS every, bool_or(flag) AS some, count(*) FILTER (kind = 1) AS ones
  FROM tumble(s, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, host;
CREATE MATERIALIZED VIEW whole AS SELECT window_start, window_end, count(*) AS n, sum(value) AS total
  FROM tumble(s, ts, INTERVAL '30 seconds') GROUP BY window_start, window_end;
CREATE MATERIALIZED VIEW computed AS SELECT window_end, lower(host) AS h, kind % 2 AS odd, max(value) AS top
  FROM tumble(s, ts, INTERVAL '10 seconds') WHERE kind < 5 GROUP BY window_end, lower(host), kind % 2 HAVING max(value) > 100;
CREATE MATERIALIZED VIEW spreadout AS SELECT window_start, window_end, host, stddev_pop(kind::DOUBLE) AS deviation
  FROM tumble(s, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, host;
CREATE MATERIALIZED VIEW hops AS SELECT window_start, window_end, kind, count(*) AS n, max(value) AS top
  FROM hop(s, ts, INTERVAL '5 seconds', INTERVAL '20 seconds') GROUP BY window_start, window_end, kind;
CREATE MATERIALIZED VIEW hops_by_host AS SELECT window_start, window_end, h, count(*) AS n, sum(value) AS total, avg(price) AS mean_price, avg(fine) AS mean_fine
  FROM (SELECT window_start, window_end, lower(host) AS h, value, price, fine FROM hop(s, ts, INTERVAL '10 seconds', INTERVAL '25 seconds') WHERE kind < 6)
  GROUP BY window_start, window_end, h;
CREATE MATERIALIZED VIEW hops_of_all AS SELECT window_end, count(*) AS n, min(value) AS least, sum(big) AS bigs
  FROM hop(s, ts, INTERVAL '5 seconds', INTERVAL '20 seconds') GROUP BY window_end;
CREATE MATERIALIZED VIEW hops_of_late AS SELECT window_start, window_end, host, count(*) FILTER (ts >= window_end - INTERVAL '5 seconds') AS n
  FROM hop(s, ts, INTERVAL '5 seconds', INTERVAL '20 seconds') GROUP BY window_start, window_end, host;
CREATE MATERIALIZED VIEW buckets AS SELECT time_bucket(INTERVAL '15 seconds', ts) AS slot, host, count(*) AS n, avg(fine) AS mean, max(value) AS top FROM s GROUP BY slot, host;
CREATE MATERIALIZED VIEW whole_minutes AS SELECT date_trunc('minute', ts) AS minute, count(*) AS n, avg(value) AS mean FROM s GROUP BY minute;
CREATE MATERIALIZED VIEW top_hops AS SELECT window_start, max(n) AS n FROM hops_by_host GROUP BY window_start, window_end;
CREATE VIEW minutes AS SELECT window_end AS ts, host, n, total FROM parts;
CREATE MATERIALIZED VIEW cascade AS SELECT window_start, window_end, host, sum(n) AS n, max(total) AS top
  FROM tumble(minutes, ts, INTERVAL '60 seconds') GROUP BY window_start, window_end, host;
CREATE MATERIALIZED VIEW over_all AS SELECT window_start, window_end, sum(n) AS n, count(*) AS hosts
  FROM tumble(minutes, ts, INTERVAL '60 seconds') GROUP BY window_start, window_end;
CREATE MATERIALIZED VIEW filtered AS SELECT window_start, host, n FROM parts WHERE n > 1;
`;

/** Hosts with NULL, values with NULL, NaN, infinities and both zeros; eighths add up exactly in any order. */
function rowsOf(random: Random, count: number): Cells {
  return Array.from({ length: count }, (_, i) => {
    const late = random.below(10) === 0 ? random.below(30) : random.below(8);
    const ts = random.below(50) === 0 ? null : start + BigInt(i) * 400_000n - BigInt(late) * second;
    const host = random.below(12) === 0 ? null : ['a', 'B', 'café', '', 'longer than twelve bytes', 'z'][random.below(6)];
    const odd = [null, -0, 0, Number.NaN, Number.POSITIVE_INFINITY][random.below(5)];
    const value = random.below(40) === 0 ? odd : random.below(8000) / 8;
    const price = random.below(15) === 0 ? null : BigInt(random.below(100_000));
    const flag = random.below(9) === 0 ? null : random.below(4) > 0;
    const fine = BigInt(random.below(1 << 30)) * 1_000_003n;
    return [ts, host, random.below(7), price, fine, value, flag, (1n << 62n) - BigInt(random.below(1000))];
  });
}

function dataOf(seed: number, partitions: number, rows: number) {
  const random = new Random(seed);
  return { s: Object.fromEntries(Array.from({ length: partitions }, (_, p) => [`p${p}`, rowsOf(random, rows + random.below(rows))])) };
}

/** Averages of decimals and sums of eighths: the same to the last bit. */
const exact = ['parts', 'whole', 'hops_by_host', 'hops_of_all', 'buckets', 'whole_minutes', 'top_hops'];

let queries: SpreadQueries;

/** The views whose rows are not those of the other run, with some rows that only one has. */
function differences(got: Record<string, string[]>, expected: Record<string, string[]>): Record<string, unknown> {
  const only = (a: string[] = [], b: string[] = []) => a.filter((row) => !b.includes(row)).slice(0, 3);
  const wrong = Object.keys(expected).filter((name) => got[name]?.join('\n') !== expected[name]?.join('\n'));
  return Object.fromEntries(
    wrong.map((name) => [
      name,
      { rows: [got[name]?.length, expected[name]?.length], more: only(got[name], expected[name]), less: only(expected[name], got[name]) },
    ]),
  );
}

beforeAll(async () => {
  queries = await SpreadQueries.create(sql);
}, 120_000);

afterAll(() => queries.close());

describe('lanes', () => {
  it('give the same answers, however many there are', { timeout: 120_000 }, async () => {
    const data = dataOf(1, 5, 150);
    const one = await queries.run(data, { lanes: 1, random: new Random(1), batchRowsMax: 50, exact });
    expect(one.rows.parts?.length).toBeGreaterThan(30);
    for (const [lanes, batchRowsMax] of [
      [2, 7],
      [3, 200],
      [4, 1],
    ] as const) {
      const other = await queries.run(data, { lanes, random: new Random(lanes), batchRowsMax, exact });
      expect(Object.values(other.status.queries).map(({ error }) => error)).toEqual(queries.catalog.queries.map(() => null));
      expect(differences(other.rows, one.rows), `${lanes} lanes`).toEqual({});
    }
  });

  it('have no more memory together than their query may hold', { timeout: 120_000 }, async () => {
    const lanes = 3;
    const { queries: parts } = await queries.plan(lanes);
    for (const { id, options } of queries.catalog.queries) {
      const own = parts.filter(({ part, program }) => part?.query === id && !isPassing(program));
      const together = own.reduce((sum, { definition }) => sum + lanes * definition.options.memoryBytesMax, 0);
      expect(together, id).toBeLessThanOrEqual(options.memoryBytesMax);
      expect(together, id).toBeGreaterThan(options.memoryBytesMax * 0.99);
    }
  });

  for (const seed of [1, 2, 3]) {
    it(`bring every row exactly once through restarts with other numbers of lanes (seed ${seed})`, { timeout: 120_000 }, async () => {
      const data = dataOf(seed, 1 + ((seed * 2) % 5), 200);
      const one = await queries.run(data, { lanes: 1, random: new Random(seed), batchRowsMax: 50, exact });
      const cuts = [
        { afterMs: 2_100 + seed * 371, lanes: 2 },
        { afterMs: 1_700 + seed * 503, lanes: 1 },
        { afterMs: 2_900, lanes: 4 },
      ];
      const cut = await queries.run(data, { lanes: 4, random: new Random(seed + 10), batchRowsMax: 20, cuts, exact });
      expect(differences(cut.rows, one.rows)).toEqual({});
      const counted = ({ rowsIn, rowsOut, filtered, late }: (typeof one.status.queries)[string]) => ({ rowsIn, rowsOut, filtered, late });
      for (const { id } of queries.catalog.queries)
        expect(counted(cut.status.queries[id] as never), id).toEqual(counted(one.status.queries[id] as never));
      expect(cut.status.sources.s).toMatchObject({ rows: one.status.sources.s?.rows, late: one.status.sources.s?.late });
    });
  }
});
