export interface Ewma {
  readonly mean: number;
  readonly deviation: number;
  /** Distance of the value from the mean before it, in deviations before it; null while there has been no spread. */
  readonly z: number | null;
}

/**
 * Exponentially weighted mean and standard deviation: each value weighs `alpha`, those before it 1 - alpha of what they did. West's
 * update (1979): never subtracts squares, so that equal values give exactly 0.
 */
export class EwmaModel {
  readonly #alpha: number;
  #points = 0;
  #mean = 0;
  #variance = 0;

  /** `alpha`: above 0, at most 1. */
  constructor(alpha = 0.1) {
    this.#alpha = alpha;
  }

  /** null for a gap. */
  step(value: number | null): Ewma | null {
    if (value === null || !Number.isFinite(value)) return null;
    const difference = value - this.#mean;
    const before = Math.sqrt(this.#variance);
    const z = this.#points > 0 && before > 0 ? difference / before : null;
    if (this.#points === 0) this.#mean = value;
    else {
      const increment = this.#alpha * difference;
      this.#mean += increment;
      this.#variance = (1 - this.#alpha) * (this.#variance + difference * increment);
    }
    this.#points++;
    return { mean: this.#mean, deviation: Math.sqrt(this.#variance), z };
  }
}
