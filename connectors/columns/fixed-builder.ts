import type { Column, FixedArray, Validity } from '../batch.ts';
import type { DataType } from '../data-type.ts';
import { ColumnBuilder } from './builder.ts';
import type { JsonReader } from './json-reader.ts';

const encoder = new TextEncoder();
const openBrace = 123;
const openBracket = 91;

/** Reads a scalar JSON value as the text that it stands for: an unquoted string, a number as written, true or false; null is NULL. */
export abstract class ScalarBuilder extends ColumnBuilder {
  override appendJson(reader: JsonReader): boolean {
    const first = reader.peek();
    if (first === openBrace || first === openBracket) {
      reader.skipValue();
      return false;
    }
    reader.halfPair = false;
    if (!reader.readScalar() || reader.halfPair) return false;
    if (first === 110) {
      this.appendNull();
      return true;
    }
    return this.appendText(reader.token, reader.tokenStart, reader.tokenEnd);
  }

  override appendValue(value: unknown): boolean {
    if (value === null || value === undefined) {
      this.appendNull();
      return true;
    }
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) return this.appendUnsafeInteger(value);
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'boolean') return false;
    const text = encoder.encode(String(value));
    return this.appendText(text, 0, text.length);
  }

  /** Most types cannot know which integer was meant. */
  protected appendUnsafeInteger(_value: number): boolean {
    return false;
  }
}

/** Fixed-width values; `data` holds at least `rows * elementsPerRow` elements. */
export abstract class FixedBuilder<Values extends FixedArray = FixedArray> extends ScalarBuilder {
  protected data: Values;
  readonly #elementsPerRow: number;

  constructor(type: DataType, data: Values, elementsPerRow = 1) {
    super(type);
    this.data = data;
    this.#elementsPerRow = elementsPerRow;
  }

  /** Makes room for one more row. */
  protected reserve(): void {
    const needed = (this.rows + 1) * this.#elementsPerRow;
    if (needed <= this.data.length) return;
    const larger = new (this.data.constructor as new (length: number) => Values)(Math.max(needed, this.data.length * 2));
    larger.set(this.data as never);
    this.data = larger;
    this.dataChanged();
  }

  /** Called when `data` is another array than before, for those that keep a view of it. */
  protected dataChanged(): void {}

  protected override appendFiller(): void {
    this.reserve();
    const at = this.rows * this.#elementsPerRow;
    const zero = this.data instanceof BigInt64Array || this.data instanceof BigUint64Array ? 0n : 0;
    this.data.fill(zero as never, at, at + this.#elementsPerRow);
    this.rows++;
  }

  protected override truncateValues(): void {}

  protected override takeColumn(validity: Validity): Column {
    return { kind: 'fixed', type: this.type, data: this.data.slice(0, this.rows * this.#elementsPerRow), validity };
  }
}
