/** Classical additive decomposition: centred mean over a season (NaN at the ends), mean of each phase less their mean, the rest. */
export interface Decomposition {
  readonly trend: Float64Array;
  readonly seasonal: Float64Array;
  readonly remainder: Float64Array;
}

/** `period` >= 2 and at least two of it. An even period's mean counts its two ends half. */
export function decompose(values: Float64Array, period: number): Decomposition {
  const n = values.length;
  const half = period >> 1;
  const trend = new Float64Array(n).fill(Number.NaN);
  for (let i = half; i < n - half; i++) {
    let sum = 0;
    for (let k = i - half; k <= i + half; k++) sum += values[k]! * (period % 2 === 0 && (k === i - half || k === i + half) ? 0.5 : 1);
    trend[i] = sum / period;
  }
  const sums = new Float64Array(period);
  const counts = new Float64Array(period);
  for (let i = half; i < n - half; i++) {
    sums[i % period] = sums[i % period]! + values[i]! - trend[i]!;
    counts[i % period] = counts[i % period]! + 1;
  }
  const phases = sums.map((sum, phase) => sum / counts[phase]!);
  const mean = phases.reduce((sum, phase) => sum + phase, 0) / period;
  const seasonal = values.map((_, i) => phases[i % period]! - mean);
  return { trend, seasonal, remainder: values.map((value, i) => value - trend[i]! - seasonal[i]!) };
}

/**
 * Strength of a season in [0, 1]: 1 - var(remainder) / var(value - trend) (Wang, Smith, Hyndman 2006); NaN without two seasons, 0 where
 * nothing is left beside the trend.
 */
export function seasonStrength(values: Float64Array, period: number): number {
  if (period < 2 || values.length < 2 * period) return Number.NaN;
  const { trend, remainder } = decompose(values, period);
  const known = (_: number, i: number) => !Number.isNaN(trend[i]!);
  const rest = varianceOf(remainder.filter(known));
  const all = varianceOf(values.map((value, i) => value - trend[i]!).filter(known));
  return all > 0 ? Math.min(Math.max(1 - rest / all, 0), 1) : 0;
}

function varianceOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length;
}
