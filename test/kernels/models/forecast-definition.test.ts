import { describe, expect, it } from 'vitest';
import { complementaryError, normalShare, unitOf } from '../../../kernels/models/forecasting/arithmetic.ts';
import { forecastBank } from '../../../kernels/models/forecasting/bank.ts';
import { breachOf } from '../../../kernels/models/forecasting/breach.ts';
import { intervalOf } from '../../../kernels/models/forecasting/interval.ts';
import { bankPointsMin } from '../../../kernels/models/forecasting/origins.ts';
import { breachShort, forecastShort } from '../../../kernels/models/forecasting/short-history.ts';
import { close, type ForecastCase, readFixture } from './support/fixtures.ts';

describe('the forecaster as defined', () => {
  it('knows the normal distribution', () => {
    // Values of the C library.
    const known = [
      [0, 1],
      [0.5, 0.4795001221869535],
      [1.9999, 0.004679802092970608],
      [2, 0.004677734981047266],
      [3, 2.209049699858544e-5],
      [6, 2.1519736712498913e-17],
      [-1, 1.8427007929497148],
    ] as const;
    for (const [x, value] of known) close(complementaryError(x), value, 1e-12, `erfc(${x})`);
    expect(complementaryError(30)).toBe(0);
    close(normalShare(1.959963984540054), 0.975, 1e-13, 'normal');
  });

  it('finds the unit of a series', () => {
    for (const x of [1, 1.5, 3, 1e18, 1e-18, -7e300, 2 ** -900]) {
      const unit = unitOf([x / 3, x]);
      expect(Math.abs(x) / unit).toBeGreaterThanOrEqual(1);
      expect(Math.abs(x) / unit).toBeLessThan(2);
    }
    expect(unitOf([0, 0])).toBe(1);
  });

  const cases = readFixture<ForecastCase[]>('fixture_forecaster.json');
  it.skipIf(cases === null)('forecasts as the fixture says', () => {
    for (const { name, y, season, threshold, ...want } of cases ?? []) {
      const values = Float64Array.from(y);
      if (y.length < bankPointsMin) {
        const short = forecastShort(values);
        for (const part of ['mean', 'lower', 'upper'] as const)
          close(short[part], part === 'mean' ? want.mean : part === 'lower' ? want.lo : want.hi, 1e-9, name);
        close(breachShort(values, short.mean[0]!, threshold, 1), want.p_natural, 1e-9, name);
        continue;
      }
      const bank = forecastBank(values, season);
      expect(bank.origins).toEqual(want.origins);
      expect([name, bank.period, Number(bank.restarted)]).toEqual([name, want.period, want.restart]);
      for (let k = 0; k < 9; k++) {
        close(
          want.candidates_h.map((h) => bank.candidates[k]![h]!),
          want.candidates[k]!,
          1e-9,
          `${name}, candidate ${k}`,
        );
        close(
          bank.candidateWeights.map((block) => block[k]!),
          want.weights_block[k]!,
          1e-9,
          `${name}, weight ${k}`,
        );
      }
      const interval = intervalOf(bank, Math.min(...y));
      close(interval.mean, want.mean, 1e-9, `${name}, mean`);
      close(interval.lower, want.lo, 1e-9, `${name}, lower`);
      close(interval.upper, want.hi, 1e-9, `${name}, upper`);
      const breach = breachOf(values, bank, interval.mean, threshold, 1, 60);
      close(
        [breach.probability, breach.risk, breach.base, breach.analog],
        [want.p_natural, want.p_even, want.base, want.analog],
        1e-9,
        `${name}, breach`,
      );
      expect(breach.firstStep).toBe(want.first_step);
    }
  });
});
