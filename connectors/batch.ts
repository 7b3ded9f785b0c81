import type { DataType } from './data-type.ts';
import type { StringDictionary } from './string-dictionary.ts';

/** Rows a batch holds at most. Kernels size their selection vectors by it. */
export const batchRowsMax = 8192;

/** Arrow validity: bit i (least significant first) is 1 when row i is not NULL; null when every row is valid. */
export type Validity = Uint8Array | null;

export type FixedArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/**
 * Fixed-width values in DuckDB's physical form: boolean one byte (0/1); date i32 days; time, timestamp* i64 in their own unit
 * (timestamp: microseconds since 1970, UTC); decimal i16/i32/i64/i128 by width (<=4, <=9, <=18, <=38); hugeint and uuid 16 bytes
 * (BigUint64Array, low word first, 2 per row); interval 16 bytes (i32 months, i32 days, i64 microseconds).
 */
export interface FixedColumn {
  readonly kind: 'fixed';
  readonly type: DataType;
  readonly data: FixedArray;
  readonly validity: Validity;
}

/** varchar, json, blob, enum: one code per row into an append-only dictionary. The code of a NULL row is 0 and means nothing. */
export interface StringColumn {
  readonly kind: 'string';
  readonly type: DataType;
  readonly codes: Uint32Array;
  readonly dictionary: StringDictionary;
  readonly validity: Validity;
}

/** list: one child column. map: two (keys, values). Row i is child[offsets[i] .. offsets[i + 1]). */
export interface ListColumn {
  readonly kind: 'list';
  readonly type: DataType;
  readonly offsets: Uint32Array;
  readonly children: readonly Column[];
  readonly validity: Validity;
}

export interface StructColumn {
  readonly kind: 'struct';
  readonly type: DataType;
  readonly children: readonly Column[];
  readonly validity: Validity;
}

export type Column = FixedColumn | StringColumn | ListColumn | StructColumn;

export interface Batch {
  readonly rows: number;
  readonly columns: readonly Column[];
  /**
   * Of a result that changes: by row, how many rows like it are added (above 0) or taken back (below 0). Absent: each row is added once.
   * A row that is taken back was added before, equal in every column; a batch holds what is taken back before what replaces it.
   */
  readonly weights?: Int32Array;
}
