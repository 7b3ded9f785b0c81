import { steps } from './forecasting/candidates.ts';
import { type Fit, fitSeries, type Method, pointsMin, type Trend } from './forecasting/fit.ts';
import { RegularSeries } from './forecasting/regular-series.ts';

/**
 * few: fewer than 24 points, or the interval is still being learnt; no forecast. short: fewer than 140, a crude forecast. constant:
 * all values equal. regular: the method's forecast. restarted: the series began anew at this row; no forecast. spent: the last fit looks
 * no step beyond this row.
 */
export type ForecastStatus = (typeof forecastStatuses)[number];
export const forecastStatuses = ['few', 'short', 'constant', 'regular', 'restarted', 'spent'] as const;
export const forecastTrends = ['decreasing', 'stable', 'increasing'] as const;

export interface ForecastOptions {
  /** Values kept, at least 140. */
  readonly points: number;
  /** Microseconds between two values, 0: learnt from the first nine rows. */
  readonly stepMicros: bigint;
  /** Event time between two fits; 0: max(1, steps a day / 96) steps. */
  readonly everyMicros: bigint;
  /** Steps ahead, 1 to 60. */
  readonly horizon: number;
  readonly method: Method;
}

/** By step after this row; NaN beyond what the last fit looked at, and where there is no forecast. */
export interface ForecastResult {
  readonly status: ForecastStatus;
  readonly mean: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** null without a forecast of at least 140 points. */
  readonly trend: Trend | null;
  readonly seasonStrength: number;
  /** Whether a forecast was made at this row. */
  readonly refitted: boolean;
  /** Microseconds between steps; 0 while they are being learnt. */
  readonly stepMicros: bigint;
}

/** When a series is forecast anew, and what is left of the last forecast. Base of forecaster and breach. */
export class FitSchedule {
  readonly series: RegularSeries;
  readonly #everyMicros: bigint;
  #fitted: { readonly slot: bigint; readonly micros: bigint } | null = null;

  constructor(points: number, stepMicros: bigint, everyMicros: bigint) {
    this.series = new RegularSeries(points, stepMicros);
    this.#everyMicros = everyMicros;
  }

  /** Learns a row: whether the series is to be fitted now, and whether it began anew. NaN and infinities are gaps. */
  add(value: number | null, micros: bigint): { due: boolean; restarted: boolean } {
    const arrival = value === null || !Number.isFinite(value) ? 'ignored' : this.series.add(value, micros);
    const restarted = arrival === 'restarted';
    if (restarted) this.#fitted = null;
    const due = arrival === 'stored' && this.series.values.length >= pointsMin && this.#isDue(micros);
    if (due) this.#fitted = { slot: this.series.slot, micros };
    return { due, restarted };
  }

  #isDue(micros: bigint): boolean {
    if (this.#fitted === null) return true;
    if (this.#everyMicros > 0n) return micros - this.#fitted.micros >= this.#everyMicros;
    return this.series.slot - this.#fitted.slot >= BigInt(Math.max(1, Math.floor(this.series.daySteps / 96)));
  }

  /** Steps from the last fit to a time; null without a fit. */
  elapsed(micros: bigint): number | null {
    return this.#fitted === null ? null : Number(this.series.slotAt(micros) - this.#fitted.slot);
  }
}

/** Forecasts one series, row by row in order of event time. */
export class Forecaster {
  readonly #options: ForecastOptions;
  readonly #schedule: FitSchedule;
  #fit: Fit | null = null;

  constructor(options: ForecastOptions) {
    this.#options = options;
    this.#schedule = new FitSchedule(options.points, options.stepMicros, options.everyMicros);
  }

  step(value: number | null, micros: bigint): ForecastResult {
    const { horizon, method } = this.#options;
    const { series } = this.#schedule;
    const { due, restarted } = this.#schedule.add(value, micros);
    if (restarted) this.#fit = null;
    if (due) this.#fit = fitSeries(Float64Array.from(series.values), series.daySteps, method, horizon);
    const fit = this.#fit;
    const elapsed = this.#schedule.elapsed(micros);
    const shifted = (part: Float64Array | undefined): Float64Array =>
      new Float64Array(horizon).map((_, h) => (part === undefined || h + elapsed! >= steps ? Number.NaN : part[h + elapsed!]!));
    return {
      status: fit === null ? (restarted ? 'restarted' : 'few') : elapsed! >= steps ? 'spent' : fit.kind,
      mean: shifted(fit?.mean),
      lower: shifted(fit?.lower),
      upper: shifted(fit?.upper),
      trend: fit === null || fit.kind === 'short' ? null : fit.trend,
      seasonStrength: fit?.seasonStrength ?? Number.NaN,
      refitted: due,
      stepMicros: series.step,
    };
  }
}
