import { at, put } from "./arithmetic";
import { clipped, profile, shape, values } from "./workspace";

/** 1 - var(remainder) / var(value - trend) of the classical decomposition of the workspace's n values; NaN without two seasons. */
export function seasonStrength(n: i32, m: i32): f64 {
  if (m < 2 || n < 2 * m) return NaN;
  const half = m >> 1;
  const even = (m & 1) == 0;
  const detrended = clipped, sums = profile, counts = shape;
  let sum: f64 = 0;
  for (let i = 0; i < 2 * half + 1; i++) sum += at(values, i);
  memory.fill(sums, 0, (<usize>m) << 3);
  memory.fill(counts, 0, (<usize>m) << 3);
  for (let i = half; i < n - half; i++) {
    if (i > half) sum += at(values, i + half) - at(values, i - half - 1);
    const ends = even ? 0.5 * (at(values, i - half) + at(values, i + half)) : 0;
    const rest = at(values, i) - (sum - ends) / <f64>m;
    put(detrended, i, rest);
    const phase = i % m;
    put(sums, phase, at(sums, phase) + rest);
    put(counts, phase, at(counts, phase) + 1);
  }
  for (let phase = 0; phase < m; phase++) put(sums, phase, at(sums, phase) / at(counts, phase));
  const all = varianceOf(detrended, half, n - half);
  for (let i = half; i < n - half; i++) put(detrended, i, at(detrended, i) - at(sums, i % m));
  const rest = varianceOf(detrended, half, n - half);
  return all > 0 ? min<f64>(max<f64>(1 - rest / all, 0), 1) : 0;
}

function varianceOf(array: usize, from: i32, to: i32): f64 {
  let sum: f64 = 0;
  for (let i = from; i < to; i++) sum += at(array, i);
  const mean = sum / <f64>(to - from);
  let squares: f64 = 0;
  for (let i = from; i < to; i++) squares += (at(array, i) - mean) * (at(array, i) - mean);
  return squares / <f64>(to - from);
}
