import { ConnectorError, type OpenContext } from '../connector.ts';
import type { ColumnSpec, DataType } from '../data-type.ts';
import { typeName } from '../type-name.ts';
import type { SourceFile } from './list-files.ts';
import type { ParquetConnection } from './parquet-database.ts';
import { conversion, isInteger, parquetType } from './parquet-types.ts';
import type { FileSettings } from './settings.ts';

export interface ParquetQuery {
  /** Gives the needed columns, then one BOOLEAN for each of `absent`: whether that column is NULL. */
  readonly sql: string;
  readonly absent: readonly ColumnSpec[];
}

/** Throws ConnectorError when the file is no Parquet file or its columns do not fit the declared ones. */
export async function parquetQuery(
  database: ParquetConnection,
  context: OpenContext,
  settings: FileSettings,
  file: SourceFile,
  fromRow: number,
): Promise<ParquetQuery> {
  const found = await columnsOf(database, context, file);
  const expressions = context.columns.map((column) => expression(column, found, context, settings, file));
  const selected = context.needed.map((index) => expressions[index] as string);
  const absent = await uncheckedColumns(database, context, file);
  for (const column of absent) selected.push(`${quoted(nameIn(found, column.name) as string)} IS NULL`);
  if (selected.length === 0) selected.push('true');
  const from = fromRow > 0 ? `, file_row_number = true) WHERE file_row_number >= ${fromRow}` : ')';
  return { sql: `SELECT ${selected.join(', ')} FROM read_parquet(${literal(file.path)}${from}`, absent };
}

type Found = ReadonlyMap<string, { type: DataType | null; shown: string }>;

async function columnsOf(database: ParquetConnection, context: OpenContext, file: SourceFile): Promise<Found> {
  const result = await database.connection.run(`SELECT * FROM read_parquet(${literal(file.path)}) LIMIT 0`).catch((error: unknown) => {
    throw parquetFailure(context.source, file, error);
  });
  const types = result.columnTypes();
  return new Map(result.columnNames().map((name, index) => [name, { type: parquetType(types[index]!), shown: String(types[index]) }]));
}

function nameIn(found: Found, name: string): string | undefined {
  if (found.has(name)) return name;
  return [...found.keys()].find((other) => other.toLowerCase() === name.toLowerCase());
}

function expression(column: ColumnSpec, found: Found, context: OpenContext, settings: FileSettings, file: SourceFile): string {
  const name = nameIn(found, column.name);
  if (name === undefined) {
    throw new ConnectorError(
      context.source,
      `${file.name} has no column ${column.name}`,
      `its columns are ${[...found.keys()].join(', ')}`,
    );
  }
  const { type, shown } = found.get(name) as { type: DataType | null; shown: string };
  const timestamp = column.type.kind.startsWith('timestamp');
  if (timestamp && type !== null && isInteger(type) && settings.timestampUnit !== null)
    return counted(quoted(name), column.type, settings.timestampUnit);
  const how = type === null ? 'refused' : conversion(type, column.type);
  if (how === 'same') return quoted(name);
  if (how === 'cast') return `CAST(${quoted(name)} AS ${typeName(column.type)})`;
  const hint =
    timestamp && type !== null && isInteger(type)
      ? 'say what the number counts: timestamp_unit = s, ms, us, ns or min'
      : `declare ${column.name} as ${shown}, or cast it when the file is written`;
  throw new ConnectorError(
    context.source,
    `${file.name} column ${column.name} is ${shown}, which does not convert to the declared ${typeName(column.type)} without loss`,
    hint,
  );
}

const microsecondsPerUnit = { min: 60_000_000, s: 1_000_000, ms: 1000, us: 1, ns: 1 } as const;
const microsecondsPerTick: Readonly<Record<string, number>> = { timestamp_s: 1_000_000, timestamp_ms: 1000 };

/** A count since 1970 as the 64-bit integer that the timestamp type holds. */
function counted(column: string, type: DataType, unit: keyof typeof microsecondsPerUnit): string {
  const value = `CAST(${column} AS BIGINT)`;
  if (type.kind === 'timestamp_ns') return unit === 'ns' ? value : `${value} * ${microsecondsPerUnit[unit] * 1000}`;
  const from = unit === 'ns' ? 1 : microsecondsPerUnit[unit] * 1000;
  const to = (microsecondsPerTick[type.kind] ?? 1) * 1000;
  if (from >= to) return from === to ? value : `${value} * ${from / to}`;
  const divisor = to / from;
  return `(${value} - ((${value} % ${divisor}) + ${divisor}) % ${divisor}) // ${divisor}`;
}

/** NOT NULL columns that no query reads and whose statistics do not say that they have no NULL. */
async function uncheckedColumns(database: ParquetConnection, context: OpenContext, file: SourceFile): Promise<readonly ColumnSpec[]> {
  const unread = context.columns.filter((column, index) => !column.nullable && !context.needed.includes(index));
  if (unread.length === 0) return [];
  const sql = `SELECT path_in_schema FROM parquet_metadata(${literal(file.path)}) GROUP BY ALL HAVING bool_and(coalesce(stats_null_count = 0, false))`;
  const rows = await (await database.connection.runAndReadAll(sql)).getRows();
  const full = new Set(rows.map(([name]) => String(name).toLowerCase()));
  return unread.filter((column) => !full.has(column.name.toLowerCase()));
}

export function parquetFailure(source: string, file: SourceFile, error: unknown, where = ''): ConnectorError {
  const message = String((error as Error).message).replaceAll(file.path, file.name);
  if (/permission denied/i.test(message))
    return new ConnectorError(source, `no permission to read ${file.name}`, 'check the owner and mode of the file');
  return new ConnectorError(
    source,
    `${file.name} cannot be read as Parquet${where}: ${message.split('\n')[0]}`,
    'is it complete, and a Parquet file?',
  );
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
