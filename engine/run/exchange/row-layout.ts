import type { Column, FixedArray } from '../../../connectors/batch.ts';
import type { ColumnSpec, DataType } from '../../../connectors/data-type.ts';
import { bytesPerValue } from '../batch/fixed-width.ts';

/** Rows that go to one lane together at most: a batch. */
export const exchangeRowsMax = 8192;

export interface ColumnPlace {
  readonly type: DataType;
  readonly string: boolean;
  /** Bytes of a value; strings: of a code. */
  readonly width: number;
  /** Byte offsets in the buffer. */
  readonly data: number;
  readonly validity: number;
}

/** Where columns of up to `exchangeRowsMax` rows lie in one buffer. Null when a column is nested: such rows go by another way. */
export interface ExchangeLayout {
  readonly columns: readonly ColumnPlace[];
  /** Offset of an i32 by row: how often it is added or taken back. */
  readonly weights: number;
  readonly bytes: number;
}

const strings: ReadonlySet<string> = new Set(['varchar', 'json', 'blob', 'enum']);
const nested: ReadonlySet<string> = new Set(['list', 'struct', 'map']);

export function exchangeLayout(schema: readonly ColumnSpec[]): ExchangeLayout | null {
  if (schema.some(({ type }) => nested.has(type.kind))) return null;
  let next = 0;
  const place = (bytes: number): number => {
    const at = next;
    next = (next + bytes + 15) & ~15;
    return at;
  };
  const columns = schema.map(({ type }): ColumnPlace => {
    const string = strings.has(type.kind);
    const width = string ? 4 : bytesPerValue(type);
    return { type, string, width, data: place(width * exchangeRowsMax), validity: place(exchangeRowsMax / 8) };
  });
  return { columns, weights: place(4 * exchangeRowsMax), bytes: next };
}

/** The first `rows` values at `offset`, as batches have them. */
export function fixedValues(type: DataType, buffer: ArrayBuffer, offset: number, rows: number): FixedArray {
  if (type.kind === 'double') return new Float64Array(buffer, offset, rows);
  if (type.kind === 'float') return new Float32Array(buffer, offset, rows);
  switch (bytesPerValue(type)) {
    case 1:
      return type.kind === 'tinyint' ? new Int8Array(buffer, offset, rows) : new Uint8Array(buffer, offset, rows);
    case 2:
      return type.kind === 'usmallint' ? new Uint16Array(buffer, offset, rows) : new Int16Array(buffer, offset, rows);
    case 4:
      return type.kind === 'uinteger' ? new Uint32Array(buffer, offset, rows) : new Int32Array(buffer, offset, rows);
    case 8:
      return type.kind === 'ubigint' ? new BigUint64Array(buffer, offset, rows) : new BigInt64Array(buffer, offset, rows);
    default:
      return new BigUint64Array(buffer, offset, rows * 2);
  }
}

export function isPlain(column: Column): boolean {
  return column.kind === 'fixed' || column.kind === 'string';
}
