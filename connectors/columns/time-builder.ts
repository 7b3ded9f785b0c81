import type { DataType } from '../data-type.ts';
import { scaledDecimal } from './decimal-text.ts';
import { FixedBuilder } from './fixed-builder.ts';
import { wholeNumber } from './integer-text.ts';
import { parseInterval } from './interval-text.ts';
import { instant, parseDate, parseTime, parseTimestamp } from './time-text.ts';
import { Int64Builder } from './wide-builder.ts';

const initialRows = 64;
const nanosecondsPerSecond = 1_000_000_000;
const int64Maximum = 2n ** 63n - 1n;

export class DateBuilder extends FixedBuilder<Int32Array> {
  constructor(type: DataType) {
    super(type, new Int32Array(initialRows));
  }

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    const days = parseDate(bytes, start, end);
    if (days === undefined) return false;
    this.reserve();
    this.data[this.rows++] = days;
    return true;
  }
}

export class TimeBuilder extends Int64Builder {
  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    const microseconds = parseTime(bytes, start, end);
    return microseconds !== undefined && this.appendSafe(microseconds);
  }
}

/** What a plain number in a timestamp column counts since 1970. */
export type TimestampUnit = 's' | 'ms' | 'us' | 'ns' | 'min';

const countsPerSecond: Readonly<Record<Exclude<TimestampUnit, 'min'>, number>> = {
  s: 1,
  ms: 1000,
  us: 1_000_000,
  ns: nanosecondsPerSecond,
};

const perSecond: Readonly<Partial<Record<DataType['kind'], number>>> = {
  timestamp_s: 1,
  timestamp_ms: 1000,
  timestamp: 1_000_000,
  timestamptz: 1_000_000,
  timestamp_ns: nanosecondsPerSecond,
};

/** Digits finer than the type are dropped, as DuckDB does. */
export class TimestampBuilder extends Int64Builder {
  readonly #perSecond: number;
  readonly #unit: TimestampUnit | null;

  constructor(type: DataType, unit: TimestampUnit | null) {
    super(type);
    this.#perSecond = perSecond[type.kind] as number;
    this.#unit = unit;
  }

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    if (!parseTimestamp(bytes, start, end)) return this.#unit !== null && this.#appendCount(bytes, start, end, this.#unit);
    const { seconds, nanoseconds } = instant;
    const fraction = Math.floor(nanoseconds / (nanosecondsPerSecond / this.#perSecond));
    const value = seconds * this.#perSecond + fraction;
    if (Number.isSafeInteger(value)) return this.appendSafe(value);
    return this.#appendChecked(BigInt(seconds) * BigInt(this.#perSecond) + BigInt(fraction));
  }

  #appendCount(bytes: Uint8Array, start: number, end: number, unit: TimestampUnit): boolean {
    const whole = wholeNumber(bytes, start, end);
    if (unit === 'min') return whole !== undefined && this.#appendChecked(BigInt(whole) * 60n * BigInt(this.#perSecond));
    const countPerSecond = countsPerSecond[unit];
    if (typeof whole === 'number') {
      const scaled =
        this.#perSecond >= countPerSecond
          ? whole * (this.#perSecond / countPerSecond)
          : Math.floor(whole / (countPerSecond / this.#perSecond));
      if (Number.isSafeInteger(scaled)) return this.appendSafe(scaled);
    }
    const nanosecondDigits = 9 - Math.round(Math.log10(countPerSecond));
    const count = scaledDecimal(bytes, start, end, nanosecondDigits) ?? this.#truncated(bytes, start, end, nanosecondDigits);
    if (count === undefined) return false;
    const finer = nanosecondsPerSecond / this.#perSecond;
    if (typeof count === 'number') return this.appendSafe(Math.floor(count / finer));
    const big = BigInt(finer);
    const quotient = count / big;
    return this.#appendChecked(count < 0n && quotient * big !== count ? quotient - 1n : quotient);
  }

  /** A count with more decimals than nanoseconds have: as a JSON writer prints a double. */
  #truncated(bytes: Uint8Array, start: number, end: number, decimals: number): number | bigint | undefined {
    const point = bytes.subarray(start, end).indexOf(46);
    if (point < 0) return undefined;
    for (let i = start + point + 1; i < end; i++) if ((bytes[i] as number) < 48 || (bytes[i] as number) > 57) return undefined;
    return scaledDecimal(bytes, start, Math.min(end, start + point + 1 + decimals), decimals);
  }

  #appendChecked(value: bigint): boolean {
    return value <= int64Maximum && value >= -int64Maximum && this.appendBig(value);
  }
}

/** 16 bytes: i32 months, i32 days, i64 microseconds. */
export class IntervalBuilder extends FixedBuilder<BigUint64Array> {
  constructor(type: DataType) {
    super(type, new BigUint64Array(2 * initialRows), 2);
  }

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    const interval = parseInterval(new TextDecoder().decode(bytes.subarray(start, end)));
    if (interval === undefined) return false;
    this.reserve();
    const at = this.rows++ * 2;
    this.data[at] = BigInt.asUintN(32, BigInt(interval.months)) | (BigInt.asUintN(32, BigInt(interval.days)) << 32n);
    this.data[at + 1] = BigInt.asUintN(64, BigInt(interval.microseconds));
    return true;
  }
}

const uuidForm = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i;

/** DuckDB keeps a UUID as a 128-bit integer with the top bit flipped, so that it sorts as text. */
export class UuidBuilder extends FixedBuilder<BigUint64Array> {
  constructor(type: DataType) {
    super(type, new BigUint64Array(2 * initialRows), 2);
  }

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    const match = end - start > 50 ? null : uuidForm.exec(new TextDecoder().decode(bytes.subarray(start, end)).replace(/^ +| +$/g, ''));
    if (match === null) return false;
    const hex = match.slice(1).join('');
    this.reserve();
    const at = this.rows++ * 2;
    this.data[at] = BigInt(`0x${hex.slice(16)}`);
    this.data[at + 1] = BigInt(`0x${hex.slice(0, 16)}`) ^ (1n << 63n);
    return true;
  }
}
