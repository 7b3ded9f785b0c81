import { binaryLogarithm } from './binary-logarithm.ts';

/** Share of the weight that counts as the tail. */
export const tailShare = 0.02;
/** Prior of the tail's slope (mean log excess), and how many points it is worth. */
const slopePrior = 0.3;
const slopePriorPoints = 20;
/** Points before anything is said. */
export const warmPoints = 50;

const bins = 64;
const binsPerOctave = 2;
/** The first positive value lies in the middle bin. */
const octavesBelowFirst = bins / binsPerOctave / 2;

/**
 * How unusual sizes of one kind are, by the history of that kind: a histogram with bins of half an octave, and a Pareto tail (Hill's
 * slope, shrunk to a prior) beyond its upper two per cent, so that any scale and any heaviness of tail will do.
 */
export class Surprise {
  readonly counts = new Float64Array(bins);
  total = 0;
  #offset: number | null = null;

  /**
   * Minus the decimal logarithm of the probability of a size as large as `size` (0 or more), which is learnt afterwards with
   * `weight`; 0 while `points` (those seen before) are too few.
   */
  step(size: number, points: number, weight: number): number {
    const position = this.#position(size);
    const place = clamp(position, 0, bins - 1e-6);
    const surprise = points >= warmPoints ? this.#of(position, place, weight) : 0;
    this.counts[Math.floor(place)] = (this.counts[Math.floor(place)] as number) + weight;
    this.total += weight;
    return surprise;
  }

  /** Weights grow instead of the past being forgotten: from time to time all are made smaller. */
  divide(by: number): void {
    for (let bin = 0; bin < bins; bin++) this.counts[bin] = (this.counts[bin] as number) / by;
    this.total /= by;
  }

  /** In bins; minus infinity for 0. */
  #position(size: number): number {
    if (!(size > 0)) return Number.NEGATIVE_INFINITY;
    const octaves = binaryLogarithm(size);
    this.#offset ??= octaves - octavesBelowFirst;
    return (octaves - this.#offset) * binsPerOctave;
  }

  #of(position: number, place: number, weight: number): number {
    const tail = this.#tail();
    const atTail = -Math.log10(tailShare);
    if (position > tail.start) {
      const slope =
        this.total > 0
          ? (((tail.places - tail.weight * tail.start) / weight / binsPerOctave) * Math.LN2 + slopePrior * slopePriorPoints) /
            (tail.weight / weight + slopePriorPoints)
          : slopePrior;
      return atTail + (((position - tail.start) / binsPerOctave) * Math.LN2) / slope / Math.LN10;
    }
    const bin = Math.floor(place);
    let above = (this.counts[bin] as number) * (bin + 1 - place);
    let more = 0;
    for (let k = bin + 1; k < bins; k++) more += this.counts[k] as number;
    above += more;
    return Math.min(-Math.log10((above + tailShare * weight) / (this.total + tailShare * weight)), atTail);
  }

  /** Where the upper share of the weight starts (in bins), its weight, and the sum of its places by weight. */
  #tail(): { start: number; weight: number; places: number } {
    const need = tailShare * this.total;
    let weight = 0;
    let places = 0;
    let bin = bins - 1;
    while (bin >= 0 && weight + (this.counts[bin] as number) <= need) {
      weight += this.counts[bin] as number;
      places += (this.counts[bin] as number) * (bin + 0.5);
      bin--;
    }
    const count = bin >= 0 ? (this.counts[bin] as number) : 0;
    const part = count > 0 ? (need - weight) / count : 0;
    if (bin >= 0) {
      weight += count * part;
      places += count * part * (bin + 1 - part / 2);
    }
    return { start: bin + 1 - part, weight, places };
  }
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
