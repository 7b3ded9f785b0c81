import { complementaryError, deviation, median } from './arithmetic.ts';
import { steps } from './candidates.ts';
import type { Interval } from './interval.ts';

/** Crude forecast of fewer than 140 points: the median of the last 24 at most, give or take 2.2 standard deviations. */
export function forecastShort(values: Float64Array): Interval {
  const level = median(Array.from(values.subarray(-24)));
  const width = 2.2 * deviation(values);
  let least = Number.POSITIVE_INFINITY;
  for (const value of values) least = Math.min(least, value);
  const lower = least >= 0 ? Math.max(level - width, 0) : level - width;
  const all = (value: number) => new Float64Array(steps).fill(value);
  return { mean: all(level), lower: all(lower), upper: all(level + width) };
}

/** Probability that a threshold (`sign` 1: upper, -1: lower) is reached, from the same level and deviation. */
export function breachShort(values: Float64Array, level: number, threshold: number, sign: 1 | -1): number {
  const distance = (sign * (threshold - level)) / (deviation(values) + 1e-300);
  return distance > 0 ? Math.min(1, 3 * complementaryError(distance / Math.SQRT2)) : 1;
}
