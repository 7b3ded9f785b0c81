import { at, clamp, put, select } from "./arithmetic";
import { candidates, residual } from "./workspace";

const residualsMax: i32 = 1000;
const lagsMax: i32 = 150;

/**
 * A period much shorter than the season in what season and level leave, by autocorrelation; 0: none. Works where the candidates will
 * be; eight zeros before the residuals let eight lags be summed at once, each in the order of its definition.
 */
export function shortPeriod(n: i32, season: i32): i32 {
  if (season <= 24) return 0;
  const count = min<i32>(n, residualsMax);
  const source = residual + ((<usize>(n - count)) << 3);
  const x = candidates + 64;
  const correlation = x + ((<usize>count) << 3);
  memory.fill(candidates, 0, 64);
  for (let i = 0; i < count; i++) put(x, i, Math.abs(at(source, i)));
  const limit = select(x, count, <i32>Math.floor(0.98 * <f64>(count - 1))) + 1e-12;
  let mean: f64 = 0, variance: f64 = 0;
  for (let i = 0; i < count; i++) {
    put(x, i, clamp(at(source, i), -limit, limit));
    mean += at(x, i);
  }
  mean /= <f64>count;
  for (let i = 0; i < count; i++) {
    put(x, i, at(x, i) - mean);
    variance += at(x, i) * at(x, i);
  }
  if (variance <= 0) return 0;
  const lags = min<i32>(season / 2, lagsMax);
  put(correlation, 0, 1);
  for (let k = 1; k <= lags; k += 8) correlate(x, count, k, correlation, variance);
  return firstClearPeak(correlation, lags);
}

/** Autocorrelations of lags k to k + 7. */
function correlate(x: usize, count: i32, k: i32, correlation: usize, variance: f64): void {
  let a = f64x2.splat(0), b = f64x2.splat(0), c = f64x2.splat(0), d = f64x2.splat(0);
  const end = x + ((<usize>count) << 3);
  let shifted = x - 8;
  for (let here = x + ((<usize>k) << 3); here < end; here += 8) {
    const value = v128.load64_splat(here);
    a = f64x2.add(a, f64x2.mul(value, v128.load(shifted)));
    b = f64x2.add(b, f64x2.mul(value, v128.load(shifted - 16)));
    c = f64x2.add(c, f64x2.mul(value, v128.load(shifted - 32)));
    d = f64x2.add(d, f64x2.mul(value, v128.load(shifted - 48)));
    shifted += 8;
  }
  put(correlation, k, f64x2.extract_lane(a, 1) / variance);
  put(correlation, k + 1, f64x2.extract_lane(a, 0) / variance);
  put(correlation, k + 2, f64x2.extract_lane(b, 1) / variance);
  put(correlation, k + 3, f64x2.extract_lane(b, 0) / variance);
  put(correlation, k + 4, f64x2.extract_lane(c, 1) / variance);
  put(correlation, k + 5, f64x2.extract_lane(c, 0) / variance);
  put(correlation, k + 6, f64x2.extract_lane(d, 1) / variance);
  put(correlation, k + 7, f64x2.extract_lane(d, 0) / variance);
}

function firstClearPeak(correlation: usize, lags: i32): i32 {
  let period = 0;
  let best: f64 = 0.25, least: f64 = 1;
  for (let k = 2; k < lags; k++) {
    const here = at(correlation, k);
    least = min<f64>(least, at(correlation, k - 1));
    if (here > at(correlation, k - 1) && here >= at(correlation, k + 1) && here > best && here - least > 0.2) {
      period = k;
      best = here + 0.05;
    }
  }
  return period;
}
