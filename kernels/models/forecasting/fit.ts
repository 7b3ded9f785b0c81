import { unitOf } from './arithmetic.ts';
import { forecastBank, type PathForecast } from './bank.ts';
import { steps } from './candidates.ts';
import { type Interval, intervalOf } from './interval.ts';
import { forecastSeasonalNaive } from './seasonal-naive.ts';
import { bankPointsMin } from './origins.ts';
import { seasonStrength } from './season-strength.ts';
import { forecastShort } from './short-history.ts';

/** Fewer points give no forecast at all. */
export const pointsMin = 24;
/** A trend that changes the level by less than this share over the horizon is called stable. */
export const stableShare = 0.05;

export type Method = 'bank' | 'seasonal_naive';
export type Trend = 'decreasing' | 'stable' | 'increasing';

/** What one fit says of the 60 steps after the last value. */
export interface Fit extends Interval {
  readonly kind: 'regular' | 'short' | 'constant';
  readonly trend: Trend;
  /** NaN where fewer than two seasons are there. */
  readonly seasonStrength: number;
  /** Values in the unit of the paths, and the forecast that they belong to; null where the fit is short or constant. */
  readonly scaled: {
    readonly unit: number;
    readonly values: Float64Array;
    readonly mean: Float64Array;
    readonly forecast: PathForecast;
  } | null;
}

/** Forecast of a series of at least 24 finite values at equal steps. `daySteps`: steps in a season; `horizon`: for the trend. */
export function fitSeries(values: Float64Array, daySteps: number, method: Method, horizon: number): Fit {
  const least = Math.min(...values);
  const unit = unitOf(values);
  const inUnit = values.map((value) => value / unit);
  const toUnit = (part: Float64Array) => part.map((value) => value * unit);
  if (least === Math.max(...values)) {
    const all = () => new Float64Array(steps).fill(least);
    return { kind: 'constant', mean: all(), lower: all(), upper: all(), trend: 'stable', seasonStrength: Number.NaN, scaled: null };
  }
  if (values.length < bankPointsMin) {
    const { mean, lower, upper } = forecastShort(inUnit);
    const interval = { mean: toUnit(mean), lower: toUnit(lower), upper: toUnit(upper) };
    return { kind: 'short', ...interval, trend: 'stable', seasonStrength: seasonStrength(inUnit, daySteps), scaled: null };
  }
  const forecast = method === 'bank' ? forecastBank(inUnit, daySteps) : forecastSeasonalNaive(inUnit, daySteps);
  const { mean, lower, upper } = intervalOf(forecast, least);
  return {
    kind: 'regular',
    mean: toUnit(mean),
    lower: toUnit(lower),
    upper: toUnit(upper),
    trend: trendOf(mean, forecast.seasonal, horizon),
    seasonStrength: seasonStrength(inUnit, forecast.season),
    scaled: { unit, values: inUnit, mean, forecast },
  };
}

/** Last quarter of the horizon beside the first, without season, relative to the level between them. */
export function trendOf(mean: Float64Array, seasonal: Float64Array, horizon: number): Trend {
  const quarter = Math.max(1, horizon >> 2);
  let [first, last] = [0, 0];
  for (let h = 0; h < quarter; h++) {
    first += mean[h]! - seasonal[h]!;
    last += mean[horizon - 1 - h]! - seasonal[horizon - 1 - h]!;
  }
  const change = last - first;
  const limit = stableShare * 0.5 * Math.abs(last + first);
  return change > limit ? 'increasing' : change < -limit ? 'decreasing' : 'stable';
}
