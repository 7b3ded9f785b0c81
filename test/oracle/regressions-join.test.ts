import { afterAll, describe, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { checkRegression, type Regression } from './check-regression.ts';

const seconds = (from: number, count: number) =>
  `SELECT TIMESTAMP '1970-01-01' + to_seconds((arrival - ${-from})::INTEGER) AS ts, arrival % 3 AS c, arrival FROM range(${count}) r(arrival)`;
const hop = (input: string) =>
  `SELECT window_start, window_end, c FROM hop(${input}, INTERVAL '20 seconds', INTERVAL '1 minute') GROUP BY window_start, window_end, c`;
const windows = (type: string, right: string) =>
  `SELECT l.window_end AS a, r.window_end AS b FROM (${hop('u, ts')}) AS l ${type} JOIN (${hop(right)}) AS r
    ON l.window_start = r.window_start AND l.window_end = r.window_end AND l.c = r.c`;

const regressions: Readonly<Record<string, Regression>> = {
  'an outer join of windows does not put out again after a restart what it put out before': {
    columns: { ts: 'TIMESTAMP', c: 'BIGINT' },
    views: {
      days: "SELECT window_end, c FROM tumble(t, ts, INTERVAL '1 day') GROUP BY window_end, c",
      outside: windows('LEFT', 't, ts'),
      everyone: windows('FULL', 't, ts'),
      overdays: windows('LEFT', 'days, window_end'),
    },
    rows: { t: seconds(-100, 400), u: seconds(-100, 400) },
    engines: [1, 3].map((lanes) => ({ lanes, partitions: 1, batchRows: 100, pauseEvery: 50, cuts: [3500, 1000] })),
  },
  'rows that have no partner by the end do not come again after it': {
    columns: { ts: 'TIMESTAMP', c: 'BIGINT' },
    views: {
      newest: 'SELECT l.ts AS a, r.ts AS b, l.c FROM t AS l ASOF LEFT JOIN u AS r ON l.c = r.c AND l.ts >= r.ts',
      near: "SELECT l.ts AS a, r.ts AS b FROM t AS l FULL JOIN u AS r ON l.c = r.c AND l.ts BETWEEN r.ts AND r.ts + INTERVAL '5 seconds'",
      alone: "SELECT l.ts, l.c FROM t AS l ANTI JOIN u AS r ON l.c = r.c AND l.ts BETWEEN r.ts AND r.ts + INTERVAL '5 seconds'",
    },
    rows: {
      t: seconds(0, 40),
      u: `SELECT * REPLACE (CASE WHEN arrival % 7 = 3 THEN NULL ELSE ts END AS ts) FROM (${seconds(-5, 30)})`,
    },
    engines: [1, 3].map((lanes) => ({ lanes, partitions: 2, batchRows: 10, pauseEvery: 10, cuts: [2500, 6000] })),
  },
  'rows of the left without a time are put out once, before a restart and after it': {
    columns: { ts: 'TIMESTAMP', c: 'BIGINT' },
    views: {
      days: "SELECT window_start, c FROM tumble(u, ts, INTERVAL '20 seconds') GROUP BY window_start, window_end, c",
      last: 'SELECT l.c, r.window_start FROM t AS l ASOF LEFT JOIN days AS r ON l.c = r.c AND l.ts >= r.window_start',
      newest: 'SELECT l.c, r.ts FROM t AS l ASOF LEFT JOIN u AS r ON l.c = r.c AND l.ts >= r.ts',
    },
    rows: {
      t: `SELECT * REPLACE (CASE arrival % 7 WHEN 3 THEN NULL WHEN 5 THEN TIMESTAMP 'infinity' ELSE ts END AS ts) FROM (${seconds(0, 60)})`,
      u: seconds(-5, 50),
    },
    engines: [1, 3].flatMap((lanes) => [
      { lanes, partitions: 1, batchRows: 1, pauseEvery: 12, cuts: [1500] },
      { lanes, partitions: 1, batchRows: 7, pauseEvery: 12, cuts: [2500, 1000] },
    ]),
  },
  'rows at infinity meet those that came after a restart': {
    columns: { ts: 'TIMESTAMP', c: 'BIGINT' },
    views: {
      pairs: `SELECT l.c AS a, r.c AS b FROM t AS l JOIN t AS r ON l.ts BETWEEN r.ts - INTERVAL '0 seconds' AND r.ts + INTERVAL '0 seconds'`,
      outside: `SELECT l.c AS a, r.c AS b FROM t AS l LEFT JOIN t AS r ON l.c = r.c AND l.ts BETWEEN r.ts AND r.ts + INTERVAL '5 seconds'`,
    },
    rows: {
      t: `SELECT CASE WHEN arrival % 13 = 5 THEN TIMESTAMP 'infinity' ELSE ts END AS ts, arrival % 5 AS c, arrival FROM (${seconds(0, 60)})`,
    },
    engines: [7, 20].map((pauseEvery) => ({ lanes: 1, partitions: 1, batchRows: 7, pauseEvery, cuts: [2500] })),
  },
};

describe('what random joins found', () => {
  const compiler = new Compiler({ cacheDirectory: null });
  afterAll(() => compiler.close());
  for (const [name, regression] of Object.entries(regressions)) it(name, () => checkRegression(compiler, regression), 60_000);
});
