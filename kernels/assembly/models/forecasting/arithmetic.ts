/** f64 at an index, and small numeric functions; the same operations in the same order as their definitions in kernels/models. */

// @ts-ignore: decorator
@inline
export function at(array: usize, index: i32): f64 {
  return load<f64>(array + ((<usize>index) << 3));
}

// @ts-ignore: decorator
@inline
export function put(array: usize, index: i32, value: f64): void {
  store<f64>(array + ((<usize>index) << 3), value);
}

// @ts-ignore: decorator
@inline
export function clamp(x: f64, low: f64, high: f64): f64 {
  return min<f64>(max<f64>(x, low), high);
}

// @ts-ignore: decorator
@inline
export function meanBetween(sums: usize, from: i32, to: i32): f64 {
  return (at(sums, to + 1) - at(sums, from)) / <f64>(to - from + 1);
}

/** The value of rank `rank` among the first `count`, which are put in another order: smaller ones before it, larger ones after. */
export function select(array: usize, count: i32, rank: i32): f64 {
  let left = 0;
  let right = count - 1;
  while (left < right) {
    const pivot = at(array, (left + right) >> 1);
    let i = left;
    let j = right;
    while (i <= j) {
      while (at(array, i) < pivot) i++;
      while (at(array, j) > pivot) j--;
      if (i > j) break;
      const swapped = at(array, i);
      put(array, i, at(array, j));
      put(array, j, swapped);
      i++;
      j--;
    }
    if (rank <= j) right = j;
    else if (rank >= i) left = i;
    else break;
  }
  return at(array, rank);
}

const sortedMax: i32 = 24;

/** Median of the first `count`, whose order is lost; NaN of none. */
export function median(array: usize, count: i32): f64 {
  if (count == 0) return NaN;
  const half = count >> 1;
  if (count > sortedMax) {
    const upper = select(array, count, half);
    if ((count & 1) == 1) return upper;
    let lower = at(array, 0);
    for (let i = 1; i < half; i++) lower = max<f64>(lower, at(array, i));
    return 0.5 * (lower + upper);
  }
  for (let i = 1; i < count; i++) {
    const value = at(array, i);
    let j = i - 1;
    while (j >= 0 && at(array, j) > value) {
      put(array, j + 1, at(array, j));
      j--;
    }
    put(array, j + 1, value);
  }
  return (count & 1) == 1 ? at(array, half) : 0.5 * (at(array, half - 1) + at(array, half));
}

export function deviation(array: usize, count: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) sum += at(array, i);
  const mean = sum / <f64>count;
  let squares: f64 = 0;
  for (let i = 0; i < count; i++) squares += (at(array, i) - mean) * (at(array, i) - mean);
  return sqrt<f64>(squares / <f64>count);
}

export function complementaryError(x: f64): f64 {
  const z = Math.abs(x);
  if (z > 27) return x > 0 ? 0 : 2;
  const scale = Math.exp(-z * z);
  let upper: f64;
  if (z < 2) {
    let term = z;
    let sum = z;
    for (let k = 1; term > 1e-17 * sum; k++) {
      term *= (2 * z * z) / <f64>(2 * k + 1);
      sum += term;
    }
    upper = 1 - (2 / Math.sqrt(Math.PI)) * scale * sum;
  } else {
    let fraction: f64 = 0;
    for (let k = 120; k > 0; k--) fraction = <f64>k / 2 / (z + fraction);
    upper = scale / Math.sqrt(Math.PI) / (z + fraction);
  }
  return x >= 0 ? upper : 2 - upper;
}

export function normalShare(x: f64): f64 {
  return 0.5 * complementaryError(-x / Math.SQRT2);
}

/** Power of two that brings the largest magnitude into [1, 2). */
export function unitOf(array: usize, count: i32): f64 {
  let largest: f64 = 0;
  for (let i = 0; i < count; i++) largest = max<f64>(largest, Math.abs(at(array, i)));
  if (largest == 0) return 1;
  const exponent = <i64>((reinterpret<u64>(largest) >> 52) & 2047) - 1023;
  return reinterpret<f64>(<u64>(min<i64>(max<i64>(exponent, -1000), 1000) + 1023) << 52);
}
