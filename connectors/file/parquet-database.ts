import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** One small in-memory DuckDB for all Parquet readers of this thread. */
let shared: Promise<DuckDBInstance> | null = null;
let users = 0;
/** Enough for a few wide row groups. */
const memoryMax = '512MB';

export interface ParquetConnection {
  readonly connection: DuckDBConnection;
  close(): void;
}

export async function connectParquet(): Promise<ParquetConnection> {
  users++;
  try {
    shared ??= DuckDBInstance.create(':memory:', {
      threads: '1',
      memory_limit: memoryMax,
      temp_directory: '',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const instance = await shared;
    const connection = await instance.connect();
    return connected(instance, connection);
  } catch (error) {
    users--;
    shared = null;
    throw error;
  }
}

function connected(instance: DuckDBInstance, connection: DuckDBConnection): ParquetConnection {
  let open = true;
  return {
    connection,
    close: () => {
      if (!open) return;
      open = false;
      connection.closeSync();
      if (--users > 0) return;
      shared = null;
      instance.closeSync();
    },
  };
}
