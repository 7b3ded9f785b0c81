import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../connectors/random.ts';
import { SpreadQueries } from './support/spread-case.ts';

const start = BigInt(Date.UTC(2026, 10, 23, 10)) * 1000n;
const second = 1_000_000n;

const sql = `
CREATE TABLE a (ts TIMESTAMP, host VARCHAR, n INTEGER) WITH (connector = rows, event_time = ts, max_lateness = '5 s');
CREATE TABLE b (ts TIMESTAMP, host VARCHAR, m INTEGER) WITH (connector = rows, event_time = ts, max_lateness = '5 s');
CREATE TABLE rack (host VARCHAR, place VARCHAR) WITH (connector = rows, kind = lookup);
CREATE MATERIALIZED VIEW placed AS SELECT a.ts, a.host, rack.place FROM a LEFT JOIN rack ON a.host = rack.host;
CREATE MATERIALIZED VIEW by_place AS SELECT window_start, place, count(*) AS n FROM tumble(placed, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, place;
CREATE MATERIALIZED VIEW near AS SELECT a.ts, b.ts AS other, a.host, a.n, b.m FROM a JOIN b
  ON a.host = b.host AND b.ts BETWEEN a.ts - INTERVAL '3 seconds' AND a.ts + INTERVAL '3 seconds';
CREATE MATERIALIZED VIEW moving AS SELECT ts, host, n, sum(n) OVER (PARTITION BY host ORDER BY ts RANGE BETWEEN INTERVAL '10 seconds' PRECEDING AND CURRENT ROW) AS total FROM a;
CREATE MATERIALIZED VIEW visits AS SELECT host, window_start, window_end, count(*) AS n, min(n) AS least
  FROM session(a, ts, host, INTERVAL '4 seconds') GROUP BY host, window_start, window_end;
CREATE MATERIALIZED VIEW tops AS SELECT window_start, host, n FROM (SELECT window_start, host, count(*) AS n FROM tumble(a, ts, INTERVAL '20 seconds')
  GROUP BY window_start, window_end, host) QUALIFY row_number() OVER (PARTITION BY window_start ORDER BY n DESC, host) <= 2;
CREATE MATERIALIZED VIEW united AS SELECT ts, host, n FROM a WHERE n > 5 UNION ALL SELECT ts, host, m FROM b WHERE m < 3;
CREATE MATERIALIZED VIEW totals WITH (emit = changes, state_ttl = '1 d') AS SELECT host, count(*) AS n, sum(m) AS m FROM b GROUP BY host;
CREATE TABLE k (ts TIMESTAMP, part VARCHAR, host VARCHAR, n INTEGER) WITH (connector = rows, event_time = ts, max_lateness = '5 s', partition_key = 'part');
CREATE MATERIALIZED VIEW by_part AS SELECT window_start, part, host, count(DISTINCT n) AS kinds, sum(n) AS n
  FROM tumble(k, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, part, host;
CREATE MATERIALIZED VIEW moving_part AS SELECT ts, part, n, sum(n) OVER (PARTITION BY part ORDER BY ts RANGE BETWEEN INTERVAL '10 seconds' PRECEDING AND CURRENT ROW) AS total FROM k;
CREATE MATERIALIZED VIEW part_visits AS SELECT part, window_start, window_end, count(*) AS n FROM session(k, ts, part, INTERVAL '4 seconds') GROUP BY part, window_start, window_end;
CREATE MATERIALIZED VIEW of_united AS SELECT window_start, host, count(*) AS n, sum(n) AS total FROM tumble(united, ts, INTERVAL '10 seconds')
  GROUP BY window_start, window_end, host;
`;

let queries: SpreadQueries;

beforeAll(async () => {
  queries = await SpreadQueries.create(sql);
}, 120_000);

afterAll(() => queries.close());

function dataOf(seed: number) {
  const random = new Random(seed);
  const partition = () =>
    Array.from({ length: 150 + random.below(50) }, (_, i) => [
      start + BigInt(i) * second - BigInt(random.below(4_000_000)) + BigInt(random.below(1000)),
      random.below(15) === 0 ? null : `host-${random.below(5)}`,
      random.below(10),
    ]);
  const rack = { all: Array.from({ length: 4 }, (_, i) => [`host-${i}`, `place-${i % 2}`]) };
  const separated = Object.fromEntries(
    ['p0', 'p1', 'p2'].map((name) => [name, partition().map(([ts, host, n]) => [ts, Number(n) > 6 ? `${name} high` : name, host, n])]),
  );
  return { rack, k: separated, a: { a0: partition(), a1: partition(), a2: partition() }, b: { b0: partition(), b1: partition() } };
}

describe('operators in lanes', () => {
  for (const seed of [1, 2]) {
    it(`give the same answers, however many there are, and after a restart (seed ${seed})`, { timeout: 300_000 }, async () => {
      const data = dataOf(seed);
      const one = await queries.run(data, { lanes: 1, random: new Random(seed), batchRowsMax: 30 });
      expect(Object.entries(one.status.queries).filter(([, { error }]) => error !== null)).toEqual([]);
      for (const { name } of queries.catalog.queries) expect(one.rows[name]?.length, name).toBeGreaterThan(4);
      for (const run of [
        { lanes: 2, batchRowsMax: 9 },
        { lanes: 4, batchRowsMax: 100 },
        {
          lanes: 4,
          batchRowsMax: 13,
          cuts: [
            { afterMs: 3100 + 300 * seed, lanes: 2 },
            { afterMs: 2600, lanes: 3 },
          ],
        },
      ]) {
        const other = await queries.run(data, { ...run, random: new Random(seed + 20) });
        expect(Object.entries(other.status.queries).filter(([, { error }]) => error !== null)).toEqual([]);
        for (const { name } of queries.catalog.queries)
          expect(other.rows[name], `${name} with ${JSON.stringify(run)}`).toEqual(one.rows[name]);
      }
    });
  }
});
