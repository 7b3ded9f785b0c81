import { beforeAll, describe, expect, it } from 'vitest';
import { BreachForecaster, type BreachOptions } from '../../../kernels/models/breach.ts';
import { Forecaster, type ForecastOptions } from '../../../kernels/models/forecast.ts';
import { close, type ForecastCase, readFixture } from './support/fixtures.ts';
import { compileForecast, type ForecastKernel, numberAt, numbersAt, statuses, trends } from './support/forecast-kernel.ts';
import { everySeries, type Row } from './support/series.ts';

let kernel: ForecastKernel;
beforeAll(async () => {
  kernel = await compileForecast();
});

const methods = ['bank', 'seasonal_naive'] as const;

/** Runs kernel and definition side by side; they must say the same of every row. The statuses that came. */
function compareForecasts(rows: readonly Row[], options: ForecastOptions, what: string): Set<string> {
  const { points, stepMicros, everyMicros, horizon, method } = options;
  const state = kernel.openForecast(points, Number(stepMicros), Number(everyMicros), horizon, methods.indexOf(method));
  const definition = new Forecaster(options);
  const seen = new Set<string>();
  for (const [i, [micros, value]] of rows.entries()) {
    kernel.stepForecast(state, value ?? Number.NaN, micros);
    const want = definition.step(value, micros);
    seen.add(want.status);
    const at = `${what}, row ${i}`;
    const result = (offset: { value: number }): number => numberAt(kernel, state + offset.value);
    expect([at, statuses[result(kernel.forecastStatus)]]).toEqual([at, want.status]);
    expect(result(kernel.forecastRefitted)).toBe(Number(want.refitted));
    expect(result(kernel.forecastStepMicros)).toBe(Number(want.stepMicros));
    expect([at, trends[result(kernel.forecastTrend)] ?? null]).toEqual([at, want.trend]);
    close(result(kernel.forecastSeasonStrength), want.seasonStrength, 1e-6, `${at}, strength`);
    const scale = Math.max(...want.mean.map(Math.abs), ...want.upper.map(Math.abs)) || 1;
    for (const part of ['mean', 'lower', 'upper'] as const) {
      const offset = { mean: kernel.forecastMean, lower: kernel.forecastLower, upper: kernel.forecastUpper }[part].value;
      const have = numbersAt(kernel, state + offset, horizon);
      close(
        have.map((x) => x / scale),
        want[part].map((x) => x / scale),
        1e-9,
        `${at}, ${part}`,
      );
    }
  }
  expect(kernel.bytesForecast(state)).toBeGreaterThan(points * 8);
  kernel.closeForecast(state);
  return seen;
}

function compareBreaches(rows: readonly Row[], options: BreachOptions, what: string): void {
  const { points, stepMicros, everyMicros, horizon, threshold, bound } = options;
  const state = kernel.openBreach(points, Number(stepMicros), Number(everyMicros), horizon, threshold, bound === 'upper' ? 1 : -1);
  const definition = new BreachForecaster(options);
  for (const [i, [micros, value]] of rows.entries()) {
    kernel.stepBreach(state, value ?? Number.NaN, micros);
    const want = definition.step(value, micros);
    const result = (offset: { value: number }): number => numberAt(kernel, state + offset.value);
    const at = `${what}, row ${i}`;
    expect([at, statuses[result(kernel.breachStatusAt)]]).toEqual([at, want.status]);
    const have = [kernel.breachProbabilityAt, kernel.breachRiskAt, kernel.breachFirstStepAt, kernel.breachMinutesAt].map(result);
    close(have, [want.probability, want.risk, want.firstStep, want.minutesUntil], 1e-9, at);
  }
  kernel.closeBreach(state);
}

const day = 86_400_000_000n;

describe('the kernels of forecast and breach', () => {
  it.each(everySeries())('say what their definitions say: %s', (name, rows, stepMicros) => {
    const options = { points: 200, stepMicros, everyMicros: 2n * day, horizon: 48, method: 'bank' } as const;
    const seen = compareForecasts(rows, options, name);
    expect(seen.has('few')).toBe(true);
    compareForecasts(rows, { ...options, points: 160, horizon: 60, method: 'seasonal_naive' }, name);
    const values = rows.flatMap(([, value]) => (value === null || !Number.isFinite(value) ? [] : [value])).sort((a, b) => a - b);
    const threshold = values[Math.floor(values.length * 0.9)] as number;
    for (const bound of ['upper', 'lower'] as const)
      compareBreaches(rows, { points: 200, stepMicros, everyMicros: 2n * day, horizon: 60, threshold, bound }, `${name}, ${bound}`);
  });

  it('fit anew after the steps or the time asked for, and shift what they have between', () => {
    const state = kernel.openForecast(200, 60e6, 0, 60, 0);
    const refitted: number[] = [];
    for (let i = 0; i < 200; i++) {
      kernel.stepForecast(state, Math.sin(i), BigInt(i) * 60_000_000n);
      if (numberAt(kernel, state + kernel.forecastRefitted.value) === 1) refitted.push(i);
    }
    // 1440 steps a day: every 15 steps, from the 24th point on.
    expect(refitted).toEqual([23, 38, 53, 68, 83, 98, 113, 128, 143, 158, 173, 188]);
    const mean = numbersAt(kernel, state + kernel.forecastMean.value, 60);
    expect([...mean].findIndex(Number.isNaN)).toBe(60 - 11);
    kernel.closeForecast(state);
  });

  const cases = readFixture<ForecastCase[]>('fixture_forecaster.json');
  it.skipIf(cases === null)('give the values of the reference series', () => {
    for (const { name, y, season, mean, lo, hi, threshold, p_natural, p_even, first_step } of cases ?? []) {
      const step = 86_400e6 / season;
      // The second fit, after the one at the 24th point, is at the last.
      const every = Math.max(1, (y.length - 24) * step);
      const state = kernel.openForecast(Math.max(140, y.length), step, every, 60, 0);
      const breach = kernel.openBreach(Math.max(140, y.length), step, every, 60, threshold, 1);
      for (const [i, value] of y.entries()) {
        kernel.stepForecast(state, value, BigInt(i * step));
        kernel.stepBreach(breach, value, BigInt(i * step));
      }
      expect(numberAt(kernel, state + kernel.forecastRefitted.value)).toBe(1);
      close(numbersAt(kernel, state + kernel.forecastMean.value, 60), mean, 1e-9, `${name}, mean`);
      close(numbersAt(kernel, state + kernel.forecastLower.value, 60), lo, 1e-9, `${name}, lower`);
      close(numbersAt(kernel, state + kernel.forecastUpper.value, 60), hi, 1e-9, `${name}, upper`);
      close(numberAt(kernel, breach + kernel.breachProbabilityAt.value), p_natural, 1e-9, `${name}, probability`);
      if (y.length >= 140 && p_natural > 0) {
        close(numberAt(kernel, breach + kernel.breachRiskAt.value), p_even, 1e-9, `${name}, risk`);
        close(
          numberAt(kernel, breach + kernel.breachFirstStepAt.value),
          first_step === 0 ? Number.NaN : first_step,
          0,
          `${name}, first step`,
        );
      }
      kernel.closeForecast(state);
      kernel.closeBreach(breach);
    }
  });
});
