import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdhocService } from './adhoc-service.ts';
import { type DataFolder, existingDataFolder } from './data-folder.ts';
import { Database } from './database.ts';
import { type StoreLimits, storeLimitsDefault } from './limits.ts';
import { loadStreams } from './load-streams.ts';
import type { Store } from './store.ts';
import { viewStatements } from './stream-view.ts';
import { checkFormat } from './system-tables.ts';

/** The stored streams of a data folder that no engine has open. */
export interface DirectoryReader extends Pick<Store, 'query' | 'export'> {
  close(): Promise<void>;
}

/**
 * Opens a data folder to read it; nothing in it changes. Throws StoreError when there is none, when an engine has it open (then ask the
 * engine: `readEngineAddress`), or when it cannot be read.
 */
export async function readDirectory(directory: string, limits: Partial<StoreLimits> = {}): Promise<DirectoryReader> {
  const all = { ...storeLimitsDefault, ...limits };
  const passing = await mkdtemp(join(tmpdir(), 'millrace-'));
  const folder: DataFolder = { ...(await existingDataFolder(directory)), spill: join(passing, 'spill'), exports: join(passing, 'exports') };
  let database: Database | undefined;
  try {
    await mkdir(folder.exports);
    database = await Database.open(folder, all, true);
    const adhoc = await AdhocService.open(database, folder, all, await currentViews(database, folder));
    const opened = database;
    return {
      query: (request, signal) => adhoc.query(request, signal),
      export: (request, format, signal) => adhoc.export(request, format, signal),
      async close() {
        await adhoc.close();
        opened.close();
        await rm(passing, { recursive: true, force: true });
      },
    };
  } catch (error) {
    database?.close();
    await rm(passing, { recursive: true, force: true });
    throw error;
  }
}

/** Stored views hold the paths that were right when an engine last ran: where the folder has moved since, others take their place. */
async function currentViews(database: Database, folder: DataFolder): Promise<string[]> {
  const connection = await database.connect();
  await checkFormat(connection);
  const streams = await loadStreams(connection);
  return [...streams.values()]
    .filter((stream) => stream.files.length > 0)
    .flatMap((stream) => viewStatements(stream, folder.directory, true));
}
