const day = 86_400;
const week = 7 * day;
/** 1970-01-05 00:00 UTC, a Monday. */
const monday = 4 * day;
const terms = [
  { amplitude: 0.38, frequency: (2 * Math.PI) / day, peak: 14 * 3600 },
  { amplitude: 0.08, frequency: (4 * Math.PI) / day, peak: 11 * 3600 },
  { amplitude: 0.14, frequency: (2 * Math.PI) / week, peak: 2.5 * day },
] as const;

/** The largest value of `seasonAt`. */
export const seasonMax = 1 + terms.reduce((sum, term) => sum + term.amplitude, 0);

/** Traffic at a time (seconds since 1970, UTC) against its weekly mean of 1: highest in the afternoon and on weekdays. */
export function seasonAt(seconds: number): number {
  let level = 1;
  for (const { amplitude, frequency, peak } of terms) level += amplitude * Math.cos(frequency * (seconds - monday - peak));
  return level;
}

/** Integral of `seasonAt` from 1970 to a time; increasing, and equal to time itself over whole weeks. */
export function seasonIntegral(seconds: number): number {
  let total = seconds;
  for (const { amplitude, frequency, peak } of terms) total += (amplitude / frequency) * Math.sin(frequency * (seconds - monday - peak));
  return total;
}

/** Time at which the integral reaches `total`: Newton, which converges because the slope stays within [0.4, 1.6]. */
export function seasonInverse(total: number): number {
  let seconds = total;
  for (let i = 0; i < 8; i++) {
    const step = (total - seasonIntegral(seconds)) / seasonAt(seconds);
    seconds += step;
    if (Math.abs(step) < 1e-7) break;
  }
  return seconds;
}

const knotSpacing = 256;

/**
 * Event time of the n-th arrival of a process whose mean rate (arrivals per second) follows the season. Exact at every 256th arrival,
 * linear between, so it is O(1), increasing, and the same from wherever one starts.
 */
export class Arrivals {
  readonly #rate: number;
  #knot = Number.NaN;
  #start = 0;
  #slope = 0;

  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Microseconds since 1970. */
  timeOf(index: number): number {
    const knot = Math.floor(index / knotSpacing);
    if (knot !== this.#knot) {
      this.#knot = knot;
      this.#start = this.#knotTime(knot);
      this.#slope = (this.#knotTime(knot + 1) - this.#start) / knotSpacing;
    }
    return Math.floor(this.#start + (index - knot * knotSpacing) * this.#slope);
  }

  /** The first arrival at or after a time in microseconds. */
  firstFrom(micros: number): number {
    let index = Math.max(0, Math.floor(seasonIntegral(micros / 1e6) * this.#rate) - 1);
    while (index > 0 && this.timeOf(index - 1) >= micros) index--;
    while (this.timeOf(index) < micros) index++;
    return index;
  }

  #knotTime(knot: number): number {
    return seasonInverse((knot * knotSpacing) / this.#rate) * 1e6;
  }
}
