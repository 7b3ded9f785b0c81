import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WindowedQueries } from './support/windowed-query.ts';

const seed = Number(process.env.MILLRACE_SEED ?? 20260103);
const lateness = 25_000_000n;
const definitions = 'ts TIMESTAMP, k BIGINT, g INTEGER, s VARCHAR, d DOUBLE, v DOUBLE NOT NULL, b BIGINT, z VARCHAR';

/** Three stretches of rows with gaps of an hour and more between, in disorder. */
function table(): string {
  const n = (salt: number) => `(hash(i * 31 + ${salt + seed}) >> 8)`;
  const nullable = (salt: number, expression: string, percent: number) =>
    `CASE WHEN ${n(salt)} % 100 < ${percent} THEN NULL ELSE ${expression} END`;
  return `SELECT
    ${nullable(1, `TIMESTAMP '2025-01-01 00:00:00' + to_microseconds((i * 20000 + (i // 3000) * 4000000000 - (${n(2)} % 24000000))::BIGINT)`, 1)},
    ${nullable(3, `(${n(4)} % 50)::BIGINT - 3`, 10)},
    (i // 40)::INTEGER,
    ${nullable(5, `['', 'a', 'é', 'x' || (${n(6)} % 30)::VARCHAR][1 + (${n(7)} % 4)::INTEGER]`, 10)},
    ${nullable(8, `CASE ${n(9)} % 20 WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN '-0.0'::DOUBLE ELSE (${n(10)} % 1000)::DOUBLE / 8 - 60 END`, 10)},
    (${n(11)} % 100000)::DOUBLE / 8,
    ${nullable(12, `CASE ${n(13)} % 9 WHEN 0 THEN 9223372036854775807 ELSE (${n(14)} % 1000)::BIGINT - 500 END`, 10)},
    ${nullable(15, `'n' || (${n(16)} % 500)::VARCHAR`, 40)}
  FROM range(9003) t(i)`;
}

const hop = (slide: string, size: string, list: string, keys: string) =>
  `SELECT window_start, window_end, ${list} FROM hop(t, ts, INTERVAL '${slide}', INTERVAL '${size}') GROUP BY window_start, window_end${keys}`;

const queries: Record<string, string> = {
  'two slices': hop('10 seconds', '20 seconds', 'k, count(*), sum(v), min(d), max(d)', ', k'),
  'sixty slices': hop('1 second', '1 minute', 'k, count(*), sum(b), min(z), max(d)', ', k'),
  'no key': hop('5 seconds', '1 minute', 'count(*), avg(v), min(z), max(s)', ''),
  'keys that come and go': hop('5 seconds', '30 seconds', 'g, count(*), sum(v), min(b), max(z)', ', g'),
  'string keys': hop('2 seconds', '20 seconds', 's, k, count(*), stddev(v), first(z), last(b), arg_max(z, v)', ', s, k'),
  'slices shorter than the disorder': hop('100 milliseconds', '1 second', 's, count(*), max(v)', ', s'),
  'a window longer than a gap': hop('10 minutes', '2 hours', 'k, count(*), min(d)', ', k'),
  'a size of two and a half slides': hop('4 seconds', '10 seconds', 'k, count(*), sum(v), min(z)', ', k'),
  'rows, a size of one and a half slides':
    "SELECT window_start, ts, k FROM hop(t, ts, INTERVAL '20 seconds', INTERVAL '30 seconds') WHERE k = 3",
  cascade: `WITH a AS (${hop('5 seconds', '30 seconds', 'k, count(*) AS n', ', k')}) SELECT window_start, sum(n), max(n) FROM hop(a, window_start, INTERVAL '30 seconds', INTERVAL '90 seconds') GROUP BY window_start, window_end`,
};

describe('hop windows in slices agree with DuckDB', () => {
  let stream: WindowedQueries;
  beforeAll(async () => {
    stream = await WindowedQueries.create(definitions, table());
  });
  afterAll(async () => {
    await stream.close();
  });
  for (const [name, body] of Object.entries(queries)) {
    for (const batchRows of name === 'string keys' ? [1, 7, 8192] : [500]) {
      it(`${name}, batches of ${batchRows}`, async () => {
        expect(await stream.compare(body, { batchRows, lateness })).toEqual([]);
      });
    }
  }
});
