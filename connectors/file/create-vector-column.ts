import type { FixedArray } from '../batch.ts';
import type { DataType } from '../data-type.ts';
import { StringVectorColumn } from './string-vector-column.ts';
import { FixedVectorColumn, ListVectorColumn, StructVectorColumn, type VectorColumn } from './vector-columns.ts';

type MakeArray = (length: number) => FixedArray;

const long: MakeArray = (length) => new BigInt64Array(length);
const wide: MakeArray = (length) => new BigUint64Array(length);

const arrays: Readonly<Partial<Record<DataType['kind'], MakeArray>>> = {
  boolean: (length) => new Uint8Array(length),
  tinyint: (length) => new Int8Array(length),
  smallint: (length) => new Int16Array(length),
  integer: (length) => new Int32Array(length),
  bigint: long,
  utinyint: (length) => new Uint8Array(length),
  usmallint: (length) => new Uint16Array(length),
  uinteger: (length) => new Uint32Array(length),
  ubigint: wide,
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
      return new FixedVectorColumn(type, wide, 2);
    default:
      return new FixedVectorColumn(type, arrays[type.kind] ?? long, 1);
  }
}

function decimalArray(width: number): MakeArray {
  if (width > 18) return wide;
  if (width > 9) return long;
  return width > 4 ? (length) => new Int32Array(length) : (length) => new Int16Array(length);
}
