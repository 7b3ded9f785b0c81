import { afterAll, describe, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { checkRegression, type Regression } from './check-regression.ts';

const changes = "emit = changes, state_ttl = '30000 d'";
const seconds = (count: number) =>
  `SELECT TIMESTAMP '2025-01-01' + to_seconds(arrival::INTEGER) AS ts, nullif(arrival % 3, 0) AS c, arrival FROM range(${count}) r(arrival)`;
const early = "emit_early_every = '1 s'";
const late = (count: number, apartMs: number) =>
  `SELECT TIMESTAMP '2025-01-01' + to_milliseconds((arrival * ${apartMs} - (arrival * 37) % 4000)::INTEGER) AS ts, nullif(arrival % 3, 0) AS c, arrival FROM range(${count}) r(arrival)`;
const cutEngines = [1, 3].flatMap((lanes) =>
  [[1200, 700, 2500], [2500]].map((cuts) => ({ lanes, partitions: 3, batchRows: 7, pauseEvery: 40, cuts })),
);
const engines = [1, 3].map((lanes) => ({ lanes, partitions: 1, batchRows: 10, pauseEvery: 50, cuts: [1500] }));

const regressions: Readonly<Record<string, Regression>> = {
  'rows of a full join that only one side has share no key': {
    columns: { ts: 'TIMESTAMP', c: 'BIGINT' },
    views: {
      one: ['SELECT count(*) AS n FROM t', changes],
      groups: ['SELECT c, count(*) AS n FROM t GROUP BY c', changes],
      ones: ['SELECT l.n AS a, r.n AS b FROM one AS l FULL JOIN one AS r ON l.n = r.n + 100', changes],
      many: ['SELECT l.c AS a, l.n AS b, r.c AS d, r.n AS e FROM groups AS l FULL JOIN groups AS r ON l.n = r.n + 100', changes],
    },
    rows: { t: seconds(100) },
    engines,
  },
  'the one row of an aggregate over no rows comes once': {
    columns: { ts: 'TIMESTAMP', c: 'BIGINT' },
    views: {
      one: ['SELECT count(*) AS n FROM u', changes],
      twice: ['SELECT n FROM one UNION ALL SELECT n FROM one', changes],
    },
    rows: { t: seconds(10) },
    engines: engines.map((engine) => ({ ...engine, cuts: [2500, 2500] })),
  },
  'early results that were due at a commit come after the restart': {
    columns: { ts: 'TIMESTAMP', c: 'BIGINT' },
    views: {
      hops: [
        "SELECT window_end, c, count(*) AS n FROM hop(t, ts, INTERVAL '250 milliseconds', INTERVAL '1 second') GROUP BY window_end, c",
        early,
      ],
      tumbles: [
        "SELECT window_start, count(*) AS n, sum(c) AS s FROM tumble(t, ts, INTERVAL '7 seconds') GROUP BY window_start, window_end",
        early,
      ],
      groups: ['SELECT c, count(*) AS n, max(ts) AS last FROM t GROUP BY c', `${early}, state_ttl = '30000 d'`],
      counts: ['SELECT c, count(*) AS n FROM t GROUP BY c', `${early}, state_ttl = '30000 d'`],
      one: ['SELECT count(*) AS n FROM t', early],
      twice: [
        "SELECT n, count(*) AS c FROM (SELECT window_end AS e, c, count(*) AS n FROM tumble(t, ts, INTERVAL '3 seconds') GROUP BY window_end, c) AS x GROUP BY n",
        `${early}, state_ttl = '30000 d'`,
      ],
      ranks: [
        "SELECT ts, c, row_number() OVER (PARTITION BY time_bucket(INTERVAL '3 seconds', ts), c ORDER BY ts DESC) AS r, lead(ts) OVER (PARTITION BY time_bucket(INTERVAL '3 seconds', ts), c ORDER BY ts) AS next FROM t",
        early,
      ],
      joined: [
        "SELECT a.c, count(*) AS n FROM t AS a JOIN t AS b ON a.c = b.c AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '300 milliseconds' GROUP BY a.c",
        `${early}, state_ttl = '30000 d'`,
      ],
      distincts: ["SELECT DISTINCT time_bucket(INTERVAL '3 seconds', ts) AS b, c FROM t", early],
      above: ['SELECT window_end, sum(n) AS n FROM hops GROUP BY window_end', early],
      above_ranks: ['SELECT r, count(*) AS n FROM ranks GROUP BY r', `${early}, state_ttl = '30000 d'`],
    },
    rows: { t: late(500, 60) },
    engines: cutEngines,
  },
  'what is taken back of a window before its end leaves its place in the order of time': {
    columns: { ts: 'TIMESTAMP', c: 'BIGINT' },
    views: {
      flags: [
        "SELECT window_start, ts, c, bool_or(c > 1) OVER (PARTITION BY window_start ORDER BY c DESC) AS flag FROM tumble(t, ts, INTERVAL '1 minute')",
        'emit = changes',
      ],
      starts: ['SELECT window_start, flag, sum(c) OVER (PARTITION BY window_start, flag ORDER BY window_start) AS n FROM flags', changes],
      times: ['SELECT window_start, flag, sum(c) OVER (PARTITION BY window_start, flag ORDER BY ts) AS n FROM flags', changes],
      plain: 'SELECT window_start, flag, count(*) OVER (PARTITION BY window_start, flag ORDER BY ts) AS n FROM flags',
    },
    rows: { t: seconds(100) },
    engines,
  },
  'a running group of rows without a time is made again after a restart': {
    columns: { ts: 'TIMESTAMP', c: 'BIGINT' },
    views: {
      times: ['SELECT count(DISTINCT c) AS n FROM t GROUP BY ts', changes],
      rows: ['SELECT count(*) AS n FROM t GROUP BY ts', changes],
    },
    rows: { t: `SELECT CASE WHEN arrival % 7 = 3 THEN NULL ELSE ts END AS ts, arrival AS c, arrival FROM (${seconds(200)})` },
    engines: [1, 3].map((lanes) => ({ lanes, partitions: 1, batchRows: 7, pauseEvery: 20, cuts: [2500] })),
  },
};

describe('what random changing views found', () => {
  const compiler = new Compiler({ cacheDirectory: null });
  afterAll(() => compiler.close());
  for (const [name, regression] of Object.entries(regressions)) it(name, () => checkRegression(compiler, regression), 60_000);
});
