import { describe, it } from 'vitest';
import { caseMakers, growthCase, type OperatorCase } from '../../bench/operators/cases.ts';
import { requireSame } from '../../bench/operators/digest.ts';
import { DuckdbRun } from '../../bench/operators/duckdb.ts';
import { compileCase, OperatorRun } from '../../bench/operators/kernel.ts';
import { makeRows } from '../../bench/operators/rows.ts';

/** The operators' benchmark with few rows: its answers agree with DuckDB. */
describe('operators of the benchmark', () => {
  const cases: OperatorCase[] = [...Object.values(caseMakers).map((make) => make(20_000, 500)), growthCase(400_000)];
  for (const each of cases) {
    it(each.name, async () => {
      const tables = new Map(Object.entries(each.inputs).map(([name, shape]) => [name, makeRows(shape)]));
      const kernel = await OperatorRun.create(each, await compileCase(each), tables);
      kernel.prepare();
      const { digest } = kernel.run(true);
      const duckdb = await DuckdbRun.create(each, tables);
      await duckdb.run();
      requireSame(each.name, digest, await duckdb.digest());
      duckdb.close();
    });
  }
});
