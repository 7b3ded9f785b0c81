import type { FixedArray } from '../batch.ts';
import type { DataType } from '../data-type.ts';
import { StringVectorColumn } from './string-vector-column.ts';
import { FixedVectorColumn, ListVectorColumn, StructVectorColumn, type VectorColumn } from './vector-columns.ts';

const initialRows = 2048;
type MakeArray = (length: number) => FixedArray;

const arrays: Readonly<Partial<Record<DataType['kind'], MakeArray>>> = {
  boolean: (length) => new Uint8Array(length),
  tinyint: (length) => new Int8Array(length),
  smallint: (length) => new Int16Array(length),
  integer: (length) => new Int32Array(length),
  bigint: (length) => new BigInt64Array(length),
  utinyint: (length) => new Uint8Array(length),
  usmallint: (length) => new Uint16Array(length),
  uinteger: (length) => new Uint32Array(length),
  ubigint: (length) => new BigUint64Array(length),
  float: (length) => new Float32Array(length),
  double: (length) => new Float64Array(length),
  date: (length) => new Int32Array(length),
};

/** A collector of DuckDB vectors of `type`, in DuckDB's physical form. */
export function createVectorColumn(type: DataType): VectorColumn {
  switch (type.kind) {
    case 'varchar':
    case 'json':
    case 'blob':
      return new StringVectorColumn(type);
    case 'list':
      return new ListVectorColumn(type, [createVectorColumn(type.child)]);
    case 'map':
      return new ListVectorColumn(type, [createVectorColumn(type.key), createVectorColumn(type.value)]);
    case 'struct':
      return new StructVectorColumn(
        type,
        type.fields.map((field) => createVectorColumn(field.type)),
      );
    case 'decimal':
      return new FixedVectorColumn(type, decimalArray(type.width), type.width > 18 ? 2 : 1);
    case 'hugeint':
    case 'uhugeint':
    case 'uuid':
    case 'interval':
      return new FixedVectorColumn(type, new BigUint64Array(2 * initialRows), 2);
    default:
      return new FixedVectorColumn(type, arrays[type.kind]?.(initialRows) ?? new BigInt64Array(initialRows), 1);
  }
}

function decimalArray(width: number): FixedArray {
  if (width <= 4) return new Int16Array(initialRows);
  if (width <= 9) return new Int32Array(initialRows);
  return width <= 18 ? new BigInt64Array(initialRows) : new BigUint64Array(2 * initialRows);
}
