import { clamp, lowerQuantile } from './arithmetic.ts';

const residualsMax = 1000;
const lagsMax = 150;

/** A period much shorter than the season (2 to 150 steps) in what season and level leave, by autocorrelation; 0: none. */
export function shortPeriod(residuals: Float64Array, season: number): number {
  if (season <= 24) return 0;
  const x = residuals.slice(Math.max(0, residuals.length - residualsMax));
  const n = x.length;
  const limit = lowerQuantile(x.map(Math.abs), 0.98) + 1e-12;
  let mean = 0;
  for (let i = 0; i < n; i++) {
    x[i] = clamp(x[i]!, -limit, limit);
    mean += x[i]!;
  }
  mean /= n;
  let variance = 0;
  for (let i = 0; i < n; i++) {
    x[i] = x[i]! - mean;
    variance += x[i]! * x[i]!;
  }
  if (variance <= 0) return 0;
  const lags = Math.min(Math.floor(season / 2), lagsMax);
  const correlation = new Float64Array(lags + 1);
  correlation[0] = 1;
  for (let k = 1; k <= lags; k++) {
    let sum = 0;
    for (let i = k; i < n; i++) sum += x[i]! * x[i - k]!;
    correlation[k] = sum / variance;
  }
  return firstClearPeak(correlation);
}

function firstClearPeak(correlation: Float64Array): number {
  let period = 0;
  let best = 0.25;
  let least = 1;
  for (let k = 2; k < correlation.length - 1; k++) {
    const here = correlation[k]!;
    least = Math.min(least, correlation[k - 1]!);
    if (here > correlation[k - 1]! && here >= correlation[k + 1]! && here > best && here - least > 0.2) {
      period = k;
      best = here + 0.05;
    }
  }
  return period;
}
