import type { DataType } from '../data-type.ts';
import { scaledDecimal } from './decimal-text.ts';
import { FixedBuilder } from './fixed-builder.ts';
import { wholeNumber } from './integer-text.ts';

const initialRows = 64;
const twoTo32 = 4_294_967_296;

/** 64-bit values written as two 32-bit halves, which costs no bigint per value. */
export abstract class Int64Builder extends FixedBuilder<BigInt64Array | BigUint64Array> {
  #halves: Uint32Array;

  constructor(type: DataType, signed = true) {
    super(type, signed ? new BigInt64Array(initialRows) : new BigUint64Array(initialRows));
    this.#halves = new Uint32Array(this.data.buffer);
  }

  protected override dataChanged(): void {
    this.#halves = new Uint32Array(this.data.buffer);
  }

  /** `value` is a safe integer. */
  protected appendSafe(value: number): true {
    this.reserve();
    const at = this.rows++ * 2;
    this.#halves[at] = value;
    this.#halves[at + 1] = Math.floor(value / twoTo32);
    return true;
  }

  protected appendBig(value: bigint): true {
    this.reserve();
    this.data[this.rows++] = value;
    return true;
  }
}

export class BigintBuilder extends Int64Builder {
  readonly #minimum: bigint;
  readonly #maximum: bigint;

  constructor(type: DataType, signed: boolean) {
    super(type, signed);
    this.#minimum = signed ? -(2n ** 63n) : 0n;
    this.#maximum = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  }

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    const value = wholeNumber(bytes, start, end);
    if (typeof value === 'number') return (value >= 0 || this.#minimum < 0n) && this.appendSafe(value);
    return value !== undefined && value >= this.#minimum && value <= this.#maximum && this.appendBig(value);
  }

  override appendValue(value: unknown): boolean {
    if (typeof value !== 'number') return super.appendValue(value);
    return Number.isSafeInteger(value) && (value >= 0 || this.#minimum < 0n) && this.appendSafe(value);
  }
}

/** HUGEINT and UHUGEINT, and the two's complement of any 128-bit value. */
export class Int128Builder extends FixedBuilder<BigUint64Array> {
  readonly #minimum: bigint;
  readonly #maximum: bigint;

  constructor(type: DataType, minimum: bigint, maximum: bigint) {
    super(type, new BigUint64Array(2 * initialRows), 2);
    this.#minimum = minimum;
    this.#maximum = maximum;
  }

  protected convert(bytes: Uint8Array, start: number, end: number): number | bigint | undefined {
    return wholeNumber(bytes, start, end);
  }

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    const converted = this.convert(bytes, start, end);
    if (converted === undefined) return false;
    const value = BigInt(converted);
    if (value < this.#minimum || value > this.#maximum) return false;
    this.reserve();
    const at = this.rows++ * 2;
    this.data[at] = BigInt.asUintN(64, value);
    this.data[at + 1] = BigInt.asUintN(64, value >> 64n);
    return true;
  }
}

/** DECIMAL of 19 to 38 digits. */
export class WideDecimalBuilder extends Int128Builder {
  readonly #scale: number;

  constructor(type: DataType & { kind: 'decimal' }) {
    super(type, 1n - 10n ** BigInt(type.width), 10n ** BigInt(type.width) - 1n);
    this.#scale = type.scale;
  }

  protected override convert(bytes: Uint8Array, start: number, end: number): number | bigint | undefined {
    return scaledDecimal(bytes, start, end, this.#scale);
  }
}

/** DECIMAL of up to 9 digits, in 16 or 32 bits. */
export class NarrowDecimalBuilder extends FixedBuilder<Int16Array | Int32Array> {
  readonly #scale: number;
  readonly #maximum: number;

  constructor(type: DataType & { kind: 'decimal' }) {
    super(type, type.width <= 4 ? new Int16Array(initialRows) : new Int32Array(initialRows));
    this.#scale = type.scale;
    this.#maximum = 10 ** type.width - 1;
  }

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    const value = scaledDecimal(bytes, start, end, this.#scale);
    if (typeof value !== 'number' || Math.abs(value) > this.#maximum) return false;
    this.reserve();
    this.data[this.rows++] = value;
    return true;
  }
}

/** DECIMAL of 10 to 18 digits. */
export class DecimalBuilder extends Int64Builder {
  readonly #scale: number;
  readonly #maximum: bigint;

  constructor(type: DataType & { kind: 'decimal' }) {
    super(type);
    this.#scale = type.scale;
    this.#maximum = 10n ** BigInt(type.width) - 1n;
  }

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    const value = scaledDecimal(bytes, start, end, this.#scale);
    if (value === undefined || value > this.#maximum || value < -this.#maximum) return false;
    return typeof value === 'number' ? this.appendSafe(value) : this.appendBig(value);
  }
}
