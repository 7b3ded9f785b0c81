import { access, constants, mkdir, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from './store.ts';

/** Paths inside a data folder; docs/data-folder.md describes each. */
export interface DataFolder {
  /** Absolute, without links. */
  readonly directory: string;
  readonly database: string;
  readonly lock: string;
  readonly parquet: string;
  readonly spill: string;
  readonly exports: string;
}

const ours = new Set([
  'millrace.duckdb',
  'millrace.duckdb.wal',
  'lock.json',
  'parquet',
  'temp',
  'kernels',
  'snapshots',
  '.gitignore',
  'lost+found',
]);

export function dataFolderAt(directory: string): DataFolder {
  return {
    directory,
    database: join(directory, 'millrace.duckdb'),
    lock: join(directory, 'lock.json'),
    parquet: join(directory, 'parquet'),
    spill: join(directory, 'temp', 'spill'),
    exports: join(directory, 'temp', 'exports'),
  };
}

/** Makes the folder where it is absent. Throws StoreError when it cannot be one of ours. */
export async function prepareDataFolder(path: string): Promise<DataFolder> {
  try {
    await mkdir(path, { recursive: true });
    const folder = dataFolderAt(await realpath(path));
    refusePattern(folder.directory);
    await access(folder.directory, constants.R_OK | constants.W_OK | constants.X_OK);
    await refuseForeign(folder);
    await Promise.all([folder.parquet, folder.spill, folder.exports].map((inner) => mkdir(inner, { recursive: true })));
    return folder;
  } catch (error) {
    throw folderError(path, error);
  }
}

/** A folder that must be there already. */
export async function existingDataFolder(path: string): Promise<DataFolder> {
  try {
    const folder = dataFolderAt(await realpath(path));
    await access(folder.database, constants.R_OK);
    return folder;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new StoreError(`There is no Millrace data in ${path}`, 'Start the engine once (millrace run), or name its folder with --data.');
    }
    throw folderError(path, error);
  }
}

/** DuckDB takes these characters in a file's name for a pattern. */
function refusePattern(directory: string): void {
  if (!/[*?[\]]/.test(directory)) return;
  throw new StoreError(`The path of the data folder must not hold *, ?, [ or ]: ${directory}`, 'Name another folder with --data.');
}

async function refuseForeign(folder: DataFolder): Promise<void> {
  const names = await readdir(folder.directory);
  if (names.includes('millrace.duckdb')) return;
  const foreign = names.find((name) => !ours.has(name));
  if (foreign === undefined) return;
  throw new StoreError(
    `${folder.directory} is not a Millrace data folder: it holds ${foreign}`,
    'Name an empty or new folder with --data; Millrace does not mix its files with others.',
  );
}

export function folderError(path: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new StoreError(
      `No permission to write in the data folder ${path}`,
      'Name another folder with --data, or change who owns this one.',
    );
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFullError(path);
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return new StoreError(`The data folder ${path} is a file, not a folder`, 'Name a folder with --data.');
  }
  return new StoreError(`The data folder ${path} cannot be used: ${message}`);
}

export function diskFullError(path: string): StoreError {
  return new StoreError(
    `No space is left for the data folder ${path}`,
    'What was committed is safe. Free some space, or shorten retention, and start again.',
  );
}
