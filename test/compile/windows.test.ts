import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WindowedQueries } from './support/windowed-query.ts';

const seed = Number(process.env.MILLRACE_SEED ?? 20260101);
const rows = 9_003;
/** Rows come up to 25 s behind the largest time before them. */
const lateness = 25_000_000n;

const definitions = `ts TIMESTAMP, k BIGINT, g INTEGER, s VARCHAR NOT NULL, d DOUBLE, f FLOAT, v DOUBLE NOT NULL, i INTEGER, b BIGINT, u UBIGINT, h HUGEINT, p DECIMAL(9,2), w DECIMAL(30,4), z VARCHAR, o BOOLEAN, t2 TIMESTAMP, y DATE, q SMALLINT, m TINYINT`;

/** Deterministic noise: nulls, disorder, extremes, NaN, both zeros, odd strings. */
function table(): string {
  const n = (salt: number) => `(hash(i * 31 + ${salt + seed}) >> 8)`;
  const nullable = (salt: number, expression: string, percent: number) =>
    `CASE WHEN ${n(salt)} % 100 < ${percent} THEN NULL ELSE ${expression} END`;
  return `SELECT
    ${nullable(1, `TIMESTAMP '2025-01-01 00:00:00' + to_microseconds((i * 20000 - (${n(2)} % 24000000))::BIGINT)`, 1)},
    ${nullable(3, `(${n(4)} % 7)::BIGINT - 3`, 10)},
    (${n(5)} % 40)::INTEGER,
    ['', 'a', 'ab', 'é', '日本', 'x' || (${n(6)} % 30)::VARCHAR][1 + (${n(7)} % 6)::INTEGER],
    ${nullable(8, `CASE WHEN ${n(9)} % 20 = 0 THEN 'nan'::DOUBLE WHEN ${n(9)} % 20 = 1 THEN '-0.0'::DOUBLE WHEN ${n(9)} % 20 = 2 THEN 0.0 ELSE (${n(10)} % 1000)::DOUBLE / 8 - 60 END`, 10)},
    ${nullable(11, `((${n(12)} % 9)::FLOAT - 4)`, 50)},
    (${n(13)} % 100000)::DOUBLE / 7,
    ${nullable(14, `CASE ${n(15)} % 50 WHEN 0 THEN 2147483647 WHEN 1 THEN -2147483648 ELSE (${n(16)} % 1000)::INTEGER - 500 END`, 20)},
    ${nullable(17, `CASE ${n(18)} % 9 WHEN 0 THEN 9223372036854775807 WHEN 1 THEN -9223372036854775808 ELSE (${n(19)} % 1000)::BIGINT - 500 END`, 10)},
    (CASE ${n(20)} % 9 WHEN 0 THEN 18446744073709551615 ELSE ${n(21)} % 1000 END)::UBIGINT,
    ${nullable(22, `(${n(23)} % 100000)::HUGEINT * 1000000000000000000000 - 5`, 10)},
    ${nullable(24, `((${n(25)} % 200000)::INTEGER - 100000)::DECIMAL(18,0)::DECIMAL(18,2) / 100`, 10)},
    ((${n(26)} % 200000)::BIGINT - 100000)::DECIMAL(30,4) * 1234567890123456.0001,
    ${nullable(27, `['zeta', '', 'Alpha', 'ß', '👩‍👧', 'n' || (${n(28)} % 500)::VARCHAR][1 + (${n(29)} % 6)::INTEGER]`, 40)},
    ${nullable(30, `${n(31)} % 3 = 0`, 10)},
    ${nullable(32, `TIMESTAMP '1969-12-31 23:00:00' + to_seconds((${n(33)} % 7200)::INTEGER)`, 10)},
    DATE '2025-01-01' + (${n(34)} % 5)::INTEGER,
    ${nullable(35, `(${n(36)} % 5)::SMALLINT`, 100)},
    (${n(37)} % 3)::TINYINT
  FROM range(${rows}) r(i)`;
}

const tumble = (select: string, groups = '', where = '') =>
  `WITH f AS (SELECT * FROM t${where}) SELECT window_start, window_end${select} FROM tumble(f, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end${groups}`;
const hop = (select: string, groups = '') =>
  `SELECT window_start${select} FROM hop(t, ts, INTERVAL '5 seconds', INTERVAL '20 seconds') GROUP BY window_start, window_end${groups}`;

const numbers = ['d', 'f', 'v', 'i', 'b', 'u', 'h', 'p', 'w', 'q', 'm'];
const everything = ['ts', 'k', 'g', 's', 'd', 'f', 'v', 'i', 'b', 'u', 'h', 'p', 'w', 'z', 'o', 't2', 'y', 'q', 'm'];

