import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JoinedQueries } from './support/joined-query.ts';
import { overColumns, overRows } from './support/over-rows.ts';

const kept = "state_ttl = '10 d'";
const changes = `emit = changes, ${kept}`;
const byTime = 'PARTITION BY k ORDER BY ts, uid';
const inWindow = 'PARTITION BY window_start, k ORDER BY d DESC, uid';
const tumble = "tumble(t, ts, INTERVAL '10 seconds')";

/** Name, query, options of the view. */
const inTime: readonly (readonly [string, string, string?])[] = [
  [
    'the last ten rows',
    `SELECT uid, count(*) OVER w, sum(v) OVER w, avg(v) OVER w, stddev(c) OVER w, min(d) OVER w, max(z) OVER w, array_agg(i) OVER w, string_agg(z, '-') OVER w FROM t WINDOW w AS (${byTime} ROWS 10 PRECEDING)`,
  ],
  [
    'the last hundred rows',
    `SELECT uid, count(d) OVER w, sum(i) OVER w, avg(b) OVER w, stddev(c) OVER w, min(z) OVER w, max(d) OVER w, sum(p) OVER w, bool_and(o) OVER w, median(v) OVER w, count(DISTINCT z) OVER w FROM t WINDOW w AS (${byTime} ROWS 100 PRECEDING)`,
  ],
  [
    'rows that end before the one at hand',
    `SELECT uid, count(*) OVER w, sum(i) OVER w, var_pop(v) OVER w, first_value(z) OVER w, last_value(i) OVER w, min(d) FILTER (WHERE o) OVER w, first_value(i IGNORE NULLS) OVER w, last_value(z IGNORE NULLS) OVER w, nth_value(i, 3) OVER w FROM t WINDOW w AS (PARTITION BY k, s ORDER BY ts, uid ROWS BETWEEN 40 PRECEDING AND 3 PRECEDING)`,
  ],
  [
    'ten seconds, equal times together',
    `SELECT uid, count(*) OVER w, sum(v) OVER w, stddev_pop(c) OVER w, min(v) OVER w, max(z) OVER w, corr(v, i) OVER w, bool_or(o) OVER w FROM t WINDOW w AS (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '10 seconds' PRECEDING AND CURRENT ROW)`,
  ],
  [
    'seconds that end before the row, without keys',
    `SELECT uid, count(*) OVER w, sum(v) OVER w, var_samp(c) OVER w FROM t WINDOW w AS (ORDER BY ts RANGE BETWEEN INTERVAL '7 seconds' PRECEDING AND INTERVAL '2 seconds' PRECEDING)`,
  ],
  [
    'running',
    `SELECT uid, count(*) OVER w, sum(v) OVER w, max(i) OVER w, avg(p) OVER w, row_number() OVER w, lag(i) OVER w, lag(z, 3, 'none') OVER w, first_value(z) OVER w, last_value(z) OVER w, last_value(i IGNORE NULLS) OVER w, first_value(i IGNORE NULLS) OVER w FROM t WINDOW w AS (${byTime} ROWS UNBOUNDED PRECEDING)`,
    kept,
  ],
  [
    'ranks',
    'SELECT uid, rank() OVER w, dense_rank() OVER w, sum(i) OVER w, count(*) OVER w FROM t WINDOW w AS (PARTITION BY k ORDER BY ts)',
    kept,
  ],
  [
    'several windows',
    `SELECT uid, sum(i) OVER (${byTime} ROWS 5 PRECEDING), sum(i) OVER (PARTITION BY s ORDER BY ts RANGE INTERVAL '5 seconds' PRECEDING), count(*) OVER (ORDER BY ts RANGE INTERVAL '1 second' PRECEDING), max(z) OVER (${byTime} ROWS 30 PRECEDING) FROM t`,
  ],
  [
    'ties broken by further keys',
    'SELECT uid, sum(i) OVER w, first_value(uid) OVER w FROM t WINDOW w AS (PARTITION BY k ORDER BY ts, d DESC, z NULLS FIRST, uid ROWS 7 PRECEDING)',
  ],
  [
    'z-score',
    `SELECT ts, k, uid, (c - avg(c) OVER w) / nullif(stddev_samp(c) OVER w, 0) AS score FROM t WHERE o WINDOW w AS (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '1 minute' PRECEDING AND CURRENT ROW)`,
  ],
  [
    'the first of each kind',
    'SELECT ts, k, z, uid FROM (SELECT *, row_number() OVER (PARTITION BY k, s, z ORDER BY ts, uid) AS rn FROM t) WHERE rn = 1',
    kept,
  ],
  [
    'windows over the rows of a window',
    `SELECT ts, k, sum(n) OVER a, sum(bad) OVER b FROM (SELECT window_end AS ts, k, count(*) AS n, count(*) FILTER (WHERE o) AS bad FROM ${tumble} GROUP BY window_start, window_end, k) WINDOW a AS (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '30 seconds' PRECEDING AND CURRENT ROW), b AS (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '2 minutes' PRECEDING AND CURRENT ROW)`,
  ],
];

