import { clamp, Surprise } from './surprise.ts';

/** Values that are looked at. */
const depth = 128;
/** Least values before and after a split. A change is said once more than that many have come after it: fewer are outliers, not a level. */
const beforeMin = 16;
const afterMin = 8;
/** Values of a series before a change is said. */
const warmRows = 200;
/** Least statistic of a change, whatever the series' history says. */
const statisticMin = 6;
const statisticMax = 1_000;
/** Spread below this share of the values is floating noise. */
const noise = 1e-9;
/** Values that the statistic's history remembers. */
const memoryRows = 10_000;
const weightMax = 1e6;

export const changeDirections = ['up', 'down'] as const;

export interface Changepoint {
  /** Surprise of the best split of the last values into two levels: minus the decimal logarithm of its probability by the series' own history. null for the first 200 values. */
  readonly score: number | null;
  /** True once for each change, as soon as it is certain. */
  readonly change: boolean | null;
  /** Of the row that says a change: by how much time before it the level changed, in minutes, and the means before and after. */
  readonly minutesAgo: number | null;
  readonly before: number | null;
  readonly after: number | null;
  readonly direction: (typeof changeDirections)[number] | null;
}

interface Split {
  /** Values after the change. */
  readonly after: number;
  readonly statistic: number;
}

/**
 * Lasting changes of a series' level. At each row the last values are split into two everywhere (closely near the end, wider apart before),
 * and the greatest two-sample t statistic is held against its own history in this series: what waves and slow drifts do every
 * day does not count. A change is said once; what was before it is forgotten.
 */
export class ChangepointDetector {
  readonly #sensitivity: number;
  readonly #surprise = new Surprise();
  #values: number[] = [];
  #times: bigint[] = [];
  #rows = 0;
  #weight = 1;

  /** `sensitivity`: score from which on a change is said. Default 2.5. */
  constructor(sensitivity = 2.5) {
    this.#sensitivity = sensitivity;
  }

  /** null for a gap (no finite value), of which nothing is learnt. */
  step(value: number | null, micros: bigint): Changepoint | null {
    if (value === null || !Number.isFinite(value)) return null;
    this.#values.push(value);
    this.#times.push(micros);
    if (this.#values.length > depth) {
      this.#values.shift();
      this.#times.shift();
    }
    const rows = this.#rows++;
    const { after, statistic } = bestSplit(this.#values, nearSplits);
    const score = after === 0 ? 0 : this.#learn(statistic, rows);
    const told = { minutesAgo: null, before: null, after: null, direction: null };
    if (rows < warmRows) return { score: null, change: null, ...told };
    const isLikely = after > 0 && score >= this.#sensitivity && statistic >= statisticMin;
    const lasted = isLikely ? bestSplit(this.#values, everySplit).after : 0;
    if (lasted <= afterMin) return { score, change: false, ...told };
    return { score, change: true, ...this.#begin(this.#values.length - lasted, micros) };
  }

  /** The value at `place` is the first of the new level: what was before it is forgotten. */
  #begin(place: number, micros: bigint): Pick<Changepoint, 'minutesAgo' | 'before' | 'after' | 'direction'> {
    const minutesAgo = Number(micros - (this.#times[place] as bigint)) / 60_000_000;
    const before = meanOf(this.#values.slice(0, place));
    const after = meanOf(this.#values.slice(place));
    this.#values = this.#values.slice(place);
    this.#times = this.#times.slice(place);
    return { minutesAgo, before, after, direction: changeDirections[after >= before ? 0 : 1] };
  }

  #learn(statistic: number, rows: number): number {
    const surprise = this.#surprise.step(statistic, rows, this.#weight);
    this.#weight *= memoryRows / (memoryRows - 1);
    if (this.#weight > weightMax) {
      this.#surprise.divide(this.#weight);
      this.#weight = 1;
    }
    return surprise;
  }
}

/** The next number of values after the change to look at. */
const nearSplits = (after: number): number => after + 1 + (after >> 3);
const everySplit = (after: number): number => after + 1;

/** The split into two levels that differ most, by Student's statistic with the spread within both; after is 0 where values are too few. */
function bestSplit(values: readonly number[], next: (after: number) => number): Split {
  const count = values.length;
  let best: Split = { after: 0, statistic: 0 };
  if (count < beforeMin + afterMin) return best;
  const last = values[count - 1] as number;
  let total = 0;
  for (let k = count - 1; k >= 0; k--) total += (values[k] as number) - last;
  const middle = total / count;
  let squares = 0;
  for (let k = count - 1; k >= 0; k--) squares += square((values[k] as number) - last - middle);
  const floor = square(noise * (Math.abs(last) + Math.abs(middle))) * count;
  let sum = 0;
  let after = 0;
  for (let wanted = afterMin; wanted <= count - beforeMin; wanted = next(wanted)) {
    for (; after < wanted; after++) sum += (values[count - 1 - after] as number) - last - middle;
    const between = (square(sum) * count) / (after * (count - after));
    if (!(between > floor)) continue;
    const within = Math.max(squares - between, floor);
    const statistic = clamp(Math.sqrt((between * (count - 2)) / within), 0, statisticMax);
    if (statistic > best.statistic || best.after === 0) best = { after, statistic };
  }
  return best.after === 0 ? { after: afterMin, statistic: 0 } : best;
}

function meanOf(values: readonly number[]): number {
  const last = values[values.length - 1] as number;
  let sum = 0;
  for (const value of values) sum += value - last;
  return last + sum / values.length;
}

function square(x: number): number {
  return x * x;
}
