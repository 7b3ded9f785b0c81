/** Small numeric functions of the forecaster. Everything is f64. */

export function clamp(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}

/** Middle of the values, or the mean of the two middle ones; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : 0.5 * (sorted[half - 1]! + sorted[half]!);
}

/** The value at `floor(share * (count - 1))` in ascending order. */
export function lowerQuantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(share * (sorted.length - 1))]!;
}

/** Mean of what lies between `from` and `to`, both included, by prefix sums (sums[i]: of the first i values). */
export function meanBetween(sums: Float64Array, from: number, to: number): number {
  return (sums[to + 1]! - sums[from]!) / (to - from + 1);
}

/** Standard deviation of the population; two passes. */
export function deviation(values: ArrayLike<number>): number {
  const n = values.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]!;
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i]! - mean) * (values[i]! - mean);
  return Math.sqrt(squares / n);
}

/**
 * Complementary error function, relative error below 1e-13: for small x the series 2/sqrt(pi) exp(-x^2) sum of 2^k x^(2k+1)/(2k+1)!!,
 * whose terms are all positive; for x >= 2 the continued fraction of Laplace from its 120th level.
 */
export function complementaryError(x: number): number {
  const z = Math.abs(x);
  if (z > 27) return x > 0 ? 0 : 2;
  const scale = Math.exp(-z * z);
  let upper: number;
  if (z < 2) {
    let term = z;
    let sum = z;
    for (let k = 1; term > 1e-17 * sum; k++) {
      term *= (2 * z * z) / (2 * k + 1);
      sum += term;
    }
    upper = 1 - (2 / Math.sqrt(Math.PI)) * scale * sum;
  } else {
    let fraction = 0;
    for (let k = 120; k > 0; k--) fraction = k / 2 / (z + fraction);
    upper = scale / Math.sqrt(Math.PI) / (z + fraction);
  }
  return x >= 0 ? upper : 2 - upper;
}

/** Share of the standard normal distribution below x. */
export function normalShare(x: number): number {
  return 0.5 * complementaryError(-x / Math.SQRT2);
}

/** Power of two that brings the largest magnitude into [1, 2): forecasts do not depend on the unit. 1 where all values are 0. */
export function unitOf(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  if (largest === 0) return 1;
  let unit = 1;
  while (unit > largest && unit > 2 ** -1000) unit *= 0.5;
  while (unit <= largest / 2 && unit < 2 ** 1000) unit *= 2;
  return unit;
}