const queries: Readonly<Record<string, string>> = {
  'count sum min max': tumble(', k, count(*), sum(v), min(v), max(v)', ', k', ' WHERE v > 10 AND g <> 2'),
  'no key': tumble(', count(*), sum(b), avg(d)'),
  'count of nullable': tumble(', g, count(d), count(q), count(z)', ', g'),
  sums: tumble(`, g, ${numbers.map((c) => `sum(${c})`).join(', ')}`, ', g', ' WHERE d IS NULL OR NOT isnan(d)'),
  averages: tumble(`, g, ${numbers.map((c) => `avg(${c})`).join(', ')}`, ', g', ' WHERE d IS NULL OR NOT isnan(d)'),
  minima: tumble(`, k, ${everything.map((c) => `min(${c})`).join(', ')}`, ', k'),
  maxima: tumble(`, k, ${everything.map((c) => `max(${c})`).join(', ')}`, ', k'),
  variance: tumble(', g, stddev(v), stddev_pop(i), var_samp(b), var_pop(v), variance(q)', ', g'),
  'first last any': tumble(
    `, k, ${['z', 'd', 'i', 'o', 'w', 's', 'm'].map((c) => `first(${c}), last(${c}), any_value(${c})`).join(', ')}`,
    ', k',
  ),
  arg: tumble(', k, arg_min(z, d), arg_max(s, v), arg_max(d, z), min_by(w, b), max_by(o, t2), arg_min(i, h), arg_max(m, s)', ', k'),
  bool: tumble(', g, bool_and(o), bool_or(o), count_if(o)', ', g'),
  filters: tumble(
    ', g, count(*) FILTER (WHERE o), sum(i) FILTER (WHERE d > 0), min(z) FILTER (WHERE k = 1), first(b) FILTER (WHERE NOT o), avg(v) FILTER (WHERE z IS NULL), max(h) FILTER (WHERE o)',
    ', g',
  ),
  'keys of every type': tumble(', k, d, s, f, z, o, q, m, count(*), sum(v)', ', k, d, s, f, z, o, q, m', ' WHERE g < 6'),
  'wide keys': tumble(', h, w, t2, count(*)', ', h, w, t2'),
  'decimal and date keys': tumble(', p, y, u, count(*), max(z)', ', p, y, u'),
  'float key': tumble(', d, count(*)', ', d'),
  'null filter': tumble(', count(*), sum(i)', '', ' WHERE (d < 5 OR z IS NULL) AND NOT (i > 100 AND o)'),
  'string filter': tumble(', s, count(*)', ', s', " WHERE s <> 'a' AND z = 'zeta'"),
  between: tumble(', count(*), min(b)', '', " WHERE b BETWEEN -100 AND 400 AND u >= 10 AND p < 500.25 AND y > DATE '2025-01-02'"),
  'float compare': tumble(', count(*), count(f)', '', ' WHERE d > 1.5 OR f <= -2'),
  expressions: tumble(', g % 3 AS r, sum(i::BIGINT + 1), max(v * 2), count(*) + 1', ', g % 3'),
  having: `SELECT window_start, k, n FROM (${tumble(', k, count(*) AS n, sum(v) AS total', ', k')}) WHERE n > 60 AND total > 400000`,
  hop: hop(', k, count(*), sum(b), min(z), max(d), avg(p), stddev(v)', ', k'),
  'hop order': hop(', g, first(i), last(z), any_value(d), arg_min(s, v), arg_max(z, i), min_by(b, m)', ', g'),
  'hop sums': hop(', g, sum(h), sum(w), sum(i), min(h), max(u), bool_or(o), count(*) FILTER (WHERE o)', ', g'),
  'hop rows': "SELECT window_start, window_end, ts, k, z FROM hop(t, ts, INTERVAL '10 seconds', INTERVAL '30 seconds') WHERE g = 3",
  'hop folded': hop(', g, count(*), min(epoch_us(ts) - epoch_us(window_start)), max(z)', ', g'),
  'tumble rows':
    "SELECT window_start, ts, k * 2, z, w, o FROM tumble(t, ts, INTERVAL '10 seconds') WHERE window_start > TIMESTAMP '2025-01-01 00:01:00' AND k > 0",
  'pass through': 'SELECT ts, k, z, h, w, o, f FROM t WHERE v < 5000',
  cascade: `WITH a AS (${tumble(', g, count(*) AS n, sum(v) AS total, max(z) AS top', ', g')}) SELECT window_start, g % 4, sum(n), max(total), min(top), count(*) FROM tumble(a, window_start, INTERVAL '1 minute') GROUP BY window_start, window_end, g % 4`,
  'cascade by end': `WITH a AS (${tumble(', g, count(*) AS n', ', g')}) SELECT window_start, sum(n) FROM hop(a, window_end, INTERVAL '20 seconds', INTERVAL '40 seconds') GROUP BY window_start, window_end`,
  'groups of windows': `SELECT window_start, count(*), max(n) FROM (${tumble(', g, count(*) AS n', ', g')}) GROUP BY window_start`,
  'groups of hop ends': `SELECT window_end, count(*), max(n) FROM (SELECT window_start, window_end, g, count(*) AS n FROM hop(t, ts, INTERVAL '5 seconds', INTERVAL '20 seconds') GROUP BY window_start, window_end, g) GROUP BY window_end`,
  'tiny windows': "SELECT window_start, count(*), max(z) FROM tumble(t, ts, INTERVAL '20 milliseconds') GROUP BY window_start, window_end",
};

describe('windowed queries agree with DuckDB', () => {
  let stream: WindowedQueries;
  beforeAll(async () => {
    stream = await WindowedQueries.create(definitions, table());
  });
  afterAll(async () => {
    await stream.close();
  });
  for (const [name, body] of Object.entries(queries)) {
    for (const batchRows of name === 'count sum min max' || name === 'hop order' ? [1, 7, 8192] : [1000]) {
      it(`${name}, batches of ${batchRows}`, async () => {
        expect(await stream.compare(body, { batchRows, lateness })).toEqual([]);
      });
    }
  }
});
