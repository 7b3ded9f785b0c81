import type { FixedArray, FixedColumn } from '../../../connectors/batch.ts';
import type { DataType } from '../../../connectors/data-type.ts';

const widths: Readonly<Partial<Record<DataType['kind'], number>>> = {
  boolean: 1,
  tinyint: 1,
  utinyint: 1,
  smallint: 2,
  usmallint: 2,
  integer: 4,
  uinteger: 4,
  float: 4,
  date: 4,
  hugeint: 16,
  uhugeint: 16,
  uuid: 16,
  interval: 16,
};

/** Bytes of one value in DuckDB's physical form. */
export function bytesPerValue(type: DataType): number {
  if (type.kind !== 'decimal') return widths[type.kind] ?? 8;
  if (type.width <= 4) return 2;
  if (type.width <= 9) return 4;
  return type.width <= 18 ? 8 : 16;
}

/** Array elements of one row: more than one for 16-byte values. */
export function elementsPerRow(column: FixedColumn): number {
  return Math.max(1, bytesPerValue(column.type) / column.data.BYTES_PER_ELEMENT);
}

export function fixedArrayLike(data: FixedArray, length: number): FixedArray {
  return new (data.constructor as new (length: number) => FixedArray)(length);
}
