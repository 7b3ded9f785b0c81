import type { Connection } from './database.ts';
import { StoreError } from './store.ts';

/** Raised when a change of these tables needs a step that older versions do not know. */
export const formatVersion = 1;

/** Tables of the schema `engine`, as docs/data-folder.md describes them. No keys: indexes would be one more thing to recover. */
const tables = [
  'format (version INTEGER, created_at TIMESTAMP)',
  'streams (id INTEGER, name VARCHAR, event_time VARCHAR, retention_ms BIGINT, hot_ms BIGINT, rows_dropped BIGINT)',
  'generations (stream INTEGER, generation INTEGER, columns VARCHAR, since TIMESTAMP, archived_as VARCHAR)',
  'segments (id BIGINT, stream INTEGER, generation INTEGER, table_name VARCHAR, opened_at TIMESTAMP, closed_at TIMESTAMP)',
  `files (id BIGINT, stream INTEGER, generation INTEGER, path VARCHAR, row_count BIGINT, bytes BIGINT, min_time_us BIGINT, max_time_us BIGINT,
    wide BOOLEAN, created_at TIMESTAMP)`,
  'partitions (source VARCHAR, partition VARCHAR, position VARCHAR, max_event_time_us BIGINT, ended BOOLEAN)',
  `ranges (id BIGINT, source VARCHAR, partition VARCHAR, from_position VARCHAR, to_position VARCHAR, max_event_time_before_us BIGINT,
    max_event_time_within_us BIGINT, arrivals VARCHAR)`,
  'queries (id VARCHAR, watermark_us BIGINT, oldest_open_start_us BIGINT, sources VARCHAR, clock VARCHAR, ended_rows VARCHAR)',
  'counters (kind VARCHAR, name VARCHAR, counter VARCHAR, value DOUBLE)',
  'lanes (lane INTEGER, epoch BIGINT, committed_at TIMESTAMP)',
];

/** Tables that folders of this format did not always have. */
const addedTables = [
  'plans (query VARCHAR, fingerprint DOUBLE, operators VARCHAR)',
  'sources (source VARCHAR, identity VARCHAR)',
  'images (name VARCHAR, component VARCHAR, bytes BIGINT, sha256 VARCHAR, taken_at TIMESTAMP, content VARCHAR)',
];

/** Columns that tables of this format did not always have: NULL says what was true then. */
const added = ['ranges.arrivals', 'queries.clock', 'queries.ended_rows'];

export async function createSystemTables(connection: Connection): Promise<void> {
  const { sql } = connection;
  if (await hasSystemTables(connection)) {
    await checkFormat(connection);
    for (const [table, column] of added.map((each) => each.split('.')))
      await sql.run(`ALTER TABLE engine.${table} ADD COLUMN IF NOT EXISTS ${column} VARCHAR`);
    for (const table of addedTables) await sql.run(`CREATE TABLE IF NOT EXISTS engine.${table}`);
    return;
  }
  const [others] = await selectRows(connection, 'SELECT count(*)::INTEGER FROM duckdb_tables()');
  if (others?.[0] !== 0) throw notOurs();
  await sql.run('BEGIN');
  await sql.run('CREATE SCHEMA engine');
  await sql.run('CREATE SCHEMA segment');
  for (const table of [...tables, ...addedTables]) await sql.run(`CREATE TABLE engine.${table}`);
  await sql.run(`INSERT INTO engine.format VALUES (${formatVersion}, now()::TIMESTAMP)`);
  await sql.run('COMMIT');
}

/** Throws StoreError unless the tables are of the format that this version reads. */
export async function checkFormat(connection: Connection): Promise<void> {
  const [found] = (await hasSystemTables(connection)) ? await selectRows(connection, 'SELECT version FROM engine.format') : [];
  if (found?.[0] === formatVersion) return;
  if (found === undefined) throw notOurs();
  throw new StoreError(
    `The data folder has format ${String(found[0])}; this version of Millrace reads format ${formatVersion}`,
    'Use the version of Millrace that wrote it, or another folder with --data.',
  );
}

async function hasSystemTables(connection: Connection): Promise<boolean> {
  const tables = await selectRows(connection, "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'engine' AND table_name = 'format'");
  return tables.length > 0;
}

function notOurs(): StoreError {
  return new StoreError('The database in the data folder is not one of Millrace', 'Name another folder with --data.');
}

export async function selectRows(connection: Connection, sql: string): Promise<unknown[][]> {
  const reader = await connection.sql.runAndReadAll(sql);
  return reader.getRowsJS() as unknown[][];
}

/** Bigints as DuckDB gives them are numbers here: ids, counts and sizes. */
export function numberOf(value: unknown): number {
  return Number(value as bigint | number | null);
}

export function bigintOf(value: unknown): bigint | null {
  return value === null ? null : BigInt(value as bigint | number);
}

export function dateMsOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : 0;
}
