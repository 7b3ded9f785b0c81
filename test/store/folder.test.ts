import { spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readEngineAddress } from '../../engine/store/lock-file.ts';
import { openStore } from '../../engine/store/open-store.ts';
import { readDirectory } from '../../engine/store/read-directory.ts';
import { SqlError, StoreError } from '../../engine/store/store.ts';
import { buildBatch } from './build-batch.ts';
import { ask, column, eagerMoves, epoch, newFolder, openTestStore, stream, until } from './store-support.ts';

const columns = [column('x', 'integer')];

async function refusal(directory: string): Promise<StoreError> {
  const error = await openStore({ directory }).then(
    () => new Error('opened'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof StoreError)) throw error;
  return error;
}

/** Another process that has the folder open until it is told to end. */
async function holdElsewhere(directory: string): Promise<{ pid: number; end: (signal: NodeJS.Signals) => Promise<void> }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('crash-writer.ts', import.meta.url)), directory, 'hold'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid: child.pid as number,
    end: async (signal) => {
      child.kill(signal);
      await exited;
    },
  };
}

describe('a data folder', () => {
  it('belongs to one process at a time, which is named, and is taken over from a dead one', async () => {
    const directory = join(await newFolder(), 'data');
    const holder = await holdElsewhere(directory);
    try {
      const error = await refusal(directory);
      expect(error.message).toBe(`The data folder ${directory} is in use by another process (pid ${holder.pid})`);
      expect(error.hint).toContain('--data');
      expect(await readEngineAddress(directory)).toEqual({ pid: holder.pid, port: 4711 });
      await expect(readDirectory(directory)).rejects.toThrow(/in use by another process/);
    } finally {
      await holder.end('SIGKILL');
    }
    expect(await readEngineAddress(directory)).toBeNull();
    const store = await openTestStore({ directory });
    expect((await ask(store, 'SELECT count(*) FROM held')).rows).toEqual([[1]]);
    await store.updateLock({ port: 8080 });
    expect(await readEngineAddress(directory)).toEqual({ pid: process.pid, port: 8080 });
    expect((await refusal(directory)).message).toContain(`in use by this process (pid ${process.pid})`);
    await store.close();
    expect(await readEngineAddress(directory)).toBeNull();
    expect(await readdir(directory)).not.toContain('lock.json');
  });

  it('with the lock of a dead process whose pid is in use again is free', async () => {
    const directory = join(await newFolder(), 'data');
    await mkdir(directory);
    await writeFile(
      join(directory, 'lock.json'),
      JSON.stringify({ pid: process.pid, startedAt: 1, processStart: 'another boot', port: 1 }),
    );
    expect(await readEngineAddress(directory)).toBeNull();
    await openTestStore({ directory });
    expect(JSON.parse(await readFile(join(directory, 'lock.json'), 'utf8'))).toMatchObject({ pid: process.pid, port: null });
  });

  it('must be ours', async () => {
    const other = await newFolder();
    await writeFile(join(other, 'thesis.docx'), '');
    expect((await refusal(other)).message).toContain('is not a Millrace data folder: it holds thesis.docx');
    expect((await refusal(join(other, 'thesis.docx'))).message).toContain('is a file, not a folder');
    expect((await refusal(join(await newFolder(), 'a[1]'))).message).toContain('must not hold');
    const broken = await newFolder();
    await writeFile(join(broken, 'millrace.duckdb'), 'no database at all, but long enough to have a header in it'.repeat(300));
    expect((await refusal(broken)).message).toContain('millrace.duckdb');
  });

  it.skipIf(process.getuid?.() === 0)('must be writable', async () => {
    const directory = await newFolder();
    await chmod(directory, 0o500);
    expect(await refusal(directory)).toMatchObject({
      message: expect.stringContaining('No permission'),
      hint: expect.stringContaining('--data'),
    });
  });

  it('can be read while no engine runs, also after it has moved, and after a kill', async () => {
    const folder = await newFolder();
    const directory = join(folder, 'data');
    const store = await openTestStore({ directory, limits: eagerMoves });
    await store.define([stream('s', columns, { hotMs: 0 }), stream("odd 'name", columns)]);
    await store.commit(epoch(1, [{ stream: 's', batch: buildBatch(columns, [[1], [2]]) }]));
    await until(async () => (await store.statistics()).parquetFiles === 1);
    await store.commit(epoch(2, [{ stream: "odd 'name", batch: buildBatch(columns, [[3]]) }]));
    await store.close();
    await rename(directory, join(folder, 'elsewhere'));
    const reader = await readDirectory(join(folder, 'elsewhere'));
    expect((await ask(reader, 'SELECT sum(x) FROM s')).rows).toEqual([[3]]);
    expect((await ask(reader, `FROM "odd 'name"`)).rows).toEqual([[3]]);
    expect((await reader.export({ sql: 'FROM s', rowsMax: 5, timeoutMs: 5000 }, 'csv')).toString()).toBeDefined();
    await expect(ask(reader, 'FROM sss')).rejects.toThrow(SqlError);
    await expect(ask(reader, "FROM read_text('/etc/passwd')")).rejects.toThrow(SqlError);
    await reader.close();
    const moved = await openTestStore({ directory: join(folder, 'elsewhere') });
    expect((await ask(moved, 'SELECT sum(x) FROM s')).rows).toEqual([[3]]);
    await moved.close();

    const killed = join(folder, 'killed');
    await (await holdElsewhere(killed)).end('SIGKILL');
    const afterKill = await readDirectory(killed);
    expect((await ask(afterKill, 'SELECT count(*) FROM held')).rows).toEqual([[1]]);
    await afterKill.close();
    await expect(readDirectory(join(folder, 'nowhere'))).rejects.toThrow(/There is no Millrace data/);
  });
});
