import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { quoteName, sqlType } from './sql-text.ts';

/**
 * Parquet has no 128-bit integers (DuckDB would write doubles) and no exact intervals. HUGEINT is written as DECIMAL(38,0), or as
 * text in a `wide` file, whose values do not fit; UHUGEINT and INTERVAL as text; an ENUM as text; seconds as microseconds.
 * `null` means that the type is written as it is.
 */
function encodedType(type: DataType, wide: boolean): string | null {
  switch (type.kind) {
    case 'hugeint':
      return wide ? 'VARCHAR' : 'DECIMAL(38,0)';
    case 'uhugeint':
    case 'interval':
    case 'enum':
      return 'VARCHAR';
    case 'timestamp_s':
    case 'timestamp_ms':
      return 'TIMESTAMP';
    case 'json':
      return 'VARCHAR';
    case 'list': {
      const child = encodedType(type.child, wide);
      return child === null ? null : `${child}[]`;
    }
    case 'map': {
      const key = encodedType(type.key, wide);
      const value = encodedType(type.value, wide);
      return key === null && value === null ? null : `MAP(${key ?? sqlType(type.key)},${value ?? sqlType(type.value)})`;
    }
    case 'struct': {
      const fields = type.fields.map((field) => ({ name: field.name, encoded: encodedType(field.type, wide), plain: sqlType(field.type) }));
      if (fields.every((field) => field.encoded === null)) return null;
      return `STRUCT(${fields.map((field) => `${quoteName(field.name)} ${field.encoded ?? field.plain}`).join(',')})`;
    }
    default:
      return null;
  }
}

/** Column as it is written to a file. */
export function encodedColumn(column: ColumnSpec, wide: boolean): string {
  const name = quoteName(column.name);
  const encoded = encodedType(column.type, wide);
  return encoded === null ? name : `CAST(${name} AS ${encoded}) AS ${name}`;
}

/** Column as it was, read from such a file. */
export function decodedColumn(column: ColumnSpec, wide: boolean): string {
  const name = quoteName(column.name);
  return encodedType(column.type, wide) === null ? name : `CAST(${name} AS ${sqlType(column.type)}) AS ${name}`;
}
