import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WindowedQueries } from './support/windowed-query.ts';

const rows = 9_003;
/** Rows come up to 25 s behind the largest time before them. */
const lateness = 25_000_000n;
const definitions =
  'ts TIMESTAMP NOT NULL, k BIGINT, g INTEGER NOT NULL, s VARCHAR, d DOUBLE, v DOUBLE NOT NULL, b BIGINT, h HUGEINT, p DECIMAL(9,2), o BOOLEAN';

function table(): string {
  const n = (salt: number) => `(hash(i * 31 + ${salt}) >> 8)`;
  const nullable = (salt: number, expression: string) => `CASE WHEN ${n(salt)} % 10 = 0 THEN NULL ELSE ${expression} END`;
  return `SELECT
    TIMESTAMP '2025-01-01 00:00:00' + to_microseconds((i * 20000 - (${n(2)} % 24000000))::BIGINT),
    ${nullable(3, `(${n(4)} % 7)::BIGINT - 3`)},
    (${n(5)} % 40)::INTEGER,
    ${nullable(6, `['', 'a', 'é', 'x' || (${n(7)} % 30)::VARCHAR][1 + (${n(8)} % 4)::INTEGER]`)},
    ${nullable(9, `CASE ${n(10)} % 200 WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN 'infinity'::DOUBLE ELSE (${n(11)} % 1000)::DOUBLE / 7 END`)},
    (${n(12)} % 100000)::DOUBLE / 7 - 5000,
    ${nullable(13, `CASE ${n(14)} % 9 WHEN 0 THEN 9223372036854775807 WHEN 1 THEN -9223372036854775808 ELSE (${n(15)} % 1000)::BIGINT - 500 END`)},
    ${nullable(16, `(${n(17)} % 100000)::HUGEINT * 1000000000000000000000 - 5`)},
    ${nullable(18, `((${n(19)} % 200000)::INTEGER - 100000)::DECIMAL(18,0)::DECIMAL(18,2) / 100`)},
    ${nullable(20, `${n(21)} % 3 = 0`)}
  FROM range(${rows}) r(i)`;
}

const ttl = "emit = changes, state_ttl = '1 d'";
const changes = 'emit = changes';
const early = "emit_early_every = '7 s'";

/** Counted per key, and then by count: rows of the lower aggregate are taken back from the upper. */
const cascade = (select: string, rest = '', lower = 'count(*) AS n, max(g) AS m, avg(v) AS a, min(s) AS t') =>
  `SELECT ${select} FROM (SELECT g % 13 AS q, k, ${lower} FROM t GROUP BY q, k)${rest}`;

const queries: readonly (readonly [string, string, string])[] = [
  ['group by', ttl, 'SELECT k, s, count(*), sum(v), min(d), max(s), avg(p), count(o) FROM t GROUP BY k, s'],
  ['one group', changes, 'SELECT count(*), sum(b), avg(v), min(s), max(h), stddev(v), first(g) IS NULL, bool_or(o) FROM t'],
  ['one group of no rows', changes, 'SELECT count(*), count(k), sum(b), avg(v), min(s), bool_and(o), arg_max(s, v) FROM t WHERE g > 1000'],
  ['having', ttl, 'SELECT k, count(*) AS n, sum(g) FROM t GROUP BY k HAVING count(*) % 3 = 1 OR sum(g) % 2 = 0'],
  ['projected', ttl, "SELECT k + 1 AS x, 'n' || n AS y FROM (SELECT k, count(*) AS n FROM t WHERE g < 20 GROUP BY k) WHERE k <> 1"],
  [
    'window',
    changes,
    "SELECT window_start, window_end, k, count(*), sum(v), max(s) FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, k",
  ],
  [
    'hopping window',
    changes,
    "SELECT window_end, k, count(*), min(v) FROM hop(t, ts, INTERVAL '5 seconds', INTERVAL '20 seconds') GROUP BY window_start, window_end, k",
  ],
  [
    'window, early',
    early,
    "SELECT window_start, k, count(*), sum(v), max(s) FROM tumble(t, ts, INTERVAL '30 seconds') GROUP BY window_start, window_end, k",
  ],
  ['bucket, early', early, "SELECT date_trunc('minute', ts) AS m, s, count(*), sum(d) FROM t GROUP BY m, s"],
  ['group by, early', `${ttl}, ${early}`, 'SELECT k, count(*), sum(v) FROM t GROUP BY k'],
  ['exact sums of what changes', ttl, cascade('n % 7 AS r, count(*), sum(n), sum(m), avg(n), sum(k), min(n) + 0', ' GROUP BY r')],
  ['sums of doubles that change', ttl, cascade('k, sum(a), avg(a), count(a)', ' GROUP BY k')],
  ['extremes of what changes', ttl, cascade('k, min(n), max(n), max(a), min(t), max(t), count(*)', ' GROUP BY k')],
  [
    'other aggregates of what changes',
    ttl,
    cascade('k, stddev(n), bool_and(n > 5), arg_max(q, n * 100 + q), median(n), count(DISTINCT m)', ' GROUP BY k'),
  ],
  [
    'filters over what changes',
    ttl,
    cascade('k, sum(n) FILTER (WHERE m > 30), max(q) FILTER (WHERE n > 90), count(*) FILTER (WHERE q < 5)', ' GROUP BY k'),
  ],
  ['special values that change', ttl, cascade('q % 3 AS r, sum(x), avg(x), count(*)', ' GROUP BY r', 'max(d) AS x')],
  [
    'hugeints and decimals that change',
    ttl,
    cascade('q % 3 AS r, sum(x), sum(y), sum(z)', ' GROUP BY r', 'max(h) AS x, max(p) AS y, min(b) AS z'),
  ],
  ['groups that disappear', ttl, cascade('n, count(*), min(k)', ' GROUP BY n')],
  ['one group of what changes', ttl, cascade('count(*), sum(n), max(t), avg(a)')],
  ['three levels', ttl, `SELECT c, count(*), sum(r) FROM (${cascade('n % 7 AS r, count(*) AS c', ' GROUP BY r')}) GROUP BY c`],
  ['distinct', ttl, 'SELECT DISTINCT k, s FROM t'],
  ['distinct with a time', changes, "SELECT DISTINCT date_trunc('minute', ts) AS m, k FROM t"],
  ['distinct of what changes', ttl, `SELECT DISTINCT n, m FROM (${cascade('n, m')})`],
  ['union of what changes', ttl, 'SELECT k, count(*) AS n FROM t GROUP BY k UNION ALL SELECT g, sum(b) FROM t GROUP BY g'],
  ['union', ttl, 'SELECT k FROM t UNION SELECT g FROM t'],
  ['rows beside what changes', ttl, 'SELECT k, 1 AS n FROM t WHERE g = 3 UNION ALL SELECT k, count(*) FROM t GROUP BY k'],
  [
    'window over early windows',
    early,
    `WITH a AS (SELECT window_start AS w, k, count(*) AS n, max(v) AS m FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, k)
    SELECT window_start, sum(n), max(m), count(*) FROM tumble(a, w, INTERVAL '1 minute') GROUP BY window_start, window_end`,
  ],
];

describe('results that change agree with DuckDB when folded', () => {
  let made: WindowedQueries;

  beforeAll(async () => {
    made = await WindowedQueries.create(definitions, table());
  });
  afterAll(async () => await made.close());

  for (const [name, options, body] of queries) {
    for (const batchRows of [700, 8192]) {
      it(`${name}, batches of ${batchRows}`, async () => {
        expect(await made.compareChanges(body, options, { batchRows, lateness })).toEqual([]);
      });
    }
  }
});
