/** A normal variable's standard deviation is so many times its median distance from the median. */
const deviationPerDistance = 1.4826;

/**
 * How far a value lies from the median of the last values, itself among them, in deviations that the median distance from the median
 * tells of: up to half of the values may be outliers.
 */
export class RobustZscore {
  readonly #most: number;
  readonly #values: number[] = [];

  /** `rows`: values looked at, 3 to 4096. */
  constructor(rows = 256) {
    this.#most = rows;
  }

  /** null for a gap, for the first two values, and where more than half of the values are equal but this one is not. */
  step(value: number | null): number | null {
    if (value === null || !Number.isFinite(value)) return null;
    this.#values.push(value);
    if (this.#values.length > this.#most) this.#values.shift();
    if (this.#values.length < 3) return null;
    const center = median(this.#values);
    const distance = median(this.#values.map((each) => Math.abs(each - center)));
    if (value === center) return 0;
    return distance === 0 ? null : (value - center) / (deviationPerDistance * distance);
  }
}

/** Of an even number the mean of the middle two, halved first: two huge values do not become infinite. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] as number;
  return sorted.length % 2 === 1 ? high : (sorted[middle - 1] as number) / 2 + high / 2;
}
