import { binaryLogarithm } from './binary-logarithm.ts';
import { type ExpectedRange, RangeEstimate } from './expected-range.ts';
import { clamp, Surprise, warmPoints } from './surprise.ts';

/** Points that histograms and the alarm budget remember. */
const memoryPoints = 10_000;
const referencePoints = 150;
const ringPoints = 152;
const fastPoints = 2;
const slowPoints = 10;
const variabilityPoints = 20;
const seasonalPoints = 4;
/** Points in which a held score fades to 1/e. */
const holdPoints = 150;
/** What each alarm adds to the bar for the next. */
const budgetPerAlarm = 0.1;
const restShare = 0.05;
const restPointsMin = 24;
const restPointsMax = 100;
const weightMax = 1e6;
/** Differences below this share of the values are floating noise. */
const noise = 1e-9;
const microsPerHour = 3_600_000_000n;
const hoursPerDay = 24;

export interface AnomalyOptions {
  /** Surprise from which on a point alarms: about 10^-(theta + 1) alarms a point of pure noise. Default 2. */
  readonly theta?: number;
  /** Deviations of at most this size, in the unit of the values, count as none. Default 0. */
  readonly minEffect?: number;
}

/** What stands out most: one or two points, ten points, the hour's usual value, or how much values vary. */
export const anomalyTypes = ['spike', 'drop', 'shift', 'unseasonal', 'burst', 'flat'] as const;
export const anomalySeverities = ['low', 'medium', 'high', 'critical'] as const;
/** Standard deviations from the expected value above which an anomaly is of the severity after. */
const severityDeviations = [2, 3, 4];

export interface AnomalyScore extends Pick<ExpectedRange, 'expected' | 'lower' | 'upper'> {
  /** Minus the decimal logarithm of a tail probability. */
  readonly score: number;
  /** The score, fading after a peak. */
  readonly held: number;
  /** True once for each event. */
  readonly alarm: boolean;
  /** null while the score is below theta, as severity is. */
  readonly type: (typeof anomalyTypes)[number] | null;
  readonly severity: (typeof anomalySeverities)[number] | null;
  /** 1 less the probability: 0.999 at a score of 3. */
  readonly confidence: number;
}

/**
 * The default detector of a single series: four views of "different from what this series does" (two points and ten points against the
 * mean of the last 150, the residual to a profile by hour of the day, variability), each a tail probability by the series' own
 * history; the score is the mean of the two largest surprises. Every alarm raises the bar a little for a while.
 */
export class AnomalyScorer {
  readonly #theta: number;
  readonly #minEffect: number;
  readonly #views = Array.from({ length: 4 }, () => [new Surprise(), new Surprise()] as const);
  readonly #ring = new Float64Array(ringPoints);
  readonly #profile = new Float64Array(hoursPerDay);
  readonly #profileCounts = new Uint32Array(hoursPerDay);
  readonly #residuals = new Float64Array(seasonalPoints);
  readonly #range = new RangeEstimate();
  #points = 0;
  #weight = 1;
  #referenceSum = 0;
  #fastSum = 0;
  #slowSum = 0;
  #differenceSum = 0;
  #referenceDifferenceSum = 0;
  #level = 0;
  #difference = 0;
  #held = 0;
  #budget = 0;
  #lastAlarm = Number.NEGATIVE_INFINITY;

  constructor({ theta = 2, minEffect = 0 }: AnomalyOptions = {}) {
    this.#theta = theta;
    this.#minEffect = minEffect;
  }

  /** null for a gap (no finite value), of which nothing is learnt, and while the points are too few. `micros`: since 1970, UTC. */
  step(value: number | null, micros: bigint): AnomalyScore | null {
    if (value === null || !Number.isFinite(value)) return null;
    const i = this.#points;
    if (i === 0) this.#level = value;
    const difference = i > 0 ? Math.abs(value - this.#back(1)) : 0;
    const hour = hourOf(micros);
    const range = this.#range.step(value, this.#reference(value), this.#usual(hour));
    const deviations = this.#deviations(value, difference, hour);
    const surprises = this.#surprises(deviations);
    this.#grow();
    const [second, first] = [...surprises].sort((a, b) => a - b).slice(2) as [number, number];
    const view = surprises.indexOf(first);
    const score = (first + second) / 2;
    this.#held = Math.max(this.#held * (1 - 1 / holdPoints), score);
    const alarm = this.#alarms(score);
    this.#learn(value, difference, hour);
    if (i < warmPoints) return null;
    const { expected, lower, upper } = range;
    const stands = score >= this.#theta;
    return {
      score,
      held: this.#held,
      alarm,
      expected,
      lower,
      upper,
      type: stands ? typeOf(view, deviations[view] as number) : null,
      severity: stands ? severityOf(range.deviations) : null,
      confidence: 1 - 10 ** -score,
    };
  }

  /** The mean of late. */
  #reference(value: number): number {
    const n = Math.min(this.#points, referencePoints);
    return n > 0 ? this.#referenceSum / n : value;
  }

  #usual(hour: number): number {
    return (this.#profileCounts[hour] as number) > 0 ? (this.#profile[hour] as number) : this.#level;
  }

  /** The value `count` points ago. */
  #back(count: number): number {
    return this.#ring[(this.#points - count) % ringPoints] as number;
  }

