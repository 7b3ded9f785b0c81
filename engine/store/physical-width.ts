import type { DataType } from '../../connectors/data-type.ts';

const widths: Partial<Record<DataType['kind'], number>> = {
  boolean: 1,
  tinyint: 1,
  utinyint: 1,
  smallint: 2,
  usmallint: 2,
  integer: 4,
  uinteger: 4,
  float: 4,
  date: 4,
  null: 4,
  bigint: 8,
  ubigint: 8,
  double: 8,
  time: 8,
  timestamp: 8,
  timestamp_s: 8,
  timestamp_ms: 8,
  timestamp_ns: 8,
  timestamptz: 8,
  hugeint: 16,
  uhugeint: 16,
  uuid: 16,
  interval: 16,
};

/** Bytes of one value in a fixed column; undefined for strings and nested types. DuckDB checks no bounds: a wrong width crashes the process. */
export function physicalWidth(type: DataType): number | undefined {
  if (type.kind === 'decimal') return type.width <= 4 ? 2 : type.width <= 9 ? 4 : type.width <= 18 ? 8 : 16;
  return widths[type.kind];
}

export function isText(type: DataType): boolean {
  return type.kind === 'varchar' || type.kind === 'json' || type.kind === 'blob' || type.kind === 'enum';
}
