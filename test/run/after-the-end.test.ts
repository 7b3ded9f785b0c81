import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../connectors/random.ts';
import { SpreadQueries } from './support/spread-case.ts';

const start = BigInt(Date.UTC(2026, 10, 23, 10)) * 1000n;
const second = 1_000_000n;
const infinity = (1n << 63n) - 1n;

const sql = `
CREATE TABLE a (ts TIMESTAMP, host VARCHAR, n INTEGER) WITH (connector = rows, event_time = ts, max_lateness = '3 s');
CREATE MATERIALIZED VIEW passed AS SELECT ts, host, n FROM a WHERE n < 90;
CREATE MATERIALIZED VIEW moving AS SELECT ts, host, n, count(*) OVER (PARTITION BY host ORDER BY ts
  RANGE BETWEEN INTERVAL '1 minute' PRECEDING AND CURRENT ROW) AS rows FROM passed;
CREATE MATERIALIZED VIEW minutes AS SELECT date_trunc('minute', ts) AS minute, host, count(*) AS n FROM a GROUP BY minute, host;
CREATE MATERIALIZED VIEW hosts WITH (state_ttl = '1 d') AS SELECT DISTINCT host FROM a;
CREATE MATERIALIZED VIEW totals WITH (emit = changes, state_ttl = '1 d') AS SELECT host, count(*) AS n, count(ts) AS timed FROM a GROUP BY host;
`;

let queries: SpreadQueries;

beforeAll(async () => {
  queries = await SpreadQueries.create(sql);
}, 120_000);

afterAll(() => queries.close());

/** Now and then a row has no time, or an infinite one. */
function rowsOf(seed: number, from: number, count: number) {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const odd = random.below(12) === 0;
    const ts = odd ? (random.below(3) === 0 ? infinity : null) : start + BigInt(from + i) * second - BigInt(random.below(2_000_000));
    return [ts, `host-${random.below(3)}${ts === null ? ' lost' : ''}`, random.below(100)];
  });
}

const timeless = (rows: readonly string[] = []) =>
  rows.filter((row) => row.startsWith('[null') || row.startsWith('["9223372036854775807"'));

describe('rows without a time', () => {
  for (const lanes of [1, 3])
    it(`come out at the end, and not again after it (${lanes} lanes)`, { timeout: 240_000 }, async () => {
      const first = { a: { p: rowsOf(1, 0, 120), q: rowsOf(2, 0, 120) } };
      const random = new Random(lanes);
      const run = { lanes, random, batchRowsMax: 7, pauseMsMax: 500 };
      const ended = await queries.run(first, run);
      expect(Object.entries(ended.status.queries).filter(([, { error }]) => error !== null)).toEqual([]);
      const lost = timeless(ended.rows.moving);
      expect(lost.length).toBeGreaterThan(5);
      expect(timeless(ended.rows.minutes).length).toBeGreaterThan(2);
      // Nothing more came.
      const again = await queries.run(first, { ...run, folder: ended.folder });
      for (const { name } of queries.catalog.queries) expect(again.rows[name], name).toEqual(ended.rows[name]);
      // The files have grown, after the minute that the end has closed; the engine dies in the middle.
      const all = { a: { p: [...first.a.p, ...rowsOf(3, 182, 80)], q: [...first.a.q, ...rowsOf(4, 182, 80)] } };
      const cuts = [1500, 1200].map((afterMs) => ({ lanes: lanes === 1 ? 1 : 2, afterMs }));
      const grown = await queries.run(all, { ...run, cuts, folder: ended.folder });
      const expected = await queries.run(all, { ...run, lanes: 1 });
      const timed = (name: string, rows: Record<string, string[]>) => rows[name]?.filter((row) => !timeless([row]).length);
      for (const name of ['passed', 'hosts', 'totals']) expect(grown.rows[name], name).toEqual(expected.rows[name]);
      for (const name of ['moving', 'minutes']) expect(timed(name, grown.rows), name).toEqual(timed(name, expected.rows));
      expect(timeless(grown.rows.moving)).toHaveLength(timeless(expected.rows.moving).length);
      const counted = (rows: readonly string[]) => rows.reduce((sum, row) => sum + Number(JSON.parse(row)[2]), 0);
      expect(counted(timeless(grown.rows.minutes))).toBe(counted(timeless(expected.rows.minutes)));
    });
});
