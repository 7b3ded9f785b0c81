/** SQL types, as DuckDB names them. `decimal` is exact: an integer scaled by 10^scale. */
export type ScalarKind =
  | 'boolean'
  | 'tinyint'
  | 'smallint'
  | 'integer'
  | 'bigint'
  | 'hugeint'
  | 'utinyint'
  | 'usmallint'
  | 'uinteger'
  | 'ubigint'
  | 'uhugeint'
  | 'float'
  | 'double'
  | 'varchar'
  | 'blob'
  | 'json'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamp_s'
  | 'timestamp_ms'
  | 'timestamp_ns'
  | 'timestamptz'
  | 'interval'
  | 'uuid'
  | 'null';

export type DataType =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'decimal'; readonly width: number; readonly scale: number }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'list'; readonly child: DataType }
  | { readonly kind: 'map'; readonly key: DataType; readonly value: DataType }
  | { readonly kind: 'struct'; readonly fields: readonly { readonly name: string; readonly type: DataType }[] };

export interface ColumnSpec {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
}

/** Kinds that hold whole numbers of any width. */
export const integerKinds: ReadonlySet<DataType['kind']> = new Set([
  'tinyint',
  'smallint',
  'integer',
  'bigint',
  'hugeint',
  'utinyint',
  'usmallint',
  'uinteger',
  'ubigint',
  'uhugeint',
]);
