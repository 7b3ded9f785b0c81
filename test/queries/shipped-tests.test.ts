import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { readQueryFiles } from '../../engine/sql/read-query-files.ts';
import { TestRunner } from '../../engine/test-runner/run-tests.ts';
import { findTests } from '../../engine/test-runner/test-folder.ts';

const folder = resolve(import.meta.dirname, '../../queries');

const compiler = new Compiler({ cacheDirectory: join(tmpdir(), 'millrace-test-kernels') });
const runner = new TestRunner(compiler, false);
const tests = await findTests([folder]);

afterAll(async () => {
  await runner.close();
  await compiler.close();
});

describe('shipped queries', () => {
  beforeAll(() => runner.prepare(tests), 180_000);

  it.each(tests.map((test) => relative(folder, test)))('%s', async (test) => {
    const report = await runner.run(join(folder, test));
    expect(report.failures).toEqual([]);
    expect(report.checks).toBeGreaterThan(0);
  });

  it('have a test each', async () => {
    const { files } = await readQueryFiles([folder]);
    const untested = files.filter(({ path }) => !path.endsWith('00_sources.sql') && !existsSync(path.replace(/\.sql$/, '.test')));
    expect(untested.map(({ path }) => relative(folder, path))).toEqual([]);
  });
});
