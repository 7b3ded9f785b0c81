import type { ColumnSpec, DataType } from '../../data-type.ts';
import { operationColumn } from '../../sink.ts';
import { typeName } from '../../type-name.ts';
import { connectParquet } from '../parquet-database.ts';
import { concatenate, syncFile } from './files.ts';

/** DuckDB's reader holds two of the longest record: its own default (bytes). */
const recordBytesMin = 16 << 20;

/** Text files one after the other; `header`: what each begins with and the result shall have once. */
export async function mergeText(parts: readonly string[], target: string, header: string): Promise<void> {
  await concatenate(parts, target, Buffer.byteLength(header));
}

/** JSON lines, none of them longer than `recordBytes`, as one Parquet file, compressed with zstd. */
export async function mergeParquet(
  parts: readonly string[],
  recordBytes: number,
  target: string,
  columns: readonly ColumnSpec[],
  changes: boolean,
): Promise<void> {
  const all: readonly ColumnSpec[] = changes
    ? [...columns, { name: operationColumn, type: { kind: 'varchar' }, nullable: false }]
    : columns;
  const read = all.map(({ name, type }) => `${quoteText(name)}: ${quoteText(typeName(readAs(type)))}`).join(', ');
  const select = all.map(({ name, type }) => `CAST(${quoteName(name)} AS ${typeName(type)}) AS ${quoteName(name)}`).join(', ');
  const files = parts.map(quoteText).join(', ');
  const { connection, close } = await connectParquet();
  try {
    await connection.run(
      `COPY (SELECT ${select} FROM read_json([${files}], format = 'newline_delimited', columns = {${read}},
        maximum_object_size = ${Math.max(recordBytesMin, recordBytes)})) TO ${quoteText(target)} (FORMAT parquet, COMPRESSION zstd)`,
    );
  } finally {
    close();
  }
  await syncFile(target);
}

const asThemselves: ReadonlySet<DataType['kind']> = new Set([
  ...(['boolean', 'tinyint', 'smallint', 'integer', 'bigint', 'utinyint', 'usmallint', 'uinteger', 'ubigint'] as const),
  ...(['double', 'varchar', 'list', 'map', 'struct'] as const),
]);

/** What JSON cannot say is a string there, and cast. */
function readAs(type: DataType): DataType {
  return asThemselves.has(type.kind) ? type : { kind: 'varchar' };
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
