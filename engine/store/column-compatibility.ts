import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { sqlType } from './sql-text.ts';

const numbers = new Set<DataType['kind']>([
  'tinyint',
  'smallint',
  'integer',
  'bigint',
  'hugeint',
  'utinyint',
  'usmallint',
  'uinteger',
  'ubigint',
  'float',
  'double',
  'decimal',
  'null',
]);
const timestamps = new Set<DataType['kind']>(['timestamp', 'timestamp_s', 'timestamp_ms', 'timestamp_ns']);
const texts = new Set<DataType['kind']>(['varchar', 'enum', 'json', 'null']);

export function sameColumns(a: readonly ColumnSpec[], b: readonly ColumnSpec[]): boolean {
  return (
    a.length === b.length && a.every((column, index) => column.name === b[index]?.name && sqlType(column.type) === sqlType(b[index].type))
  );
}

/** First column whose old and new rows cannot stand in one view (UNION ALL BY NAME); null when all can. */
export function firstConflict(
  older: readonly ColumnSpec[],
  newer: readonly ColumnSpec[],
): { readonly name: string; readonly was: DataType; readonly is: DataType } | null {
  for (const column of newer) {
    const before = older.find((candidate) => candidate.name.toLowerCase() === column.name.toLowerCase());
    if (before !== undefined && !compatible(before.type, column.type)) return { name: column.name, was: before.type, is: column.type };
  }
  return null;
}

function compatible(a: DataType, b: DataType): boolean {
  if (sqlType(a) === sqlType(b)) return true;
  return [numbers, timestamps, texts].some((family) => family.has(a.kind) && family.has(b.kind));
}
