import type { PathForecast } from './bank.ts';
import { steps } from './candidates.ts';
import { originWeights, validationOrigins } from './origins.ts';

/** Each step as one season before, or as the last value where fewer than two seasons are there. At least 140 values. */
export function forecastSeasonalNaive(values: Float64Array, daySteps: number): PathForecast {
  const n = values.length;
  const season = n >= 2 * daySteps ? daySteps : 1;
  const from = (t: number): Float64Array =>
    new Float64Array(steps).map((_, h) => {
      const j = t + h + 1 - Math.ceil((h + 1) / season) * season;
      return values[j < 0 ? t : j]!;
    });
  const origins = validationOrigins(n, season);
  const mean = from(n - 1);
  const level = mean.reduce((sum, value) => sum + value, 0) / steps;
  return {
    mean,
    before: mean,
    paths: origins.map((t) => from(t).map((value, h) => values[t + 1 + h]! - value)),
    weights: originWeights(origins, n, season),
    seasonal: mean.map((value) => value - level),
    season,
  };
}
