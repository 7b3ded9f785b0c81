import { DuckDBConnection } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { DataFolder } from './data-folder.ts';
import { diskFullError, folderError } from './data-folder.ts';
import { inUseError } from './lock-file.ts';
import { errorText } from './duckdb-error.ts';
import type { StoreLimits } from './limits.ts';
import { quoteText } from './sql-text.ts';
import { StoreError } from './store.ts';

/** A connection in both of its forms: raw for columns, wrapped for SQL. */
export interface Connection {
  readonly raw: duckdb.Connection;
  readonly sql: DuckDBConnection;
}

/** One opened DuckDB file, locked down: no files but our own folders, no extensions, no further change of settings. */
export class Database {
  readonly #database: duckdb.Database;
  readonly #connections: Connection[] = [];

  private constructor(database: duckdb.Database) {
    this.#database = database;
  }

  static async open(folder: DataFolder, limits: StoreLimits, readOnly: boolean): Promise<Database> {
    let database: Database;
    try {
      database = new Database(await duckdb.open(folder.database, configuration(folder, limits, readOnly)));
    } catch (error) {
      throw openError(folder, error);
    }
    await database.#lockDown(folder);
    return database;
  }

  async connect(): Promise<Connection> {
    const raw = await duckdb.connect(this.#database);
    const connection = { raw, sql: new DuckDBConnection(raw) };
    this.#connections.push(connection);
    return connection;
  }

  close(): void {
    for (const connection of this.#connections) connection.sql.closeSync();
    duckdb.close_sync(this.#database);
  }

  async #lockDown(folder: DataFolder): Promise<void> {
    const { sql } = await this.connect();
    await sql.run("SET GLOBAL TimeZone = 'UTC'");
    await sql.run('SET GLOBAL parquet_metadata_cache = true');
    await sql.run(`SET GLOBAL allowed_directories = [${[folder.parquet, folder.exports, folder.spill].map(quoteText).join(', ')}]`);
    await sql.run('SET GLOBAL enable_external_access = false');
    await sql.run('SET GLOBAL errors_as_json = true');
    await sql.run('SET GLOBAL lock_configuration = true');
  }
}

function configuration(folder: DataFolder, limits: StoreLimits, readOnly: boolean): duckdb.Config {
  const config = duckdb.create_config();
  const settings: Record<string, string> = {
    access_mode: readOnly ? 'READ_ONLY' : 'READ_WRITE',
    memory_limit: `${limits.memoryBytesMax >> 20}MiB`,
    threads: String(limits.threads),
    temp_directory: folder.spill,
    max_temp_directory_size: `${Math.floor(limits.spillBytesMax / 2 ** 20)}MiB`,
    checkpoint_threshold: `${Math.max(1, limits.walBytesMax >> 20)}MiB`,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  };
  for (const [name, value] of Object.entries(settings)) duckdb.set_config(config, name, value);
  return config;
}

function openError(folder: DataFolder, error: unknown): StoreError {
  const text = errorText(error);
  if (/Could not set lock|Conflicting lock/i.test(text)) {
    const pid = /PID (\d+)/.exec(text)?.[1];
    return inUseError(folder.directory, pid === undefined ? undefined : Number(pid));
  }
  if (isDiskFull(text)) return diskFullError(folder.directory);
  if (/Permission denied|Read-only file system/i.test(text)) return folderError(folder.directory, { code: 'EACCES', message: text });
  if (/not a valid DuckDB database|storage version|serialized version/i.test(text)) {
    return new StoreError(`${folder.database} is not a database that this version of Millrace can read: ${text}`);
  }
  return new StoreError(`The database ${folder.database} cannot be opened: ${text}`);
}

export function isDiskFull(text: string): boolean {
  return /No space left on device|disk quota exceeded|File too large|failed to (allocate|write).*space/i.test(text);
}
