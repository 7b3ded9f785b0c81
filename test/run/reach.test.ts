import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beginningOfTime } from '../../engine/run/time/event-time.ts';
import { Random } from '../connectors/random.ts';
import { SpreadQueries } from './support/spread-case.ts';

const start = BigInt(Date.UTC(2026, 10, 23, 10)) * 1000n;
const second = 1_000_000n;

const sql = `
CREATE TABLE a (ts TIMESTAMP, host VARCHAR, n INTEGER) WITH (connector = rows, event_time = ts, max_lateness = '3 s');
CREATE MATERIALIZED VIEW visits AS SELECT host, window_start, window_end, count(*) AS n, min(n) AS least
  FROM session(a, ts, host, INTERVAL '4 seconds') GROUP BY host, window_start, window_end;
CREATE MATERIALIZED VIEW long AS SELECT host, window_start AS begun, window_end AS ended, n FROM visits WHERE n > 2;
CREATE MATERIALIZED VIEW ends AS SELECT window_start, window_end, count(*) AS visits, sum(n) AS rows, min(begun) AS first
  FROM tumble(long, ended, INTERVAL '30 seconds') GROUP BY window_start, window_end;
CREATE MATERIALIZED VIEW halves AS SELECT window_start, sum(rows) AS rows, max(visits) AS most
  FROM tumble(ends, window_end, INTERVAL '1 minute') GROUP BY window_start, window_end;
CREATE MATERIALIZED VIEW within AS
  WITH stays AS (SELECT host, window_start AS begun, window_end AS stop, count(*) AS n FROM session(a, ts, host, INTERVAL '4 seconds')
    GROUP BY host, window_start, window_end)
  SELECT window_start, window_end, count(*) AS visits, min(begun) AS first FROM tumble(stays, stop, INTERVAL '40 seconds')
  GROUP BY window_start, window_end;
CREATE MATERIALIZED VIEW moving AS SELECT ts, host, n, sum(n) OVER (PARTITION BY host ORDER BY ts, n ROWS 20 PRECEDING) AS total FROM a;
CREATE MATERIALIZED VIEW of_moving AS SELECT window_start, host, sum(total) AS total, max(total) AS top
  FROM tumble(moving, ts, INTERVAL '30 seconds') GROUP BY window_start, window_end, host;
CREATE MATERIALIZED VIEW of_ranges AS
  WITH sums AS (SELECT ts, host, sum(n) OVER w AS total, sum(n) OVER v AS last FROM a
    WINDOW w AS (PARTITION BY host ORDER BY ts RANGE BETWEEN INTERVAL '1 minute' PRECEDING AND CURRENT ROW),
      v AS (PARTITION BY host ORDER BY ts ROWS 10 PRECEDING))
  SELECT window_start, host, sum(total) AS total, sum(last) AS last FROM tumble(sums, ts, INTERVAL '30 seconds') GROUP BY window_start, window_end, host;
CREATE MATERIALIZED VIEW best AS SELECT window_start, window_end, host, n FROM (SELECT window_start, window_end, host, n,
  row_number() OVER (PARTITION BY window_start, host ORDER BY n DESC, ts) AS rank FROM tumble(a, ts, INTERVAL '20 seconds')) WHERE rank <= 2;
CREATE MATERIALIZED VIEW of_best AS SELECT window_start, host, sum(n) AS n, count(*) AS rows
  FROM tumble(best, window_end, INTERVAL '1 minute') GROUP BY window_start, window_end, host;
`;

let queries: SpreadQueries;

beforeAll(async () => {
  queries = await SpreadQueries.create(sql);
}, 120_000);

afterAll(() => queries.close());

/** Hosts are busy for 5 to 100 seconds, then silent for 6 to 20. */
function dataOf(seed: number) {
  const random = new Random(seed);
  const rows: [bigint, string, number][] = [];
  for (const host of ['x', 'y', 'z']) {
    for (let at = random.below(10); at < 400; at += 6 + random.below(15))
      for (const end = at + 5 + random.below(95); at < end; at += 1 + random.below(3)) {
        rows.push([start + BigInt(at) * second + BigInt(random.below(900_000)), host, random.below(100)]);
      }
  }
  rows.sort((p, q) => (p[0] < q[0] ? -1 : 1));
  return { a: { a0: rows.filter((_, k) => k % 2 === 0), a1: rows.filter((_, k) => k % 2 === 1) } };
}

describe('what reaches far back', () => {
  for (const seed of [1, 2, 3]) {
    it(`is made again after a restart (seed ${seed})`, { timeout: 240_000 }, async () => {
      const data = dataOf(seed);
      const whole = await queries.run(data, { lanes: 1, random: new Random(seed), batchRowsMax: 10, pauseMsMax: 600 });
      expect(Object.entries(whole.status.queries).filter(([, { error }]) => error !== null)).toEqual([]);
      expect(whole.status.sources.a?.late).toBe(0);
      for (const { name } of queries.catalog.queries) expect(whole.rows[name]?.length, name).toBeGreaterThan(3);
      for (const lanes of [1, 3]) {
        const cuts = [2700 + 300 * seed, 1900, 2300].map((afterMs) => ({ lanes, afterMs }));
        const cut = await queries.run(data, { lanes, random: new Random(seed + 9), batchRowsMax: 6, pauseMsMax: 600, cuts });
        for (const { name } of queries.catalog.queries) expect(cut.rows[name], `${name}, ${lanes} lanes`).toEqual(whole.rows[name]);
      }
    });
  }

  it('needs no more than what is open was made of', async () => {
    const { folder } = await queries.run(dataOf(4), { lanes: 1, random: new Random(4), batchRowsMax: 10, pauseMsMax: 600 });
    const needs = folder.commits.slice(0, -1).flatMap(({ queries: states }) => [...states]);
    const open = needs.filter(({ oldestOpenStart, watermark }) => oldestOpenStart !== null && watermark !== null);
    expect(open.length).toBeGreaterThan(20);
    expect(open.filter(({ oldestOpenStart }) => oldestOpenStart === beginningOfTime)).toEqual([]);
    const behind = open.map(({ oldestOpenStart, watermark }) => Number((watermark as bigint) - (oldestOpenStart as bigint)) / 1e6);
    expect(Math.max(...behind)).toBeLessThan(300);
  });
});
