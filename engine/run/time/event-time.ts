import type { DataType } from '../../../connectors/data-type.ts';

/** Watermark of an input that has ended: no row will come. */
export const endOfTime = 2n ** 63n - 1n;

/** Before every row that a date can be shown of (microseconds): the first day that JavaScript knows. */
export const beginningOfTime = -8_640_000_000_000_000_000n;

/** DuckDB's 'infinity' and '-infinity': they belong to no point in time and move no watermark. */
export const infinities: readonly [bigint, bigint] = [endOfTime, -endOfTime];

/** Steps of an event-time column: one is numerator / denominator microseconds. */
export interface EventTimeUnit {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const units: Readonly<Partial<Record<DataType['kind'], EventTimeUnit>>> = {
  timestamp: { numerator: 1n, denominator: 1n },
  timestamptz: { numerator: 1n, denominator: 1n },
  timestamp_s: { numerator: 1_000_000n, denominator: 1n },
  timestamp_ms: { numerator: 1_000n, denominator: 1n },
  timestamp_ns: { numerator: 1n, denominator: 1_000n },
  date: { numerator: 86_400_000_000n, denominator: 1n },
};

export const microseconds: EventTimeUnit = { numerator: 1n, denominator: 1n };

/** Null when the type cannot carry event time. */
export function eventTimeUnit(type: DataType): EventTimeUnit | null {
  return units[type.kind] ?? null;
}

export function toMicros(native: bigint, unit: EventTimeUnit): bigint {
  return floorDivide(native * unit.numerator, unit.denominator);
}

/** Least value of the unit that is not before `micros`. */
export function fromMicros(micros: bigint, unit: EventTimeUnit): bigint {
  return -floorDivide(-micros * unit.denominator, unit.numerator);
}

/**
 * Lateness in the unit's steps. Rounding down is exact: of integers t and max, max - t > lateness holds if and only if it holds for the
 * lateness rounded down.
 */
export function latenessSteps(latenessMs: number, unit: EventTimeUnit): bigint {
  return floorDivide(BigInt(Math.round(latenessMs * 1000)) * unit.denominator, unit.numerator);
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}
