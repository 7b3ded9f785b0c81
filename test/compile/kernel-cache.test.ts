import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { KernelCache } from '../../engine/compile/kernel-cache.ts';

const directory = mkdtempSync(join(tmpdir(), 'millrace-kernels-'));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('keeps the kernels used last', async () => {
  const cache = new KernelCache(directory, 3);
  const wasm = new Uint8Array([1, 2, 3]);
  for (const [index, key] of ['a', 'b', 'c'].entries()) {
    await cache.write(key, wasm);
    utimesSync(join(directory, `${key}.wasm`), 1_000 + index, 1_000 + index);
  }
  expect(await cache.read('a')).toEqual(wasm);
  await cache.write('d', wasm);
  expect(readdirSync(directory).sort()).toEqual(['a.wasm', 'c.wasm', 'd.wasm']);
});
