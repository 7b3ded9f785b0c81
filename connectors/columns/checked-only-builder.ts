import type { Column } from '../batch.ts';
import { ColumnBuilder } from './builder.ts';
import type { JsonReader } from './json-reader.ts';

/** A column that no query reads: its values are checked as in any other, and forgotten. */
export class CheckedOnlyBuilder extends ColumnBuilder {
  readonly #inner: ColumnBuilder;

  constructor(inner: ColumnBuilder) {
    super(inner.type);
    this.#inner = inner;
  }

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#kept(this.#inner.appendText(bytes, start, end));
  }

  override appendJson(reader: JsonReader): boolean {
    return this.#kept(this.#inner.appendJson(reader));
  }

  override appendValue(value: unknown): boolean {
    return this.#kept(this.#inner.appendValue(value));
  }

  #kept(good: boolean): boolean {
    this.#inner.truncate(0);
    return good;
  }

  override appendNull(): void {}

  override truncate(): void {}

  protected override appendFiller(): void {}

  protected override truncateValues(): void {}

  protected override takeColumn(): Column {
    throw new Error('a column that is only checked has no values');
  }
}
