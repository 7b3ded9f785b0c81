import type { Column, Validity } from '../batch.ts';
import type { DataType } from '../data-type.ts';
import type { JsonReader } from './json-reader.ts';

/**
 * Collects the values of one column, row by row. Every `append...` that returns false has appended nothing: the value is not one of
 * the column's type, and converting it would lose something.
 */
export abstract class ColumnBuilder {
  readonly type: DataType;
  rows = 0;
  #validity = new Uint8Array(64).fill(0xff);
  #nulls = 0;

  constructor(type: DataType) {
    this.type = type;
  }

  /** From UTF-8 text bytes[start, end), as in a CSV field. Blanks around it count for text only. */
  abstract appendText(bytes: Uint8Array, start: number, end: number): boolean;

  /** From the JSON value that the reader stands before; the reader stands after it if it was well formed, else its `fault` is set. */
  abstract appendJson(reader: JsonReader): boolean;

  /** From a JavaScript value, as JSON.parse gives it, or a bigint. A number past 2^53 is not taken for an exact integer. */
  abstract appendValue(value: unknown): boolean;

  /** Bytes of one row are undefined when it is NULL. */
  protected abstract appendFiller(): void;

  protected abstract truncateValues(rows: number): void;

  protected abstract takeColumn(validity: Validity): Column;

  appendNull(): void {
    const row = this.rows;
    this.appendFiller();
    const at = row >> 3;
    if (at >= this.#validity.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.#validity.length * 2)).fill(0xff);
      larger.set(this.#validity);
      this.#validity = larger;
    }
    this.#validity[at] = (this.#validity[at] as number) & ~(1 << (row & 7));
    this.#nulls++;
  }

  /** Forgets the rows from `rows` on. */
  truncate(rows: number): void {
    if (rows >= this.rows) return;
    for (let row = rows; row < this.rows && this.#nulls > 0; row++) {
      if (!this.#isValid(row)) {
        this.#validity[row >> 3] = (this.#validity[row >> 3] as number) | (1 << (row & 7));
        this.#nulls--;
      }
    }
    this.truncateValues(rows);
    this.rows = rows;
  }

  /** The rows so far as a column of their own; the builder starts again, with the same dictionary where there is one. */
  finish(): Column {
    const column = this.takeColumn(this.#takeValidity());
    this.rows = 0;
    return column;
  }

  #isValid(row: number): boolean {
    const at = row >> 3;
    return at >= this.#validity.length || ((this.#validity[at] as number) & (1 << (row & 7))) !== 0;
  }

  #takeValidity(): Validity {
    if (this.#nulls === 0) return null;
    const validity = new Uint8Array((this.rows + 7) >> 3).fill(0xff);
    validity.set(this.#validity.subarray(0, validity.length));
    this.#validity.fill(0xff);
    this.#nulls = 0;
    return validity;
  }
}
