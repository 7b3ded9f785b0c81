import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Compiler } from '../../engine/compile/compiler.ts';
import { instantiateQuery } from '../../engine/compile/instance.ts';
import type { QueryDefinition } from '../../engine/plan/catalog.ts';
import { defineQuery } from './support/windowed-query.ts';

describe('the compiler', () => {
  let directory: string;
  let query: QueryDefinition;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-kernels-'));
    query = await defineQuery('ts TIMESTAMP, k BIGINT', 'SELECT ts, k FROM t WHERE k > 1', 'q');
  });
  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  it('takes from the cache what it compiled before', async () => {
    const cacheDirectory = join(directory, 'kernels');
    const first = new Compiler({ cacheDirectory });
    const compiled = await first.compile(query);
    await first.close();
    expect(await readdir(cacheDirectory)).toEqual([`${compiled.key}.wasm`]);
    const started = performance.now();
    const second = new Compiler({ cacheDirectory });
    const cached = await second.compile(query);
    await second.close();
    expect(cached).toEqual(compiled);
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('compiles again what lies damaged in the cache', async () => {
    const cacheDirectory = join(directory, 'damaged');
    const compiler = new Compiler({ cacheDirectory });
    const compiled = await compiler.compile(query);
    const path = join(cacheDirectory, `${compiled.key}.wasm`);
    const bytes = await readFile(path);
    for (const damaged of [
      bytes.subarray(0, 40),
      Buffer.alloc(0),
      Buffer.concat([bytes.subarray(0, 100), Buffer.from([1, 2, 3]), bytes.subarray(103)]),
    ]) {
      await writeFile(path, damaged);
      const again = await compiler.compile(query);
      expect(Buffer.from(again.wasm).equals(Buffer.from(compiled.wasm))).toBe(true);
      expect((await readFile(path)).equals(bytes)).toBe(true);
    }
    await compiler.close();
  });

  it('does without a cache that cannot be written', async () => {
    const file = join(directory, 'a-file');
    await writeFile(file, '');
    const compiler = new Compiler({ cacheDirectory: join(file, 'kernels') });
    const program = await compiler.compile(query);
    await compiler.close();
    await instantiateQuery(program, { memoryBytesMax: 16 << 20 });
  });

  it('compiles several queries at once', async () => {
    const compiler = new Compiler({ cacheDirectory: null });
    const queries = await Promise.all([2, 3, 4].map((k) => defineQuery('ts TIMESTAMP, k BIGINT', `SELECT ts, k + ${k} FROM t`, `q${k}`)));
    const programs = await Promise.all(queries.map((each) => compiler.compile(each)));
    await compiler.close();
    expect(new Set(programs.map(({ key }) => key)).size).toBe(3);
  });
});
