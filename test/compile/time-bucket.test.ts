import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WindowedQueries } from './support/windowed-query.ts';

const seed = Number(process.env.MILLRACE_SEED ?? 20260104);
/** Rows come up to two days behind. */
const lateness = 2n * 86_400_000_000n;
const definitions = 'ts TIMESTAMP, k BIGINT, v DOUBLE NOT NULL, z VARCHAR, o BOOLEAN';

/** Four months of rows; some have no time, some an infinite one. */
function table(): string {
  const n = (salt: number) => `(hash(i * 31 + ${salt + seed}) >> 8)`;
  return `SELECT
    CASE WHEN ${n(1)} % 100 = 0 THEN NULL WHEN ${n(1)} % 500 = 1 THEN 'infinity'::TIMESTAMP WHEN ${n(1)} % 500 = 2 THEN '-infinity'::TIMESTAMP
      ELSE TIMESTAMP '2024-12-01 00:00:00' + to_microseconds(((i * 1200000 - (${n(2)} % 172000000)) // 500 * 500000)::BIGINT) END,
    CASE WHEN ${n(3)} % 10 = 0 THEN NULL ELSE (${n(4)} % 5)::BIGINT END,
    (${n(5)} % 1000)::DOUBLE / 8,
    CASE WHEN ${n(6)} % 5 = 0 THEN NULL ELSE 'n' || (${n(7)} % 20)::VARCHAR END,
    ${n(8)} % 2 = 0
  FROM range(9003) t(i)`;
}

const grouped = (key: string, more = '') => `SELECT ${key} AS bucket, count(*), sum(v), max(z) FROM t GROUP BY ${key}${more}`;

const queries: Record<string, string> = {
  'a day as text': grouped("strftime(ts, '%Y-%m-%d')"),
  'a day as text, beside a key':
    "SELECT k, strftime(ts, '%Y-%m-%d') AS day, count(*), count(*) FILTER (WHERE o), min(v), max(v), avg(v) FROM t GROUP BY k, strftime(ts, '%Y-%m-%d')",
  'an hour': grouped("date_trunc('hour', ts)"),
  'a week': grouped("date_trunc('week', ts)"),
  'a month': grouped("date_trunc('month', ts)"),
  'a year as text': grouped("strftime(ts, '%Y')"),
  'a bucket': grouped("time_bucket(INTERVAL '6 hours', ts)"),
  'a bucket that does not divide a day': grouped("time_bucket(INTERVAL '7 hours', ts)"),
  'a date': grouped('ts::DATE'),
  'the time itself': grouped('ts'),
  'the time and a key': 'SELECT ts, k, count(*), sum(v) FROM t GROUP BY ts, k',
  'a bucket over a bucket':
    "WITH a AS (SELECT date_trunc('hour', ts) AS hour, k, count(*) AS n FROM t GROUP BY date_trunc('hour', ts), k) SELECT date_trunc('day', hour) AS day, sum(n) FROM a GROUP BY date_trunc('day', hour)",
  'a bucket over windows':
    "WITH a AS (SELECT window_start, k, count(*) AS n FROM tumble(t, ts, INTERVAL '1 hour') GROUP BY window_start, window_end, k) SELECT window_start::DATE AS day, k, sum(n) FROM a GROUP BY window_start::DATE, k",
  'distinct times': "SELECT DISTINCT date_trunc('day', ts) AS day, k FROM t",
};

describe('groups of a time bucket agree with DuckDB', () => {
  let stream: WindowedQueries;
  beforeAll(async () => {
    stream = await WindowedQueries.create(definitions, table());
  });
  afterAll(async () => {
    await stream.close();
  });
  for (const [name, body] of Object.entries(queries)) {
    for (const batchRows of name === 'a day as text' ? [1, 7, 8192] : [500]) {
      it(`${name}, batches of ${batchRows}`, async () => {
        expect(await stream.compare(body, { batchRows, lateness })).toEqual([]);
      });
    }
  }
});
