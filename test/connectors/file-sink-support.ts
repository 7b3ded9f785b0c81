import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll } from 'vitest';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { OptionValues } from '../../connectors/options.ts';
import { fileSink } from '../../connectors/file/sink/file-sink.ts';
import { buildBatch } from '../store/build-batch.ts';

const folders: string[] = [];
const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();

afterAll(async () => {
  connection.closeSync();
  instance.closeSync();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-sink-'));
  folders.push(folder);
  return folder;
}

export async function ask(sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRowsJson() as unknown[][];
}

export async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('.millrace'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

export async function write(
  directory: string,
  columns: readonly ColumnSpec[],
  rows: readonly (readonly unknown[])[],
  options: OptionValues,
) {
  const context = {
    sink: 'out',
    columns,
    changes: false,
    key: null,
    directory,
    folder: directory,
    tell: () => undefined,
    clock: { now: Date.now },
    committed: new Map<string, number>(),
  };
  const writer = await fileSink.open({ ...context, options: { path: 'out', ...options } });
  await writer.write({ writer: '0', number: 1 }, buildBatch(columns, rows));
  await writer.prepare({ writer: '0', number: 1 });
  await writer.commit({ writer: '0', number: 1 });
  await writer.close();
}