const whole: typeof inTime = [
  [
    'every function',
    `SELECT window_start, k, uid, row_number() OVER w, sum(i) OVER (${inWindow} ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING), lead(z) OVER w, lag(i, 2) OVER w, lead(i IGNORE NULLS) OVER w, ntile(3) OVER w, percent_rank() OVER p, cume_dist() OVER p, avg(v) OVER (PARTITION BY window_start, k), max(z) OVER (${inWindow} ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING), list(i) OVER (${inWindow} ROWS BETWEEN 3 PRECEDING AND 2 FOLLOWING) FROM ${tumble} WINDOW w AS (${inWindow}), p AS (PARTITION BY window_start, k ORDER BY d DESC)`,
  ],
  [
    'frames of numbers',
    `SELECT window_start, uid, sum(i) OVER (PARTITION BY window_start ORDER BY d RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING), count(*) OVER (PARTITION BY window_start ORDER BY i DESC NULLS FIRST RANGE BETWEEN 20 PRECEDING AND 10 FOLLOWING) FROM ${tumble} WHERE d IS NULL OR d < 1e9`,
  ],
  [
    'the best of each window',
    `SELECT * FROM (SELECT window_start, k, s, sum(i) AS total, row_number() OVER (PARTITION BY window_start, k ORDER BY sum(i) DESC, s) AS rn FROM ${tumble} GROUP BY window_start, window_end, k, s) WHERE rn <= 2`,
  ],
];

const changing: typeof inTime = [
  [
    'windows, every twenty seconds',
    `SELECT window_start, uid, sum(i) OVER w FROM ${tumble} WINDOW w AS (${inWindow})`,
    "emit_early_every = '20 s'",
  ],
  [
    'windows, before they are final',
    `SELECT window_start, uid, sum(i) OVER w, lead(z) OVER w FROM ${tumble} WINDOW w AS (${inWindow})`,
    'emit = changes',
  ],
  [
    'the best four',
    'SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY k ORDER BY v DESC, uid) AS rn FROM t) WHERE rn <= 4',
    changes,
  ],
  ['the best one', 'SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY k, s ORDER BY d, uid) AS rn FROM t) WHERE rn = 1', changes],
  ['ranks below four', 'SELECT * FROM (SELECT uid, k, i, rank() OVER (PARTITION BY k ORDER BY i DESC) AS rn FROM t) WHERE rn < 4', changes],
  [
    'two dense ranks',
    'SELECT * FROM (SELECT uid, k, i, dense_rank() OVER (PARTITION BY k ORDER BY i DESC) AS rn FROM t) WHERE rn <= 2',
    changes,
  ],
  ['the latest two', 'SELECT ts, k, uid FROM t QUALIFY row_number() OVER (PARTITION BY k ORDER BY ts DESC, uid DESC) <= 2', changes],
  [
    'averages over a best one that changes',
    `SELECT k, uid, avg(v) OVER (PARTITION BY k ORDER BY ts, uid ROWS BETWEEN 10 PRECEDING AND CURRENT ROW) AS a FROM (SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY k, z ORDER BY v DESC, uid) AS rn FROM t) WHERE rn = 1)`,
    changes,
  ],
  [
    'whole partitions',
    'SELECT uid, sum(i) OVER (PARTITION BY k ORDER BY v, uid), lead(z, 2) OVER (PARTITION BY k ORDER BY v, uid), max(p) OVER (PARTITION BY k) FROM t WHERE uid < 400',
    changes,
  ],
];

/** Rows without a time come after all others; infinite times are times. */
const timeless: typeof inTime = [
  ['the last ten rows', 'SELECT uid, sum(v) OVER (PARTITION BY k ORDER BY ts, uid ROWS 10 PRECEDING) FROM t'],
  ['a second', "SELECT uid, sum(v) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '1 second' PRECEDING AND CURRENT ROW) FROM t"],
];

describe('OVER of rows without a time agrees with DuckDB', () => {
  let queries: JoinedQueries;
  beforeAll(async () => {
    const time =
      "CASE WHEN i % 50 = 0 THEN NULL WHEN i % 333 = 1 THEN 'infinity'::TIMESTAMP ELSE TIMESTAMP '2025-01-01' + to_milliseconds(i * 10) END";
    const columns = 'ts TIMESTAMP, k BIGINT, v INTEGER, uid BIGINT NOT NULL';
    queries = await JoinedQueries.create({ t: { columns, rows: `SELECT ${time}, i % 5, i % 100, i FROM range(1000) r(i)` } });
  });
  afterAll(async () => {
    await queries.close();
  });
  for (const [name, body] of timeless) {
    it(name, { timeout: 60_000 }, async () => {
      expect(await queries.compare(body, { seed: 1, batchRows: 7 }, { seed: 2, batchRows: 500 })).toEqual([]);
    });
  }
});

describe('OVER agrees with DuckDB', () => {
  let queries: JoinedQueries;
  beforeAll(async () => {
    queries = await JoinedQueries.create({ t: { columns: overColumns, rows: overRows(2503) } });
  });
  afterAll(async () => {
    await queries.close();
  });
  for (const [kind, list] of Object.entries({ 'in time': inTime, 'whole partitions': whole, changing })) {
    for (const [name, body, options] of list) {
      it(`${kind}: ${name}`, { timeout: 60_000 }, async () => {
        const view = options === undefined ? {} : { options };
        const feeds = [700, 8192, 9].map((batchRows, seed) => ({ seed, batchRows, ...view }));
        expect(await queries.compare(body, ...feeds)).toEqual([]);
      });
    }
  }
});
