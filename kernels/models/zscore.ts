/**
 * How far a value lies from the mean of the last values, itself among them, in their standard deviations (of a sample). Computed from the
 * distances to the value itself, anew at each row: equal values give exactly 0, and a large offset costs no digits.
 */
export class Zscore {
  readonly #ring: Float64Array;
  #rows = 0;

  /** `rows`: values looked at, 3 to 4096. */
  constructor(rows = 256) {
    this.#ring = new Float64Array(rows);
  }

  /** null for a gap and for the first two values. */
  step(value: number | null): number | null {
    if (value === null || !Number.isFinite(value)) return null;
    this.#ring[this.#rows % this.#ring.length] = value;
    this.#rows++;
    if (this.#rows < 3) return null;
    const values = this.#ring.subarray(0, this.#rows);
    let sum = 0;
    for (const each of values) sum += each - value;
    const mean = sum / values.length;
    let squares = 0;
    for (const each of values) squares += (each - value - mean) * (each - value - mean);
    if (squares === 0) return 0;
    const score = -mean / Math.sqrt(squares / (values.length - 1));
    return Number.isFinite(score) ? score : null;
  }
}
