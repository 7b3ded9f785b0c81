import { type FrozenDistance, frozenDistance } from './frozen-distance.ts';
import { Subspace } from './subspace.ts';
import { clamp, Surprise } from './surprise.ts';

/** Rows that means, scales and the usual score remember. */
const memoryRows = 100_000;
/** Deviations count at most so many times the usual. */
const deviationMax = 30;
/** A score of more than so many times the usual is learnt less, by the square. */
const oddTimes = 1.5;
/** Least scale of what the subspace leaves, in standard deviations. */
const residualScaleMin = 0.1;
/** Values of a channel, and rows, before they count. */
const scoreRows = 100;
/** Rows before the subspace is learnt, before residual scales have settled so that scores mean something, before alarms. */
const subspaceRows = 1_000;
const settledRows = 2_000;
const warmRows = 4_000;
const unsettledShare = 0.002;
/** Share of a mean below which a deviation is floating noise. */
const noise = 1e-6;
/** Rows in which a held score fades to 1/e. */
const holdRows = 15;
const restRows = 30;
/** Rows that the history of scores and the alarm budget remember. */
const alarmMemoryRows = 10_000;
const budgetPerAlarm = 0.1;
const weightMax = 1e6;

export interface HostAnomalyOptions {
  /** Metrics of the host. */
  readonly channels: number;
  /** Surprise from which on a row alarms. Default 2. */
  readonly theta?: number;
  /** Rows of which the frozen distance is learnt. Default 10,000. */
  readonly frozenRows?: number;
}

export interface HostAnomaly {
  /** Mean over the channels of what the others do not explain, in its usual size: about 1 on a usual row. null for the first 2,000 rows. */
  readonly score: number | null;
  /** The score, fading after a peak. */
  readonly held: number | null;
  /** True once for each event. null for the first 4,000 rows. */
  readonly alarm: boolean | null;
  /** Mean over the channels of the distance from the mean of the first rows, in their standard deviations. null until these are over. */
  readonly frozen: number | null;
  /** Share that each channel has in the row's distance from the means, by its size in standard deviations; all 0 where there is none. */
  readonly contributions: readonly number[];
}

/** Mean and variance of a channel, its residual's mean square, and the weight seen. */
interface Channel {
  mean: number;
  variance: number;
  residual: number;
  seen: number;
  values: number;
}

/**
 * Several metrics of one host as one series: the mean, over the channels, of what the other channels do not explain (the rest outside of a
 * subspace of one direction for four channels, at most three, that is learnt as rows come), each in units of its own usual rest. While a row is odd little is learnt of
 * it. Alarms by the score's own history, as the detector of a single series does.
 */
export class HostAnomalyScorer {
  readonly #theta: number;
  readonly #channels: Channel[];
  readonly #subspace: Subspace;
  readonly #frozen: FrozenDistance;
  readonly #surprise = new Surprise();
  #rows = 0;
  #seen = 0;
  #usual = 0;
  #held = 0;
  #weight = 1;
  #budget = 0;
  #lastAlarm = Number.NEGATIVE_INFINITY;

  constructor({ channels, theta = 2, frozenRows = 10_000 }: HostAnomalyOptions) {
    this.#theta = theta;
    this.#channels = Array.from({ length: channels }, () => ({ mean: 0, variance: 0, residual: 0, seen: 0, values: 0 }));
    this.#subspace = new Subspace(channels);
    this.#frozen = frozenDistance(channels, frozenRows);
  }

  /**
   * One value of each channel; null or no finite number: the channel has none, counts nothing and learns nothing. A row without any
   * value gives null and teaches nothing.
   */
  step(values: readonly (number | null)[]): HostAnomaly | null {
    const row = values.map((value) => (value === null || !Number.isFinite(value) ? Number.NaN : value));
    const present = row.filter((value) => !Number.isNaN(value)).length;
    if (present === 0) return null;
    const i = this.#rows++;
    const deviations = this.#channels.map((channel, k) => deviationOf(channel, row[k] as number));
    const rest = this.#subspace.rest(deviations);
    const score = i < scoreRows ? 0 : this.#scoreOf(row, rest, present);
    this.#held = Math.max(this.#held * (1 - 1 / holdRows), score);
    const weight = i >= warmRows && score > oddTimes * this.#usual ? square((oddTimes * this.#usual) / score) : 1;
    if (i >= scoreRows) {
      const told = i < warmRows ? score : Math.min(score, oddTimes * this.#usual);
      this.#usual += Math.max(1 / memoryRows, 1 / (i - scoreRows + 1)) * (told - this.#usual);
    }
    const alarm = i >= settledRows && this.#alarms(score, i);
    const frozen = this.#frozen.step(row);
    this.#learn(row, deviations, rest, weight, i);
    const sum = deviations.reduce((total, deviation) => total + Math.abs(deviation), 0);
    return {
      score: i < settledRows ? null : score,
      held: i < settledRows ? null : this.#held,
      alarm: i < warmRows ? null : alarm,
      frozen,
      contributions: deviations.map((deviation) => (sum > 0 ? Math.abs(deviation) / sum : 0)),
    };
  }

  #scoreOf(row: readonly number[], rest: readonly number[], present: number): number {
    let sum = 0;
    for (const [k, { residual }] of this.#channels.entries()) {
      if (Number.isNaN(row[k])) continue;
      sum += Math.min(Math.abs(rest[k] as number) / Math.max(Math.sqrt(residual), residualScaleMin), deviationMax);
    }
    return sum / present;
  }

  #alarms(score: number, i: number): boolean {
    const surprise = this.#surprise.step(score, i - settledRows, this.#weight);
    this.#weight *= alarmMemoryRows / (alarmMemoryRows - 1);
    if (this.#weight > weightMax) {
      this.#surprise.divide(this.#weight);
      this.#weight = 1;
    }
    this.#budget *= 1 - 1 / alarmMemoryRows;
    const alarm = i >= warmRows && surprise - budgetPerAlarm * this.#budget >= this.#theta && i - this.#lastAlarm >= restRows;
    if (alarm) {
      this.#budget += 1;
      this.#lastAlarm = i;
    }
    return alarm;
  }

  #learn(row: readonly number[], deviations: readonly number[], rest: readonly number[], weight: number, i: number): void {
    this.#seen += weight;
    if (i >= subspaceRows) this.#subspace.learn(deviations, weight * Math.max(1 / memoryRows, 2 / (this.#seen - subspaceRows + 2)));
    for (const [k, channel] of this.#channels.entries()) {
      const value = row[k] as number;
      if (Number.isNaN(value)) continue;
      channel.seen += weight;
      channel.values++;
      const share = weight * Math.max(1 / memoryRows, 1 / channel.seen);
      const off = rest[k] as number;
      if (i >= subspaceRows)
        channel.residual += (i > settledRows ? share : Math.max(share, unsettledShare)) * (off * off - channel.residual);
      const error = channel.values === 1 ? 0 : value - channel.mean;
      channel.mean = channel.values === 1 ? value : channel.mean + share * error;
      channel.variance += share * (error * error * (1 - share) - channel.variance);
    }
  }
}

/** In standard deviations; 0 where there is no value, too few, or none that differed. */
function deviationOf({ mean, variance, values }: Channel, value: number): number {
  if (Number.isNaN(value) || values < scoreRows) return 0;
  const deviation = Math.sqrt(variance);
  return deviation > noise * Math.abs(mean) ? clamp((value - mean) / deviation, -deviationMax, deviationMax) : 0;
}

function square(x: number): number {
  return x * x;
}
