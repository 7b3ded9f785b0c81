import { clamp, normalShare } from './arithmetic.ts';
import type { PathForecast } from './bank.ts';

/** Will the values reach a threshold within the horizon, and when. */
export interface Breach {
  /** Calibrated at natural prevalence. */
  readonly probability: number;
  /** How unusual this would be for the series: the prior of its own past taken out. NaN where the past is too short to have one. */
  readonly risk: number;
  /** 1-based step at which half of the crossing paths have crossed; 0: none crosses. */
  readonly firstStep: number;
  /** Shares of past windows, and of past windows at this phase, that crossed. */
  readonly base: number;
  readonly analog: number;
  /** Past windows that `base` is made of. */
  readonly windows: number;
  /** Root mean square of all past errors. */
  readonly deviation: number;
}

/** Values just before a window that must be within the threshold for the window to count. */
const quietPoints = 6;

/**
 * `forecast.paths` keep the dependence between steps: each, added to the mean, is one way on. `sign`: 1 for an upper threshold, -1 for
 * a lower one. `horizon`: steps looked at, at most 60; the risk is calibrated at 60.
 */
export function breachOf(
  values: Float64Array,
  forecast: PathForecast,
  mean: Float64Array,
  threshold: number,
  sign: 1 | -1,
  horizon: number,
): Breach {
  const { paths, weights } = forecast;
  const deviation = rootMeanSquare(paths);
  const crossing = new Float64Array(horizon + 1);
  let probability = 0;
  for (const [o, path] of paths.entries()) {
    let most = Number.NEGATIVE_INFINITY;
    let first = 0;
    for (let h = 0; h < horizon; h++) {
      const beyond = sign * (mean[h]! + path[h]! - threshold);
      most = Math.max(most, beyond);
      if (first === 0 && beyond >= 0) first = h + 1;
    }
    probability += weights[o]! * normalShare(most / (0.5 * deviation + 1e-300));
    crossing[first] = crossing[first]! + (first > 0 ? weights[o]! : 0);
  }
  const past = pastCrossings(values, forecast.season, threshold, sign, horizon);
  const { base, analog } = past;
  const score = 0.6 * logOdds(probability) - 0.7 * logOdds(base) + 0.3 * logOdds(analog);
  return { probability, risk: 1 / (1 + Math.exp(-score)), firstStep: middleStep(crossing), ...past, deviation };
}

/** A risk means something only with a past to compare with. */
export function riskIsKnown({ windows, deviation }: Breach): boolean {
  return windows >= 5 && deviation > 0;
}

function logOdds(probability: number): number {
  const p = clamp(probability, 0.02, 0.98);
  return Math.log(p / (1 - p));
}

function rootMeanSquare(paths: readonly Float64Array[]): number {
  let squares = 0;
  let count = 0;
  for (const path of paths) {
    for (const error of path) squares += error * error;
    count += path.length;
  }
  return Math.sqrt(squares / count);
}

function middleStep(crossing: Float64Array): number {
  const total = crossing.reduce((sum, weight) => sum + weight, 0);
  if (total <= 0) return 0;
  let cumulated = 0;
  for (let h = 1; h < crossing.length; h++) {
    cumulated += crossing[h]!;
    if (cumulated >= 0.5 * total) return h;
  }
  return 0;
}

function pastCrossings(
  values: Float64Array,
  m: number,
  threshold: number,
  sign: 1 | -1,
  horizon: number,
): { base: number; analog: number; windows: number } {
  const n = values.length;
  const beyond = new Uint32Array(n + 1);
  for (let i = 0; i < n; i++) beyond[i + 1] = beyond[i]! + (sign * (values[i]! - threshold) >= 0 ? 1 : 0);
  const crosses = (from: number): boolean => beyond[from + horizon]! > beyond[from]!;
  let windows = 0;
  let hits = 0;
  for (let i = quietPoints; i < n - horizon; i++) {
    if (beyond[i] !== beyond[i - quietPoints]) continue;
    windows++;
    if (crosses(i)) hits++;
  }
  const base = (hits + 1) / (windows + 2);
  let alike = 0;
  let alikeHits = 0;
  for (let cycle = 1; m > 1 && cycle < 30; cycle++) {
    for (let shift = -2; shift <= 2; shift++) {
      const i = n - cycle * m + shift * Math.max(1, Math.floor(m / 48));
      if (i < quietPoints || i + horizon > n) continue;
      alike++;
      if (crosses(i)) alikeHits++;
    }
  }
  return { base, analog: (alikeHits + 3 * base) / (alike + 3), windows };
}
