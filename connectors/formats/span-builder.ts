import type { Column } from '../batch.ts';
import { ColumnBuilder } from '../columns/builder.ts';
import type { JsonReader } from '../columns/json-reader.ts';

/** A column whose values are checked, and of whose last one it is remembered where it stood. */
export class SpanBuilder extends ColumnBuilder {
  readonly #inner: ColumnBuilder;
  start = 0;
  /** -1: NULL. */
  length = -1;

  constructor(inner: ColumnBuilder) {
    super(inner.type);
    this.#inner = inner;
  }

  override appendJson(reader: JsonReader): boolean {
    const isNull = reader.peek() === 110;
    this.start = reader.position;
    const good = this.#inner.appendJson(reader);
    this.#inner.truncate(0);
    this.length = isNull ? -1 : reader.position - this.start;
    return good;
  }

  override appendNull(): void {
    this.length = -1;
  }

  override appendText(): boolean {
    return false;
  }

  override appendValue(): boolean {
    return false;
  }

  override truncate(): void {}

  protected override appendFiller(): void {}

  protected override truncateValues(): void {}

  protected override takeColumn(): Column {
    throw new Error('a column of spans has no values');
  }
}
