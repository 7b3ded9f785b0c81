/** Points that errors are averaged over. */
const memoryPoints = 150;
/** From so many points on a single error counts as at most so many times the mean. */
const clipPoints = 20;
const clipTimes = 4;
/** Standard deviation of a normal variable with a mean absolute deviation of 1: the root of pi / 2. */
const deviationPerError = 1.2533141373155001;
const bandDeviations = 2;

export interface ExpectedRange {
  readonly expected: number;
  /** Two standard deviations around it. */
  readonly lower: number;
  readonly upper: number;
  /** How many standard deviations the value lies off; infinite where there have been none. */
  readonly deviations: number;
}

/**
 * What a value should have been: the level of late or what is usual at this hour, whichever was closer to the values so far, and a
 * band from its mean absolute error. A few large errors hardly widen it.
 */
export class RangeEstimate {
  #points = 0;
  #levelError = 0;
  #seasonalError = 0;

  /** Of the value at hand, of which is learnt afterwards. */
  step(value: number, level: number, seasonal: number): ExpectedRange {
    const isSeasonal = this.#seasonalError < this.#levelError;
    const expected = isSeasonal ? seasonal : level;
    const deviation = deviationPerError * (isSeasonal ? this.#seasonalError : this.#levelError);
    const off = Math.abs(value - expected);
    const width = bandDeviations * deviation;
    this.#levelError = this.#learn(this.#levelError, Math.abs(value - level));
    this.#seasonalError = this.#learn(this.#seasonalError, Math.abs(value - seasonal));
    this.#points++;
    const deviations = off === 0 ? 0 : off / deviation;
    return { expected, lower: expected - width, upper: expected + width, deviations };
  }

  #learn(mean: number, error: number): number {
    const most = this.#points >= clipPoints && mean > 0 ? clipTimes * mean : error;
    return mean + (Math.min(error, most) - mean) * Math.max(1 / (this.#points + 1), 1 / memoryPoints);
  }
}
