import type { PackedRows, StringDelta } from './frame.ts';
import { type ColumnPlace, type ExchangeLayout, exchangeRowsMax } from './row-layout.ts';

/** Values as unsigned integers of their width; those of 16 bytes are two of 8. */
export type Words = Uint8Array | Uint16Array | Uint32Array | BigInt64Array;

export function wordsOf(width: number, buffer: ArrayBufferLike, offset: number, rows: number): Words {
  if (width === 1) return new Uint8Array(buffer, offset, rows);
  if (width === 2) return new Uint16Array(buffer, offset, rows);
  if (width === 4) return new Uint32Array(buffer, offset, rows);
  return new BigInt64Array(buffer, offset, rows * (width >> 3));
}

/** Rows on their way to one lane. */
export class RowBuffer {
  readonly #layout: ExchangeLayout;
  rows = 0;
  weights = new Int32Array(0);
  weighted = false;
  #values: Words[] = [];
  /** By column; null while no row of it is NULL. */
  readonly #validities: (Uint8Array | null)[];
  #buffer: ArrayBuffer | null = null;

  constructor(layout: ExchangeLayout) {
    this.#layout = layout;
    this.#validities = layout.columns.map(() => null);
  }

  get open(): boolean {
    return this.#buffer !== null;
  }

  begin(buffer: ArrayBuffer): void {
    this.#buffer = buffer;
    this.rows = 0;
    this.weighted = false;
    this.#values = this.#layout.columns.map(({ width, data }) => wordsOf(width, buffer, data, exchangeRowsMax));
    this.#validities.fill(null);
  }

  /** A column's values of the rows after those that are there; `each`: words of a value. */
  put(column: number, values: Words, each: number): void {
    (this.#values[column] as Uint8Array).set(values as Uint8Array, this.rows * each);
  }

  setNull(column: number, row: number): void {
    const validity = this.#validities[column] ?? this.#beginValidity(column);
    validity[row >> 3] = (validity[row >> 3] as number) & ~(1 << (row & 7));
  }

  #beginValidity(column: number): Uint8Array {
    const { validity: offset } = this.#layout.columns[column] as ColumnPlace;
    const validity = new Uint8Array(this.#buffer as ArrayBuffer, offset, exchangeRowsMax >> 3).fill(255);
    this.#validities[column] = validity;
    return validity;
  }

  /** Rows before the first that had a weight were added once. */
  beginWeights(): void {
    if (this.weighted) return;
    this.weighted = true;
    this.weights = new Int32Array(this.#buffer as ArrayBuffer, this.#layout.weights, exchangeRowsMax).fill(1);
  }

  /** The rows, to be sent with what is new of their strings; the buffer is empty afterwards. */
  seal(strings: readonly (StringDelta | null)[]): PackedRows {
    const packed = {
      rows: this.rows,
      buffer: this.#buffer as ArrayBuffer,
      nulls: this.#validities.map((validity) => validity !== null),
      weighted: this.weighted,
      strings,
    };
    this.#buffer = null;
    this.rows = 0;
    this.#values = [];
    return packed;
  }
}
