import {
  type DuckDBDecimalType,
  type DuckDBListType,
  type DuckDBMapType,
  type DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api';
import type { DataType, ScalarKind } from '../data-type.ts';

const scalars: ReadonlyMap<DuckDBTypeId, ScalarKind> = new Map([
  [DuckDBTypeId.BOOLEAN, 'boolean'],
  [DuckDBTypeId.TINYINT, 'tinyint'],
  [DuckDBTypeId.SMALLINT, 'smallint'],
  [DuckDBTypeId.INTEGER, 'integer'],
  [DuckDBTypeId.BIGINT, 'bigint'],
  [DuckDBTypeId.HUGEINT, 'hugeint'],
  [DuckDBTypeId.UTINYINT, 'utinyint'],
  [DuckDBTypeId.USMALLINT, 'usmallint'],
  [DuckDBTypeId.UINTEGER, 'uinteger'],
  [DuckDBTypeId.UBIGINT, 'ubigint'],
  [DuckDBTypeId.UHUGEINT, 'uhugeint'],
  [DuckDBTypeId.FLOAT, 'float'],
  [DuckDBTypeId.DOUBLE, 'double'],
  [DuckDBTypeId.VARCHAR, 'varchar'],
  [DuckDBTypeId.BLOB, 'blob'],
  [DuckDBTypeId.DATE, 'date'],
  [DuckDBTypeId.TIME, 'time'],
  [DuckDBTypeId.TIMESTAMP, 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_S, 'timestamp_s'],
  [DuckDBTypeId.TIMESTAMP_MS, 'timestamp_ms'],
  [DuckDBTypeId.TIMESTAMP_NS, 'timestamp_ns'],
  [DuckDBTypeId.TIMESTAMP_TZ, 'timestamptz'],
  [DuckDBTypeId.INTERVAL, 'interval'],
  [DuckDBTypeId.UUID, 'uuid'],
]);

/** The type of a Parquet column as DuckDB reads it; null when there is none like it. */
export function parquetType(type: DuckDBType): DataType | null {
  const scalar = scalars.get(type.typeId);
  if (scalar !== undefined) return { kind: type.alias === 'JSON' ? 'json' : scalar };
  if (type.typeId === DuckDBTypeId.DECIMAL) {
    const { width, scale } = type as DuckDBDecimalType;
    return { kind: 'decimal', width, scale };
  }
  if (type.typeId === DuckDBTypeId.LIST) {
    const child = parquetType((type as DuckDBListType).valueType);
    return child && { kind: 'list', child };
  }
  if (type.typeId === DuckDBTypeId.MAP) {
    const key = parquetType((type as DuckDBMapType).keyType);
    const value = parquetType((type as DuckDBMapType).valueType);
    return key && value && { kind: 'map', key, value };
  }
  if (type.typeId !== DuckDBTypeId.STRUCT) return null;
  const { entryNames, entryTypes } = type as DuckDBStructType;
  const fields = entryNames.map((name, index) => ({ name, type: parquetType(entryTypes[index] as DuckDBType) }));
  if (fields.some((field) => field.type === null)) return null;
  return { kind: 'struct', fields: fields as readonly { name: string; type: DataType }[] };
}

/** Decimal digits of the integers, and whether they have a sign. */
const integers: Readonly<Partial<Record<DataType['kind'], { bits: number; signed: boolean; digits: number }>>> = {
  tinyint: { bits: 8, signed: true, digits: 3 },
  smallint: { bits: 16, signed: true, digits: 5 },
  integer: { bits: 32, signed: true, digits: 10 },
  bigint: { bits: 64, signed: true, digits: 19 },
  hugeint: { bits: 128, signed: true, digits: 39 },
  utinyint: { bits: 8, signed: false, digits: 3 },
  usmallint: { bits: 16, signed: false, digits: 5 },
  uinteger: { bits: 32, signed: false, digits: 10 },
  ubigint: { bits: 64, signed: false, digits: 20 },
  uhugeint: { bits: 128, signed: false, digits: 39 },
};

const instants = new Set(['timestamp_s', 'timestamp_ms', 'timestamp', 'timestamptz', 'timestamp_ns']);

export function isInteger(type: DataType): boolean {
  return integers[type.kind] !== undefined;
}

/** `same`: the vectors can be copied; `cast`: DuckDB's cast loses nothing; `refused`: it might. Instants finer than the column's unit are cut. */
export function conversion(found: DataType, declared: DataType): 'same' | 'cast' | 'refused' {
  if (found.kind === declared.kind) return sameKind(found, declared);
  const from = integers[found.kind];
  const to = integers[declared.kind];
  if (from && to) return to.bits > from.bits && (to.signed || !from.signed) ? 'cast' : 'refused';
  if (from && declared.kind === 'double') return from.bits <= 32 ? 'cast' : 'refused';
  if (from && declared.kind === 'float') return from.bits <= 16 ? 'cast' : 'refused';
  if (from && declared.kind === 'decimal') return declared.width - declared.scale >= from.digits ? 'cast' : 'refused';
  if (found.kind === 'float' && declared.kind === 'double') return 'cast';
  if (isTextual(found) && isTextual(declared)) return 'same';
  const zoned = found.kind === 'timestamptz' || declared.kind === 'timestamptz';
  if (zoned && (found.kind === 'timestamp' || declared.kind === 'timestamp')) return 'same';
  if (instants.has(found.kind) && instants.has(declared.kind)) return zoned ? 'refused' : 'cast';
  if (found.kind === 'date' && declared.kind === 'timestamp') return 'cast';
  return 'refused';
}

/** DuckDB writes JSON columns to Parquet as text. */
function isTextual(type: DataType): boolean {
  return type.kind === 'varchar' || type.kind === 'json';
}

function sameKind(found: DataType, declared: DataType): 'same' | 'cast' | 'refused' {
  if (found.kind === 'decimal' && declared.kind === 'decimal') {
    if (found.width === declared.width && found.scale === declared.scale) return 'same';
    return declared.scale >= found.scale && declared.width - declared.scale >= found.width - found.scale ? 'cast' : 'refused';
  }
  if (found.kind === 'list' && declared.kind === 'list') return conversion(found.child, declared.child);
  if (found.kind === 'map' && declared.kind === 'map')
    return both(conversion(found.key, declared.key), conversion(found.value, declared.value));
  if (found.kind === 'struct' && declared.kind === 'struct') {
    if (found.fields.length !== declared.fields.length) return 'refused';
    return declared.fields.reduce<'same' | 'cast' | 'refused'>((outcome, field, index) => {
      const other = found.fields[index];
      return other === undefined || other.name !== field.name ? 'refused' : both(outcome, conversion(other.type, field.type));
    }, 'same');
  }
  return found.kind === 'enum' ? 'refused' : 'same';
}

function both(a: 'same' | 'cast' | 'refused', b: 'same' | 'cast' | 'refused'): 'same' | 'cast' | 'refused' {
  return a === 'refused' || b === 'refused' ? 'refused' : a === 'cast' || b === 'cast' ? 'cast' : 'same';
}
