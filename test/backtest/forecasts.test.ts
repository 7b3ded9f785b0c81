import { describe, expect, it } from 'vitest';
import { ForecastOrigins, originsMax } from '../../engine/backtest/forecast-origins.ts';
import { scoreForecasts, stepOf, togetherForecasts } from '../../engine/backtest/measure-forecast.ts';
import { SeriesRows } from '../../engine/backtest/series-rows.ts';

const hour = 3_600_000_000;
const none = { scores: Number.NaN, lower: Number.NaN, upper: Number.NaN, alarm: false };

function hourly(values: readonly number[]): SeriesRows {
  const series = new SeriesRows('a');
  values.forEach((value, row) => {
    series.add(BigInt(row * hour), { ...none, values: value });
  });
  series.finish();
  return series;
}

function origin(row: number, mean: readonly number[], around?: number) {
  const edge = (by: number) => (around === undefined ? null : Float64Array.from(mean, (value) => value + by));
  return { time: BigInt(row * hour), mean: Float64Array.from(mean), lower: edge(-(around ?? 0)), upper: edge(around ?? 0) };
}

describe('forecasts', () => {
  it('are compared with the value of a day before, where there is one', () => {
    const series = hourly(Array.from({ length: 48 }, (_, row) => row));
    expect(stepOf(series)).toBe(hour);
    // 25..27 come; the naive forecast is 24 below each, this one 6 below.
    const got = scoreForecasts(series, hour, [origin(24, [19, 20, 21], 6)]);
    expect(got).toEqual({ origins: 1, values: 3, error: 6, naiveError: 24, ratio: 0.25, banded: 3, inside: 3 });
    // No value of the day before row 4 is known: only the band counts. Beyond the last row nothing does.
    expect(scoreForecasts(series, hour, [origin(3, [4, 9], 1)])).toMatchObject({ values: 0, ratio: null, banded: 2, inside: 1 });
    expect(scoreForecasts(series, hour, [origin(47, [4, 9], 1)])).toMatchObject({ origins: 0, banded: 0 });
  });

  it('use no value for the naive forecast that came after they were made', () => {
    const series = hourly(Array.from({ length: 80 }, (_, row) => row));
    const got = scoreForecasts(series, hour, [
      origin(
        30,
        Array.from({ length: 30 }, (_, ahead) => 31 + ahead),
      ),
    ]);
    // 24 hours ahead at most, then 48.
    expect(got.naiveError).toBeCloseTo((24 * 24 + 6 * 48) / 30, 9);
  });

  it('go without values that are missing', () => {
    const series = hourly(Array.from({ length: 48 }, (_, row) => (row === 26 ? Number.NaN : row)));
    expect(scoreForecasts(series, hour, [origin(24, [19, 20, Number.NaN], 6)])).toMatchObject({ values: 1, banded: 1 });
  });

  it('of many series are put together by ratios within 0.1 and 10', () => {
    const of = (ratio: number | null) => ({ origins: 1, values: 1, error: 1, naiveError: 1, ratio, banded: 4, inside: 3 });
    expect(togetherForecasts([of(0.5), of(2), of(null)])).toMatchObject({ origins: 3, ratio: 1, banded: 12, inside: 9 });
    expect(togetherForecasts([of(1000), of(0)]).ratio).toBeCloseTo(1, 12);
  });

  it('are kept evenly spread, and moved ones are left out', () => {
    const origins = new ForecastOrigins();
    for (let row = 0; row < 3000; row++) origins.add(origin(row, new Array<number>(row % 3 === 0 ? 6 : 6 - (row % 3)).fill(0)));
    const rows = origins.kept.map(({ time }) => Number(time) / hour);
    expect(rows.length).toBeGreaterThan(originsMax / 2 - 1);
    expect(rows.length).toBeLessThanOrEqual(originsMax);
    expect(new Set(rows.slice(1).map((row, k) => row - (rows[k] as number)))).toEqual(new Set([12]));
  });
});

describe('rows of a series', () => {
  it('are put in order of time', () => {
    const series = new SeriesRows('a');
    for (const at of [3, 1, 2]) series.add(BigInt(at), { ...none, values: at * 10, alarm: at === 1 });
    series.finish();
    expect([[...series.times], [...series.values], [...series.alarms]]).toEqual([
      [1n, 2n, 3n],
      [10, 20, 30],
      [1, 0, 0],
    ]);
  });
});
