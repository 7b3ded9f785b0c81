import { afterAll, describe, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { checkRegression, type Regression } from './check-regression.ts';

const kept = "state_ttl = '30000 d'";
const growing = (frame: string, order = 'ts, n') => `OVER (PARTITION BY k ORDER BY ${order} ${frame})`;
const rows = 'ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW';
const before = 'ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING';
const range = "RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL '3 seconds' PRECEDING";
const numbered = `SELECT TIMESTAMP '2025-01-01' + to_seconds(arrival::INTEGER) AS ts, arrival AS n, arrival % 3 AS k,
  CASE WHEN arrival % 7 <> 6 THEN 's' || arrival END AS x, arrival FROM range(60) r(arrival)`;
const engines = [1, 3].map((lanes) => ({ lanes, partitions: 1, batchRows: 7, pauseEvery: 15, cuts: [1500] }));

const someTimeless = (
  rows: number,
) => `SELECT CASE WHEN arrival % 5 <> 3 AND arrival > 4 THEN TIMESTAMP '2025-01-01' + to_seconds((arrival * 3)::INTEGER) END AS ts,
  arrival AS n, arrival % 3 AS k, arrival FROM range(${rows}) r(arrival)`;

/** Frames by offsets, each with all their bounds, ordered by a time that can be NULL. */
function aroundNulls(way: string): string {
  const hours = (count: number, kind: string) => `INTERVAL '${count} hours' ${kind}`;
  const bounds = [
    ['UNBOUNDED PRECEDING', hours(3, 'PRECEDING')],
    ['UNBOUNDED PRECEDING', hours(3, 'FOLLOWING')],
    [hours(3, 'PRECEDING'), 'UNBOUNDED FOLLOWING'],
    [hours(90, 'FOLLOWING'), 'UNBOUNDED FOLLOWING'],
    [hours(9, 'PRECEDING'), hours(3, 'PRECEDING')],
    [hours(3, 'FOLLOWING'), hours(9, 'FOLLOWING')],
  ];
  const columns = bounds.map(
    ([from, to], i) => `count(*) OVER (PARTITION BY window_start ORDER BY x ${way} RANGE BETWEEN ${from} AND ${to}) AS c${i}`,
  );
  return `SELECT n, ${columns.join(', ')} FROM tumble(t, ts, INTERVAL '1 minute')`;
}

/** Without NaN: DuckDB's own window fails where one leaves the frame. */
const values = `SELECT TIMESTAMP '2025-01-01' + to_seconds((arrival + arrival * 7 % 5)::INTEGER) AS ts, arrival AS n, arrival % 2 AS k,
  CASE WHEN arrival % 11 = 3 THEN NULL WHEN arrival % 31 = 4 THEN '-inf'::DOUBLE ELSE arrival * 37 % 50 / 8 - 2 END AS x,
  (arrival * 37 % 50)::INTEGER AS i, DATE '2025-01-01' + (arrival * 37 % 50)::INTEGER AS d, (arrival * 37 % 50 / 8)::FLOAT AS f, arrival FROM range(240) r(arrival)`;
const quantiles = (frame: string, partition = 'k') =>
  `median(x) ${frame} AS a, quantile_cont(x, 0.9) FILTER (i > 9) ${frame} AS b, quantile_disc(i, [0.1, 0.5, 1.0]) ${frame} AS c,
    median(d) ${frame} AS e, quantile_cont(f, 0.25) ${frame} AS g, median(i % 7) ${frame} AS h, count(x) ${frame} AS l, ${partition} AS p`;
const moving = (frame: string) => quantiles(`OVER (PARTITION BY k ORDER BY ts, n ${frame})`);

const regressions: Readonly<Record<string, Regression>> = {
  'quantiles of frames that move on': {
    columns: { ts: 'TIMESTAMP', n: 'BIGINT', k: 'BIGINT', x: 'DOUBLE', i: 'INTEGER', d: 'DATE', f: 'FLOAT' },
    views: {
      rows: `SELECT ts, n, ${moving('ROWS 30 PRECEDING')} FROM t`,
      before: `SELECT ts, n, ${moving('ROWS BETWEEN 40 PRECEDING AND 15 PRECEDING')} FROM t`,
      range: `SELECT ts, n, ${quantiles("OVER (PARTITION BY k ORDER BY ts RANGE INTERVAL '50 seconds' PRECEDING)")} FROM t`,
      windows: `SELECT window_start, n, ${quantiles('OVER (PARTITION BY window_start ORDER BY n ROWS BETWEEN 20 PRECEDING AND 5 FOLLOWING)', 'window_start')}
        FROM tumble(t, ts, INTERVAL '1 minute')`,
      changes: [
        `SELECT n, ${quantiles('OVER (PARTITION BY k ORDER BY i, n ROWS BETWEEN 9 PRECEDING AND 9 FOLLOWING)')} FROM t`,
        `emit = changes, ${kept}`,
      ],
    },
    rows: { t: values },
    engines: [1, 3].map((lanes) => ({ lanes, partitions: 1, batchRows: 7, pauseEvery: 15, cuts: [1500] })),
  },
  'the n-th row of a frame that only grows is remembered': {
    columns: { ts: 'TIMESTAMP', n: 'BIGINT', k: 'BIGINT', x: 'VARCHAR' },
    views: {
      v: [
        `SELECT ts, n, nth_value(x, 1) ${growing(rows)} AS a, nth_value(x, 3) ${growing(rows)} AS b, nth_value(n, 5) ${growing(before)} AS c,
          count(*) ${growing(rows)} AS d, nth_value(x, 3 IGNORE NULLS) ${growing(rows)} AS e FROM t`,
        kept,
      ],
      r: [`SELECT ts, n, nth_value(x, 3) ${growing(range, 'ts')} AS a, first_value(n) ${growing(range, 'ts')} AS b FROM t`, kept],
    },
    rows: { t: numbered },
    engines,
  },
  "rows without a finite time are in each other's frames, also in such that end before the row": {
    columns: { ts: 'TIMESTAMP', n: 'BIGINT', k: 'BIGINT' },
    views: {
      v: `SELECT ts, n, count(*) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '3 hours' PRECEDING AND INTERVAL '1 second' PRECEDING) AS a,
        sum(n) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '3 hours' PRECEDING AND INTERVAL '0 seconds' PRECEDING) AS b FROM t`,
      r: [`SELECT ts, n, count(*) ${growing(range, 'ts')} AS a FROM t`, kept],
    },
    rows: {
      t: `SELECT CASE WHEN arrival % 10 = 1 THEN TIMESTAMP 'infinity' WHEN arrival % 10 <> 4
          THEN TIMESTAMP '2025-01-01' + to_seconds((arrival // 3)::INTEGER) END AS ts,
        arrival AS n, arrival % 3 AS k, arrival FROM range(90) r(arrival)`,
    },
    engines,
  },
  'bounds of frames around NULLs': {
    columns: { ts: 'TIMESTAMP', n: 'BIGINT', k: 'BIGINT', x: 'TIMESTAMP' },
    views: {
      grown: [
        `SELECT n, count(*) ${growing(range, 'ts')} AS a, min(n) ${growing(range, 'ts')} AS b, min(7) ${growing(range, 'ts')} AS c FROM t`,
        kept,
      ],
      ...Object.fromEntries(
        ['ASC NULLS LAST', 'ASC NULLS FIRST', 'DESC NULLS LAST', 'DESC NULLS FIRST'].map((way, i) => [`frames${i}`, aroundNulls(way)]),
      ),
    },
    rows: {
      t: `SELECT CASE WHEN arrival % 5 <> 3 THEN TIMESTAMP '2025-01-01' + to_seconds((arrival * 3)::INTEGER) END AS ts, arrival AS n, arrival % 3 AS k,
        CASE WHEN arrival % 4 <> 1 THEN TIMESTAMP '2025-01-01' + to_hours((arrival * 7 % 40)::INTEGER) END AS x, arrival FROM range(80) r(arrival)`,
    },
    engines,
  },
  'rows of windows by their end are there after a restart': {
    columns: { ts: 'TIMESTAMP', n: 'BIGINT', k: 'BIGINT' },
    views: {
      whole: `SELECT n, count(*) OVER (PARTITION BY window_end ORDER BY n ROWS BETWEEN 30 PRECEDING AND 5 PRECEDING) AS a FROM tumble(t, ts, INTERVAL '1 minute')`,
      moving: `SELECT n, count(*) OVER (PARTITION BY k ORDER BY window_end RANGE BETWEEN INTERVAL '2 minutes' PRECEDING AND CURRENT ROW) AS a FROM tumble(t, ts, INTERVAL '1 minute')`,
    },
    rows: { t: someTimeless(150) },
    engines: [1, 3].map((lanes) => ({ lanes, partitions: 1, batchRows: 100, pauseEvery: 35, cuts: [2500] })),
  },
  'rows without a time that wait for the end are there after a restart': {
    columns: { ts: 'TIMESTAMP', n: 'BIGINT', k: 'BIGINT' },
    views: {
      moving: `SELECT n, count(*) OVER (PARTITION BY k ORDER BY ts RANGE BETWEEN INTERVAL '1 minute' PRECEDING AND CURRENT ROW) AS a FROM t`,
      hours: `SELECT n, count(*) OVER (PARTITION BY date_trunc('minute', ts) ORDER BY n ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING) AS a FROM t`,
      grouped: `SELECT date_trunc('minute', ts) AS m, count(*) AS c, min(n) AS a, max(n) AS b FROM t GROUP BY m`,
      one: `SELECT DISTINCT date_trunc('minute', ts) AS m, k FROM t`,
    },
    rows: { t: someTimeless(150) },
    engines: [1, 3].flatMap((lanes) => [
      { lanes, partitions: 1, batchRows: 7, pauseEvery: 35, cuts: [2500] },
      { lanes, partitions: 2, batchRows: 1, pauseEvery: 3, cuts: [1200, 700, 2500] },
    ]),
  },
  'a constant by the order of other columns': {
    columns: { ts: 'TIMESTAMP', n: 'BIGINT', k: 'BIGINT' },
    views: {
      v: `SELECT window_start, last(true ORDER BY n DESC) AS a, first('s' ORDER BY n) AS b, last(7::HUGEINT ORDER BY n) FILTER (WHERE n > 30) AS c,
        first(NULL::BIGINT ORDER BY n) AS d, sum(DISTINCT 5) AS e, arg_max(3, n ORDER BY k) AS f
        FROM tumble(t, ts, INTERVAL '10 seconds') GROUP BY window_start`,
    },
    rows: {
      t: `SELECT TIMESTAMP '2025-01-01' + to_seconds(arrival::INTEGER) AS ts, arrival AS n, arrival % 3 AS k, arrival FROM range(60) r(arrival)`,
    },
    engines,
  },
};

describe('what random windows found', () => {
  const compiler = new Compiler({ cacheDirectory: null });
  afterAll(() => compiler.close());
  for (const [name, regression] of Object.entries(regressions)) it(name, () => checkRegression(compiler, regression), 60_000);
});
