import { type ColumnBuilder, createColumnBuilder, type TimestampUnit } from '../column-builder.ts';
import type { Column } from '../batch.ts';
import type { ColumnSpec } from '../data-type.ts';
import type { RowFault } from './row-fault.ts';

/** Takes records apart and collects their values. One for each file read. */
export interface RecordDecoder {
  /**
   * Looks for the end of the record at bytes[start]: where the next one begins, or -1 when the record does not end before `end`.
   * `last`: nothing follows `end`, so the record ends there.
   */
  scan(bytes: Uint8Array, start: number, end: number, last: boolean): number;
  /** Lines of the record scanned. */
  readonly lines: number;
  /** Appends the record scanned as a row; or says why it is none; or 'blank' when nothing is there. */
  decode(bytes: Uint8Array): RowFault | 'blank' | null;
  /** For a record too long to be held: begins, then goes on, looking for its end; -1 until it is found. */
  beginSkip(): void;
  skip(bytes: Uint8Array, start: number, end: number): number;
  readonly columns: RowColumns;
}

/** Builders of all declared columns; those that no query reads only check. */
export class RowColumns {
  readonly specs: readonly ColumnSpec[];
  readonly builders: readonly ColumnBuilder[];
  readonly #needed: readonly number[];
  rows = 0;

  constructor(specs: readonly ColumnSpec[], needed: readonly number[], timestampUnit: TimestampUnit | null) {
    this.specs = specs;
    this.#needed = needed;
    this.builders = specs.map((spec, index) => createColumnBuilder(spec.type, { timestampUnit, keeps: needed.includes(index) }));
  }

  /** Forgets what the row at hand has appended so far. */
  undo(): void {
    for (const index of this.#needed) (this.builders[index] as ColumnBuilder).truncate(this.rows);
  }

  take(): readonly Column[] {
    this.rows = 0;
    return this.#needed.map((index) => (this.builders[index] as ColumnBuilder).finish());
  }
}
