import { unitOf } from './forecasting/arithmetic.ts';
import { breachOf, riskIsKnown } from './forecasting/breach.ts';
import { fitSeries } from './forecasting/fit.ts';
import { breachShort } from './forecasting/short-history.ts';
import { FitSchedule, type ForecastStatus } from './forecast.ts';

export interface BreachOptions {
  /** As of the forecaster. */
  readonly points: number;
  readonly stepMicros: bigint;
  readonly everyMicros: bigint;
  /** Steps ahead, 1 to 60; risks are calibrated at 60. */
  readonly horizon: number;
  readonly threshold: number;
  /** Whether the values are to stay below the threshold or above it. */
  readonly bound: 'upper' | 'lower';
}

export interface BreachResult {
  readonly status: ForecastStatus;
  /** That the threshold is reached within the horizon after the last fit; NaN without a forecast. */
  readonly probability: number;
  /** How unusual a breach would be for this series; NaN where its past says nothing of that. */
  readonly risk: number;
  /** Steps and minutes from this row until half of the ways on that cross have crossed; NaN where none does. */
  readonly firstStep: number;
  readonly minutesUntil: number;
  readonly refitted: boolean;
  readonly stepMicros: bigint;
}

interface Outlook {
  readonly status: ForecastStatus;
  readonly probability: number;
  readonly risk: number;
  readonly firstStep: number;
}

const none = { probability: Number.NaN, risk: Number.NaN, firstStep: Number.NaN };

/** Whether, and when, a series will reach a threshold: by the forecaster's residual paths. */
export class BreachForecaster {
  readonly #options: BreachOptions;
  readonly #schedule: FitSchedule;
  #outlook: Outlook | null = null;

  constructor(options: BreachOptions) {
    this.#options = options;
    this.#schedule = new FitSchedule(options.points, options.stepMicros, options.everyMicros);
  }

  step(value: number | null, micros: bigint): BreachResult {
    const { series } = this.#schedule;
    const { due, restarted } = this.#schedule.add(value, micros);
    if (restarted) this.#outlook = null;
    if (due) this.#outlook = lookAhead(Float64Array.from(series.values), series.daySteps, this.#options);
    const common = { refitted: due, stepMicros: series.step };
    if (this.#outlook === null) return { status: restarted ? 'restarted' : 'few', ...none, minutesUntil: Number.NaN, ...common };
    const elapsed = this.#schedule.elapsed(micros)!;
    if (elapsed >= this.#options.horizon) return { status: 'spent', ...none, minutesUntil: Number.NaN, ...common };
    const steps = this.#outlook.firstStep - elapsed;
    const firstStep = steps >= 1 ? steps : Number.NaN;
    return { ...this.#outlook, firstStep, minutesUntil: (firstStep * Number(series.step)) / 60e6, ...common };
  }
}

function lookAhead(values: Float64Array, daySteps: number, { threshold, bound, horizon }: BreachOptions): Outlook {
  const sign = bound === 'upper' ? 1 : -1;
  const fit = fitSeries(values, daySteps, 'bank', horizon);
  if (fit.kind === 'constant') {
    const beyond = sign * (fit.mean[0]! - threshold) >= 0;
    return { status: fit.kind, probability: beyond ? 1 : 0, risk: Number.NaN, firstStep: beyond ? 1 : Number.NaN };
  }
  if (fit.scaled === null) {
    const unit = unitOf(values);
    const inUnit = values.map((value) => value / unit);
    const probability = breachShort(inUnit, fit.mean[0]! / unit, threshold / unit, sign);
    return { status: fit.kind, probability, risk: probability, firstStep: Number.NaN };
  }
  const { unit, forecast, mean, values: inUnit } = fit.scaled;
  const breach = breachOf(inUnit, forecast, mean, threshold / unit, sign, horizon);
  const risk = riskIsKnown(breach) ? breach.risk : Number.NaN;
  return { status: fit.kind, probability: breach.probability, risk, firstStep: breach.firstStep === 0 ? Number.NaN : breach.firstStep };
}
