import { afterAll, describe, expect, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { fuzzQueries } from './fuzz-queries.ts';

/** MILLRACE_SEED repeats a run, MILLRACE_FUZZ_CASES makes it longer. */
const seed = Number(process.env.MILLRACE_SEED ?? 20261123);
const cases = Number(process.env.MILLRACE_FUZZ_CASES ?? 80);
const caseMsMax = 10_000;

describe(`random queries over random rows (MILLRACE_SEED=${seed})`, () => {
  const compiler = new Compiler({ cacheDirectory: null });
  afterAll(() => compiler.close());

  it(
    `${cases} views give what DuckDB gives`,
    async () => {
      const report = await fuzzQueries(compiler, { seed, cases, shrinkAttemptsMax: 200 });
      expect(report.faults.join('\n\n')).toBe('');
      expect(report.views).toBeGreaterThan(cases / 2);
    },
    cases * caseMsMax,
  );
});
