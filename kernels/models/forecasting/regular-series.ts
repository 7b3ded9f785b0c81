const dayMicros = 86_400_000_000n;
/** Rows from which an interval is learnt, and rows in a row that must have another one for the series to begin anew. */
export const learningRows = 9;
export const changedRowsMin = 8;
/** Gaps up to this many steps are filled with the last value, longer ones with the mean of up to four earlier values at their phase. */
export const heldSteps = 3n;
const profileCycles = 4;

/** What a row did to a series. */
export type Arrival = 'learning' | 'ignored' | 'stored' | 'restarted';

/**
 * The last values of a series on a regular grid of event time. A grid step of 0 is learnt: the median of the first eight differences
 * of time, rounded to whole seconds that divide a day where those are within 2 %. Two values in one step: the later one counts. A gap of
 * half the points or more, and (where the step is learnt) eight differences in a row that agree with each other within a quarter but
 * not with the step, begin the series anew.
 */
export class RegularSeries {
  readonly #points: number;
  readonly #givenStep: bigint;
  #step: bigint;
  #values: number[] = [];
  #rows: { micros: bigint; value: number }[] = [];
  #anchor = 0n;
  #slot = 0n;
  #lastMicros = 0n;
  #changed = 0;
  #leastChanged = 0n;
  #mostChanged = 0n;

  /** `points`: values kept; `stepMicros`: microseconds between two, 0 to learn them. */
  constructor(points: number, stepMicros: bigint) {
    this.#points = points;
    this.#givenStep = stepMicros;
    this.#step = stepMicros;
  }

  /** Microseconds of a step; 0 while they are being learnt. */
  get step(): bigint {
    return this.#step;
  }

  /** Steps in a day, at least 1. */
  get daySteps(): number {
    return stepsPerDay(this.#step);
  }

  /** Newest last. */
  get values(): readonly number[] {
    return this.#values;
  }

  /** Number of the step of the newest value, and of a time not before it. */
  get slot(): bigint {
    return this.#slot;
  }

  slotAt(micros: bigint): bigint {
    const slot = (2n * (micros - this.#anchor) + this.#step) / (2n * this.#step);
    return slot < this.#slot ? this.#slot : slot;
  }

  /** A finite value; rows come in order of time, earlier ones are ignored. */
  add(value: number, micros: bigint): Arrival {
    if (this.#step === 0n) return this.#learn(value, micros);
    if (this.#values.length === 0) {
      this.#begin(value, micros);
      return 'stored';
    }
    if (micros < this.#lastMicros) return 'ignored';
    if (this.#givenStep === 0n && this.#hasChanged(micros)) return this.#restart(value, micros);
    const missing = this.slotAt(micros) - this.#slot - 1n;
    if (missing >= BigInt(this.#points >> 1)) return this.#restart(value, micros);
    this.#lastMicros = micros;
    if (missing < 0n) {
      this.#values[this.#values.length - 1] = value;
      return 'stored';
    }
    for (let k = 0n; k < missing; k++) this.#append(missing <= heldSteps ? this.#values.at(-1)! : this.#profileValue());
    this.#append(value);
    return 'stored';
  }

  #append(value: number): void {
    this.#values.push(value);
    if (this.#values.length > this.#points) this.#values.shift();
    this.#slot++;
  }

  #profileValue(): number {
    const m = this.daySteps;
    let sum = 0;
    let count = 0;
    for (let cycle = 1; cycle <= profileCycles && cycle * m <= this.#values.length; cycle++) {
      // Halves, so that two huge values do not become infinite.
      sum += this.#values[this.#values.length - cycle * m]! / profileCycles;
      count++;
    }
    return count === 0 ? this.#values.at(-1)! : sum * (profileCycles / count);
  }

  #begin(value: number, micros: bigint): void {
    this.#values = [value];
    this.#anchor = micros;
    this.#lastMicros = micros;
    this.#slot = 0n;
    this.#changed = 0;
  }

  #restart(value: number, micros: bigint): Arrival {
    this.#step = this.#givenStep;
    this.#values = [];
    this.#changed = 0;
    if (this.#step === 0n) this.#rows = [{ micros, value }];
    else this.#begin(value, micros);
    return 'restarted';
  }

  #hasChanged(micros: bigint): boolean {
    const difference = micros - this.#lastMicros;
    if (difference === 0n) return false;
    if (4n * difference >= 3n * this.#step && 4n * difference <= 5n * this.#step) {
      this.#changed = 0;
      return false;
    }
    const first = this.#changed === 0;
    this.#leastChanged = first || difference < this.#leastChanged ? difference : this.#leastChanged;
    this.#mostChanged = first || difference > this.#mostChanged ? difference : this.#mostChanged;
    this.#changed++;
    if (4n * this.#mostChanged > 5n * this.#leastChanged) {
      this.#changed = 1;
      this.#leastChanged = difference;
      this.#mostChanged = difference;
    }
    return this.#changed >= changedRowsMin;
  }

  #learn(value: number, micros: bigint): Arrival {
    const last = this.#rows.at(-1);
    if (last !== undefined && micros < last.micros) return 'ignored';
    if (last?.micros === micros) last.value = value;
    else this.#rows.push({ micros, value });
    if (this.#rows.length < learningRows) return 'learning';
    this.#step = learntStep(this.#rows.map(({ micros }) => micros));
    const rows = this.#rows;
    this.#rows = [];
    this.#begin(rows[0]!.value, rows[0]!.micros);
    for (const row of rows.slice(1)) this.add(row.value, row.micros);
    return 'stored';
  }
}

function stepsPerDay(step: bigint): number {
  if (step === 0n) return 1;
  const steps = Number((2n * dayMicros + step) / (2n * step));
  return Math.max(1, steps);
}

function learntStep(times: readonly bigint[]): bigint {
  const differences = times.slice(1).map((time, i) => time - times[i]!);
  differences.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const half = differences.length >> 1;
  const median = (differences[half - 1]! + differences[half]!) / 2n;
  let best = median;
  let distance = median / 50n;
  for (let seconds = (median - distance) / 1_000_000n; seconds <= (median + distance) / 1_000_000n; seconds++) {
    if (seconds === 0n || 86_400n % seconds !== 0n) continue;
    const off = seconds * 1_000_000n - median;
    const magnitude = off < 0n ? -off : off;
    if (magnitude > distance) continue;
    best = seconds * 1_000_000n;
    distance = magnitude;
  }
  return best;
}
