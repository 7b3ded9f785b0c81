import { afterAll, describe, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { checkRegression, type Regression } from './check-regression.ts';

const changes = "emit = changes, state_ttl = '30000 d'";
const seconds = (count: number) =>
  `SELECT TIMESTAMP '2025-01-01' + to_seconds(arrival::INTEGER) AS ts, nullif(arrival % 3, 0) AS c, arrival FROM range(${count}) r(arrival)`;
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
};

describe('what random changing views found', () => {
  const compiler = new Compiler({ cacheDirectory: null });
  afterAll(() => compiler.close());
  for (const [name, regression] of Object.entries(regressions)) it(name, () => checkRegression(compiler, regression), 60_000);
});
