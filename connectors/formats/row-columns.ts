import type { Column } from '../batch.ts';
import { type ColumnBuilder, type ColumnBuilderOptions, createColumnBuilder } from '../column-builder.ts';
import type { ColumnSpec } from '../data-type.ts';
import { missingValue, type RowFault } from './row-fault.ts';

/** Builders of all declared columns; those that no query reads only check. */
export class RowColumns {
  readonly specs: readonly ColumnSpec[];
  readonly builders: readonly ColumnBuilder[];
  readonly #needed: readonly number[];
  rows = 0;

  /** `own`: the builder of a column that is built otherwise, and not among `needed`. */
  constructor(
    specs: readonly ColumnSpec[],
    needed: readonly number[],
    options: ColumnBuilderOptions,
    own: (index: number) => ColumnBuilder | null = () => null,
  ) {
    this.specs = specs;
    this.#needed = needed;
    this.builders = specs.map((spec, index) => own(index) ?? createColumnBuilder(spec.type, { ...options, keeps: needed.includes(index) }));
  }

  /** Ends a row that every builder has a value of. */
  endRow(): void {
    this.rows++;
  }

  /** A row without any value; or why it cannot be. */
  appendNulls(): RowFault | null {
    const required = this.specs.find((spec) => !spec.nullable);
    if (required !== undefined) return missingValue(required);
    for (const builder of this.builders) builder.appendNull();
    this.endRow();
    return null;
  }

  /** Forgets what the row at hand has appended so far. */
  undo(): void {
    for (const index of this.#needed) (this.builders[index] as ColumnBuilder).truncate(this.rows);
  }

  /** Forgets the rows from `rows` on. */
  truncate(rows: number): void {
    this.rows = rows;
    this.undo();
  }

  take(): readonly Column[] {
    this.rows = 0;
    return this.#needed.map((index) => (this.builders[index] as ColumnBuilder).finish());
  }
}
