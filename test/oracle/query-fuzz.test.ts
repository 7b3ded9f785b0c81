import { afterAll, describe, expect, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { fuzzQueries } from './fuzz-queries.ts';

/** MILLRACE_SEED repeats a run, MILLRACE_FUZZ_VIEWS makes it longer: a view is some 35 cases, one for each stream and way to feed it. */
const seed = Number(process.env.MILLRACE_SEED ?? 20261123);
const views = Number(process.env.MILLRACE_FUZZ_VIEWS ?? 36);
const streams = 12;
const casesMin = 25;
const viewMsMax = 20_000;

describe(`random queries over random rows (MILLRACE_SEED=${seed})`, () => {
  const compiler = new Compiler({ cacheDirectory: null });
  afterAll(() => compiler.close());

  it(
    `${views} views give what DuckDB gives`,
    async () => {
      const report = await fuzzQueries(compiler, { seed, cases: views, streams, shrinkAttemptsMax: 60, images: 0.3, imagesFromRows: 1000 });
      expect(report.faults.join('\n\n')).toBe('');
      expect(report.views).toBeGreaterThan(views / 2);
      expect(report.answers).toBeGreaterThan(views * casesMin);
    },
    views * viewMsMax,
  );
});