  #deviations(value: number, difference: number, hour: number): number[] {
    const i = this.#points;
    const n = Math.min(i, referencePoints);
    const reference = this.#reference(value);
    const usual = n > 0 ? this.#referenceDifferenceSum / n : difference;
    this.#fastSum += value;
    this.#slowSum += value;
    this.#differenceSum += difference;
    if (i >= fastPoints) this.#fastSum -= this.#back(fastPoints);
    if (i >= slowPoints) this.#slowSum -= this.#back(slowPoints);
    if (i > variabilityPoints) this.#differenceSum -= Math.abs(this.#back(variabilityPoints) - this.#back(variabilityPoints + 1));
    this.#residuals[i % seasonalPoints] = value - this.#usual(hour);
    const deviations = [
      this.#fastSum / Math.min(i + 1, fastPoints) - reference,
      this.#slowSum / Math.min(i + 1, slowPoints) - reference,
      this.#residuals.reduce((a, b) => a + b, 0) / Math.min(i + 1, seasonalPoints),
    ];
    const least = Math.max(noise * (Math.abs(reference) + Math.abs(value)), this.#minEffect);
    const floor = 0.1 * (this.#difference + noise * (Math.abs(reference) + 1e-3));
    const variability = binaryLogarithm((this.#differenceSum / Math.min(i + 1, variabilityPoints) + floor) / (usual + floor)) * Math.LN2;
    return [...deviations.map((deviation) => (Math.abs(deviation) <= least ? 0 : deviation)), variability];
  }

  #surprises(deviations: readonly number[]): number[] {
    return this.#views.map(([up, down], view) => {
      const deviation = deviations[view] as number;
      const above = up.step(Math.max(deviation, 0), this.#points, this.#weight);
      return Math.max(above, down.step(Math.max(-deviation, 0), this.#points, this.#weight));
    });
  }

  #grow(): void {
    this.#weight *= memoryPoints / (memoryPoints - 1);
    if (this.#weight <= weightMax) return;
    for (const side of this.#views.flat()) side.divide(this.#weight);
    this.#weight = 1;
  }

  #alarms(score: number): boolean {
    const i = this.#points;
    this.#budget *= 1 - 1 / memoryPoints;
    const rest = clamp(restShare * i, restPointsMin, restPointsMax);
    const alarm = i >= warmPoints && score - budgetPerAlarm * this.#budget >= this.#theta && i - this.#lastAlarm >= rest;
    if (alarm) {
      this.#budget += 1;
      this.#lastAlarm = i;
    }
    return alarm;
  }

  #learn(value: number, difference: number, hour: number): void {
    const i = this.#points;
    const seen = (this.#profileCounts[hour] as number) + 1;
    const profile = this.#profile[hour] as number;
    this.#profileCounts[hour] = seen;
    this.#profile[hour] = profile + (value - profile) * Math.max(1 / seen, 1 / 100);
    this.#level += (value - this.#level) * Math.max(1 / (i + 1), 1 / 500);
    this.#difference += (difference - this.#difference) * Math.max(1 / (i + 2), 1 / 2000);
    this.#referenceSum += value;
    this.#referenceDifferenceSum += difference;
    if (i >= referencePoints) this.#referenceSum -= this.#back(referencePoints);
    if (i > referencePoints) this.#referenceDifferenceSum -= Math.abs(this.#back(referencePoints) - this.#back(referencePoints + 1));
    this.#ring[i % ringPoints] = value;
    this.#points = i + 1;
    if (i % ringPoints === ringPoints - 1) this.#sumAnew();
  }

  /** Running sums drift: they are made again of the ring. */
  #sumAnew(): void {
    const differences = (count: number) => sumOf(count, (k) => Math.abs(this.#back(k + 1) - this.#back(k + 2)));
    const values = (count: number) => sumOf(count, (k) => this.#back(k + 1));
    this.#referenceSum = values(referencePoints);
    this.#referenceDifferenceSum = differences(referencePoints);
    this.#fastSum = values(fastPoints);
    this.#slowSum = values(slowPoints);
    this.#differenceSum = differences(variabilityPoints);
  }
}

function typeOf(view: number, deviation: number): (typeof anomalyTypes)[number] {
  if (view === 0) return deviation > 0 ? 'spike' : 'drop';
  if (view === 3) return deviation > 0 ? 'burst' : 'flat';
  return view === 1 ? 'shift' : 'unseasonal';
}

function severityOf(deviations: number): (typeof anomalySeverities)[number] {
  return anomalySeverities[severityDeviations.filter((least) => deviations > least).length] as (typeof anomalySeverities)[number];
}

function sumOf(count: number, term: (index: number) => number): number {
  let sum = 0;
  for (let index = 0; index < count; index++) sum += term(index);
  return sum;
}

/** Of the day, 0 to 23, UTC. */
function hourOf(micros: bigint): number {
  const micro = micros % (BigInt(hoursPerDay) * microsPerHour);
  return Number((micro < 0n ? micro + BigInt(hoursPerDay) * microsPerHour : micro) / microsPerHour);
}
