import { type anomalySeverities, anomalySeverities as severities } from './anomaly-score.ts';
import { IsolationLearner, type IsolationOptions } from './isolation-learner.ts';

const windowRows = 20;
const bandDeviations = 2;
const spikeQuantile = 0.99;
const rapidDeviations = 3;
const severityDeviations = [2, 3, 4];
const microsPerHour = 3_600_000_000n;
const hoursPerDay = 24n;
const daysPerWeek = 7n;
/** 1970-01-01 was a Thursday; Monday is 0. */
const firstWeekday = 3n;

export const iforestTypes = ['spike', 'drop', 'rapid_change', 'shift', 'unknown'] as const;

export interface IforestOptions extends IsolationOptions {
  /** Share of the rows that forests are made of that count as anomalies. Default 0.01. */
  readonly contamination?: number;
}

export interface IforestResult {
  /** 0 to 1: about 0.5 is usual. */
  readonly score: number;
  readonly isAnomaly: boolean;
  /** Mean of late rows, and two standard deviations around it. */
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
  /** Share of the rows that the forest was made of that are less unusual. */
  readonly confidence: number;
  /** null where the row is no anomaly, as severity is. */
  readonly type: (typeof iforestTypes)[number] | null;
  readonly severity: (typeof anomalySeverities)[number] | null;
}

/** What a forest's rows say beside it. */
interface Past {
  /** Ascending: the most unusual first. */
  readonly paths: readonly number[];
  readonly threshold: number;
  readonly high: number;
  readonly least: number;
}

/**
 * The usual recipe for one series: an isolation forest over value, hour of the day, day of the week, mean, standard deviation, minimum and maximum of the
 * last 20 values, and the change from the value before; anomalies are the most unusual share.
 */
export class Iforest {
  readonly #learner: IsolationLearner;
  readonly #contamination: number;
  readonly #window: number[] = [];
  #past: Past | null = null;

  constructor({ contamination = 0.01, ...options }: IforestOptions = {}) {
    this.#learner = new IsolationLearner(8, options);
    this.#contamination = contamination;
  }

  /** null for a gap (no finite value), of which nothing is learnt, and for the first 100 rows. `micros`: since 1970, UTC. */
  step(value: number | null, micros: bigint): IforestResult | null {
    if (value === null || !Number.isFinite(value)) return null;
    const row = this.#features(value, micros);
    const found = this.#judge(value, row);
    if (this.#learner.learn(row)) this.#remember();
    return found;
  }

  #features(value: number, micros: bigint): number[] {
    const change = this.#window.length > 0 ? value - (this.#window.at(-1) as number) : 0;
    this.#window.push(value);
    if (this.#window.length > windowRows) this.#window.shift();
    const hours = floorDivide(micros, microsPerHour);
    const days = floorDivide(hours, hoursPerDay);
    const weekday = days + firstWeekday - daysPerWeek * floorDivide(days + firstWeekday, daysPerWeek);
    const window = this.#window;
    const first = window[0] as number;
    const mean = first + window.reduce((sum, each) => sum + (each - first), 0) / window.length;
    const squares = window.reduce((sum, each) => sum + (each - mean) * (each - mean), 0);
    const deviation = window.length > 1 ? Math.sqrt(squares / (window.length - 1)) : 0;
    return [value, Number(hours - hoursPerDay * days), Number(weekday), mean, deviation, Math.min(...window), Math.max(...window), change];
  }

  #judge(value: number, row: readonly number[]): IforestResult | null {
    const path = this.#learner.path(row);
    if (path === null || this.#past === null) return null;
    const expected = this.#learner.means[0] as number;
    const deviation = this.#learner.deviations[0] as number;
    const off = Math.abs(value - expected);
    const { paths, threshold } = this.#past;
    const isAnomaly = path < threshold;
    const deviations = off === 0 ? 0 : off / deviation;
    return {
      score: this.#learner.score(path),
      isAnomaly,
      expected,
      lower: expected - bandDeviations * deviation,
      upper: expected + bandDeviations * deviation,
      confidence: paths.filter((each) => each > path).length / paths.length,
      type: isAnomaly ? this.#type(row, this.#past, deviation) : null,
      severity: isAnomaly ? (severities[severityDeviations.filter((least) => deviations > least).length] ?? null) : null,
    };
  }

  #type(row: readonly number[], { high, least }: Past, deviation: number): (typeof iforestTypes)[number] {
    const [value, , , mean, , , , change] = row as [number, number, number, number, number, number, number, number];
    if (value > high) return 'spike';
    if (value < least - 0.5 * Math.abs(least)) return 'drop';
    if (Math.abs(change) > rapidDeviations * deviation) return 'rapid_change';
    return Math.abs(mean - (this.#learner.means[0] as number)) > bandDeviations * deviation ? 'shift' : 'unknown';
  }

  #remember(): void {
    const { kept } = this.#learner;
    const paths = kept.map((row) => this.#learner.path(row) as number).sort((a, b) => a - b);
    const values = kept.map(([value]) => value as number).sort((a, b) => a - b);
    this.#past = {
      paths,
      threshold: quantile(paths, this.#contamination),
      high: quantile(values, spikeQuantile),
      least: values[0] as number,
    };
  }
}

/** Of sorted values, between two of them by share. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (place - below);
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
