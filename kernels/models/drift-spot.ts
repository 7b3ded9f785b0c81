import { binaryLogarithm } from './binary-logarithm.ts';
import { clamp } from './surprise.ts';

/** Values that the moving mean is of. */
const depth = 150;
/** Values before the first difference from the mean is looked at, and differences of which the tails' beginnings are then taken. */
const meanPointsMin = 50;
const calibrationPoints = 300;
const tailShare = 0.02;
/** No tail is taken to be heavier. */
const shapeMax = 0.5;
/** Below this a tail counts as exponential. */
const shapeMin = 1e-6;
/** Differences below this share of the values are floating noise. */
const noise = 1e-9;
const restShare = 0.02;
const restPointsMin = 24;
const restPointsMax = 100;
const decimalsPerOctave = 0.3010299956639812;

export interface DriftSpotOptions {
  /** A point alarms where its tail probability is at most 10^-theta. Default 4. */
  readonly theta?: number;
}

export interface DriftSpotScore {
  /** Minus the decimal logarithm of the tail probability; below the tail's beginning in proportion. */
  readonly score: number;
  /** True once for each event. */
  readonly alarm: boolean;
}

/** Peaks over a threshold: a generalized Pareto distribution, fitted by its first two moments. */
class Tail {
  #start = 0;
  #points = 0;
  #peaks = 0;
  #sum = 0;
  #squares = 0;

  /** `sizes` in ascending order. */
  calibrate(sizes: readonly number[]): void {
    this.#start = Math.max(sizes[Math.ceil((1 - tailShare) * sizes.length) - 1] as number, 0);
    for (const size of sizes) this.learn(size);
  }

  learn(size: number): void {
    this.#points++;
    const excess = size - this.#start;
    if (!(excess > 0)) return;
    this.#peaks++;
    this.#sum += excess;
    this.#squares += excess * excess;
  }

  score(size: number): number {
    if (!(size > 0)) return 0;
    const atStart = decimalsPerOctave * binaryLogarithm(this.#points / Math.max(this.#peaks, 1));
    const excess = size - this.#start;
    if (!(excess > 0)) return atStart * (size / this.#start);
    if (this.#peaks === 0) return atStart;
    const mean = this.#sum / this.#peaks;
    const variance = this.#squares / this.#peaks - mean * mean;
    const shape = variance > 0 ? clamp((1 - (mean * mean) / variance) / 2, 0, shapeMax) : 0;
    const far = excess / (mean * (1 - shape));
    if (shape < shapeMin) return atStart + Math.LOG10E * far;
    return atStart + (decimalsPerOctave * binaryLogarithm(1 + shape * far)) / shape;
  }
}

/**
 * Streaming peaks over threshold with drift (Siffer et al. 2017: DSPOT), both sides: differences from the mean of the last 150 values, whose
 * upper two per cent on each side follow a generalized Pareto distribution, fitted by moments as in FluxEV (Li et al. 2021). Values that
 * would alarm are not learnt as peaks. After an alarm it rests for two per cent of the points seen, 24 to 100.
 */
export class DriftSpot {
  readonly #theta: number;
  readonly #ring = new Float64Array(depth);
  readonly #tails = [new Tail(), new Tail()] as const;
  #calibration: number[] = [];
  #points = 0;
  #sum = 0;
  #lastAlarm = Number.NEGATIVE_INFINITY;

  constructor({ theta = 4 }: DriftSpotOptions = {}) {
    this.#theta = theta;
  }

  /** null for a gap (no finite value), of which nothing is learnt, and for the first 350 points. */
  step(value: number | null): DriftSpotScore | null {
    if (value === null || !Number.isFinite(value)) return null;
    const i = this.#points;
    const mean = i > 0 ? this.#sum / Math.min(i, depth) : value;
    const away = Math.abs(value - mean) <= noise * (Math.abs(mean) + Math.abs(value)) ? 0 : value - mean;
    this.#remember(value);
    if (i < meanPointsMin) return null;
    if (i < meanPointsMin + calibrationPoints) {
      this.#calibrate(away);
      return null;
    }
    const [above, below] = this.#tails;
    const score = Math.max(above.score(away), below.score(-away));
    const isBeyond = score >= this.#theta;
    if (!isBeyond) {
      above.learn(away);
      below.learn(-away);
    }
    const alarm = isBeyond && i - this.#lastAlarm >= clamp(restShare * i, restPointsMin, restPointsMax);
    if (alarm) this.#lastAlarm = i;
    return { score, alarm };
  }

  #remember(value: number): void {
    const place = this.#points % depth;
    this.#sum += value;
    if (this.#points >= depth) this.#sum -= this.#ring[place] as number;
    this.#ring[place] = value;
    this.#points++;
    if (place === depth - 1) this.#sum = this.#ring.reduce((sum, each) => sum + each, 0);
  }

  #calibrate(away: number): void {
    this.#calibration.push(away);
    if (this.#calibration.length < calibrationPoints) return;
    const sizes = this.#calibration.sort((a, b) => a - b);
    this.#tails[0].calibrate(sizes);
    this.#tails[1].calibrate(sizes.map((size) => -size).reverse());
    this.#calibration = [];
  }
}
