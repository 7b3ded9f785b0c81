import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ask, newFolder, openTestStore } from './store-support.ts';

const writer = fileURLToPath(new URL('crash-writer.ts', import.meta.url));
const diskBytes = 24 << 20;

function mountSmallDisk(path: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', path]).status === 0;
}

async function expectStopped(run: SpawnSyncReturns<string>, directory: string): Promise<void> {
  expect(run.stderr).toMatch(/StoreError: No space is left for the data folder/);
  const stored = Number([...run.stdout.matchAll(/^stored (\d+)$/gm)].at(-1)?.[1]);
  expect(stored).toBeGreaterThan(5000);
  const store = await openTestStore({ directory });
  const position = Number((await store.recover()).partitions[0]?.position);
  expect(position).toBeGreaterThanOrEqual(stored);
  expect((await ask(store, 'SELECT count(*), count(DISTINCT row) FROM numbers')).rows).toEqual([[position, position]]);
  await store.close();
}

describe('a full disk stops the store with a clear message, and what was committed is there when there is room again', () => {
  it('on a small disk', async (context) => {
    const disk = join(await newFolder(), 'disk');
    await mkdir(disk);
    if (!mountSmallDisk(disk)) {
      process.stderr.write('skipped: a full disk (mounting a small one needs root on Linux)\n');
      context.skip();
    }
    try {
      const run = spawnSync(process.execPath, [writer, disk, 'fill'], { timeout: 50_000, encoding: 'utf8' });
      execFileSync('mount', ['-o', `remount,size=${diskBytes * 4}`, disk]);
      await expectStopped(run, disk);
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  it.skipIf(process.platform === 'win32')('under a limit on the size of files', async () => {
    const directory = join(await newFolder(), 'data');
    const command = `ulimit -f ${diskBytes / 512} && exec "$0" "$@"`;
    const run = spawnSync('/bin/sh', ['-c', command, process.execPath, writer, directory, 'fill'], { timeout: 50_000, encoding: 'utf8' });
    await expectStopped(run, directory);
  });
});
