/** Forecasts of one series that are kept to be compared with what came: beyond it every second one is left out, again and again. */
export const originsMax = 256;

/** A forecast as it stood at one row. */
export interface ForecastOrigin {
  /** Microseconds since 1970. */
  readonly time: bigint;
  /** By step ahead, from the first. */
  readonly mean: Float64Array;
  readonly lower: Float64Array | null;
  readonly upper: Float64Array | null;
}

/** At most `originsMax` forecasts, evenly spread over those added. A forecast that is only the one before moved on counts for none. */
export class ForecastOrigins {
  readonly #kept: ForecastOrigin[] = [];
  #stride = 1;
  #seen = 0;
  #lengthBefore = 0;

  get kept(): readonly ForecastOrigin[] {
    return this.#kept;
  }

  add(origin: ForecastOrigin): void {
    const { length } = origin.mean;
    const moved = length < this.#lengthBefore;
    this.#lengthBefore = length;
    if (length === 0 || moved || this.#seen++ % this.#stride !== 0) return;
    this.#kept.push(origin);
    if (this.#kept.length <= originsMax) return;
    const halved = this.#kept.filter((_, index) => index % 2 === 0);
    this.#kept.splice(0, this.#kept.length, ...halved);
    this.#stride *= 2;
  }
}
