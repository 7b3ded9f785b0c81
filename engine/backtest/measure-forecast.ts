import { median } from './events.ts';
import type { ForecastOrigin } from './forecast-origins.ts';
import type { SeriesRows } from './series-rows.ts';

const dayMicros = 86_400_000_000;
/** Of one series: beyond them a ratio says that a few values are nearly constant, not how good a forecast is. */
const [ratioMin, ratioMax] = [0.1, 10];

export interface ForecastScore {
  /** Forecasts compared with what came. */
  readonly origins: number;
  /** Values that were forecast and came, and that a seasonal naive forecast would have told as well. */
  readonly values: number;
  /** Mean absolute error, and that of the seasonal naive forecast of the same values; null without one. */
  readonly error: number | null;
  readonly naiveError: number | null;
  /** `error` by `naiveError`: the ratio of their MASE. Of several series the geometric mean, each within 0.1 and 10. */
  readonly ratio: number | null;
  /** Values that came and had a band, and those inside of it. */
  readonly banded: number;
  readonly inside: number;
}

/** Time (microseconds) between two rows of a series, as it mostly is; null for less than two. */
export function stepOf({ times, rows }: SeriesRows): number | null {
  const gaps = Array.from({ length: Math.max(rows - 1, 0) }, (_, row) => Number((times[row + 1] as bigint) - (times[row] as bigint)));
  return median(gaps.filter((gap) => gap > 0));
}

/**
 * Forecasts of a series against the values that came. `step` (microseconds): from one value of a forecast to the next. The naive forecast
 * is the value of whole days before, the last that was known; the last value at all where a step is longer than half a day.
 */
export function scoreForecasts(series: SeriesRows, step: number, origins: readonly ForecastOrigin[]): ForecastScore {
  let [values, error, naiveError, banded, inside, used] = [0, 0, 0, 0, 0, 0];
  const season = step > dayMicros / 2 ? 0 : dayMicros;
  for (const { time, mean, lower, upper } of origins) {
    const before = values + banded;
    const start = Number(time);
    for (let ahead = 0; ahead < mean.length; ahead++) {
      const at = start + (ahead + 1) * step;
      const actual = valueNear(series, at, step / 2);
      if (Number.isNaN(actual)) continue;
      const [low, high] = [lower?.[ahead] ?? Number.NaN, upper?.[ahead] ?? Number.NaN];
      if (!Number.isNaN(low) && !Number.isNaN(high)) {
        banded++;
        if (actual >= low && actual <= high) inside++;
      }
      const known = season === 0 ? start : at - Math.ceil(((ahead + 1) * step) / season) * season;
      const naive = valueNear(series, known, step / 2);
      const told = mean[ahead] as number;
      if (Number.isNaN(naive) || Number.isNaN(told)) continue;
      values++;
      error += Math.abs(actual - told);
      naiveError += Math.abs(actual - naive);
    }
    if (values + banded > before) used++;
  }
  const [own, other] = values === 0 ? [null, null] : [error / values, naiveError / values];
  return {
    origins: used,
    values,
    error: own,
    naiveError: other,
    ratio: own === null || other === null || other === 0 ? null : own / other,
    banded,
    inside,
  };
}

/** Of several series. Errors are of different units: only ratios and shares are put together. */
export function togetherForecasts(scores: readonly ForecastScore[]): ForecastScore {
  const sum = (part: 'origins' | 'values' | 'banded' | 'inside') => scores.reduce((total, score) => total + score[part], 0);
  const logs = scores.flatMap(({ ratio }) => (ratio === null ? [] : [Math.log(Math.min(Math.max(ratio, ratioMin), ratioMax))]));
  const ratio = logs.length === 0 ? null : Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length);
  return {
    origins: sum('origins'),
    values: sum('values'),
    error: null,
    naiveError: null,
    ratio,
    banded: sum('banded'),
    inside: sum('inside'),
  };
}

/** Of the row nearest to a time (microseconds), at most so far from it; NaN: there is none. */
function valueNear({ times, values, rows }: SeriesRows, micros: number, within: number): number {
  let low = 0;
  let high = rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(times[middle]) < micros) low = middle + 1;
    else high = middle;
  }
  const distance = (row: number) => (row < 0 || row >= rows ? Number.POSITIVE_INFINITY : Math.abs(Number(times[row]) - micros));
  const nearest = distance(low - 1) < distance(low) ? low - 1 : low;
  return distance(nearest) <= within ? (values[nearest] as number) : Number.NaN;
}
