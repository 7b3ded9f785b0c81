import type { FixedArray } from '../batch.ts';
import type { DataType } from '../data-type.ts';
import { fixedWidth } from './json-layout.ts';

type MakeArray = (length: number) => FixedArray;

const makers: Readonly<Partial<Record<DataType['kind'], MakeArray>>> = {
  boolean: (length) => new Uint8Array(length),
  utinyint: (length) => new Uint8Array(length),
  tinyint: (length) => new Int8Array(length),
  usmallint: (length) => new Uint16Array(length),
  smallint: (length) => new Int16Array(length),
  uinteger: (length) => new Uint32Array(length),
  integer: (length) => new Int32Array(length),
  date: (length) => new Int32Array(length),
  float: (length) => new Float32Array(length),
  double: (length) => new Float64Array(length),
  ubigint: (length) => new BigUint64Array(length),
  hugeint: (length) => new BigUint64Array(length),
  uhugeint: (length) => new BigUint64Array(length),
  uuid: (length) => new BigUint64Array(length),
  interval: (length) => new BigUint64Array(length),
};

/** Makes the array of a batch's fixed column of `type`; `length` in elements, of which wide types have two a row. */
export function fixedArrayMaker(type: DataType): MakeArray {
  const maker = makers[type.kind];
  if (maker !== undefined) return maker;
  if (type.kind !== 'decimal') return (length) => new BigInt64Array(length);
  if (type.width > 18) return (length) => new BigUint64Array(length);
  if (type.width > 9) return (length) => new BigInt64Array(length);
  return type.width > 4 ? (length) => new Int32Array(length) : (length) => new Int16Array(length);
}

export function elementsPerRow(type: DataType): number {
  return fixedWidth(type) === 16 ? 2 : 1;
}
