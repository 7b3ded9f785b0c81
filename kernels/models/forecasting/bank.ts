import { lowerQuantile, median } from './arithmetic.ts';
import { candidateCount, forecastCandidates, steps } from './candidates.ts';
import { originWeights, validationOrigins } from './origins.ts';
import { runPass } from './pass.ts';
import { shortPeriod } from './short-period.ts';

/** A forecast of the next 60 steps with the errors of the same forecast made at past origins. */
export interface PathForecast {
  readonly mean: Float64Array;
  /** The forecast as it was before the level's restart; the same as `mean` without one. */
  readonly before: Float64Array;
  /** By origin: value less forecast, 60 steps. */
  readonly paths: readonly Float64Array[];
  /** What each path counts, together 1. */
  readonly weights: Float64Array;
  /** The part of `mean` that is season: what is left is level and trend. */
  readonly seasonal: Float64Array;
  readonly season: number;
}

export interface BankForecast extends PathForecast {
  readonly origins: readonly number[];
  /** By candidate, 60 steps from now. */
  readonly candidates: readonly Float64Array[];
  /** By block of steps and candidate. */
  readonly candidateWeights: readonly Float64Array[];
  readonly period: number;
  readonly restarted: boolean;
}

/** Steps 1-3, 4-10, 11-25, 26-60 have weights of their own. */
const blockStarts = [0, 3, 10, 25, 60];
const sharpness = 10;
const restartSteps = 6;

/**
 * Nine cheap forecasts, weighted by their errors from past origins of the same series. At least 140 finite values at equal steps, whose
 * magnitude is about 1 (`unitOf`); `daySteps`: steps in a season.
 */
export function forecastBank(values: Float64Array, daySteps: number): BankForecast {
  const n = values.length;
  const pass = runPass(values, daySteps);
  const { season } = pass;
  const period = shortPeriod(pass.residual, season);
  const origins = validationOrigins(n, season);
  const weights = originWeights(origins, n, season);
  const past = origins.map((t) => forecastCandidates(values, pass, period, t));
  const candidateWeights = blockWeights(values, origins, weights, past);
  const candidates = forecastCandidates(values, pass, period, n - 1);
  const earlier = combine(forecastCandidates(values, pass, period, n - 1 - restartSteps), candidateWeights);
  const paths = past.map((forecasts, o) => combine(forecasts, candidateWeights).map((mean, h) => values[origins[o]! + 1 + h]! - mean));
  const before = combine(candidates, candidateWeights);
  const mean = restartLevel(values, before, earlier, paths);
  const seasonal = candidates[2]!.map((value) => value - pass.level[n - 1]! - pass.error[n - 1]!);
  const restarted = mean !== before;
  return { mean, before, paths, weights, seasonal, season, origins, candidates, candidateWeights, period, restarted };
}

function blockOf(h: number): number {
  return h < 3 ? 0 : h < 10 ? 1 : h < 25 ? 2 : 3;
}

function blockWeights(
  values: Float64Array,
  origins: readonly number[],
  originWeight: Float64Array,
  past: readonly (readonly Float64Array[])[],
): Float64Array[] {
  return blockStarts.slice(0, -1).map((start, block) => {
    const losses = new Float64Array(candidateCount);
    for (const [o, forecasts] of past.entries()) {
      for (const [k, forecast] of forecasts.entries()) {
        let loss = 0;
        for (let h = start; h < blockStarts[block + 1]!; h++) loss += Math.abs(forecast[h]! - values[origins[o]! + 1 + h]!);
        losses[k] = losses[k]! + originWeight[o]! * loss;
      }
    }
    const least = Math.min(...losses) + 1e-300;
    const shares = losses.map((loss) => Math.exp(-sharpness * (loss / least - 1)));
    const total = shares.reduce((sum, share) => sum + share, 0);
    return shares.map((share) => (total > 0 ? share / total : 1 / candidateCount));
  });
}

function combine(candidates: readonly Float64Array[], weights: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(steps);
  for (let h = 0; h < steps; h++) {
    let sum = 0;
    for (let k = 0; k < candidateCount; k++) sum += weights[blockOf(h)]![k]! * candidates[k]![h]!;
    mean[h] = sum;
  }
  return mean;
}

/** Where the last six values all missed the forecast made before them by more than ever, the level has shifted: go on from there. */
function restartLevel(values: Float64Array, before: Float64Array, earlier: Float64Array, paths: readonly Float64Array[]): Float64Array {
  const n = values.length;
  const misses: number[] = [];
  for (let i = 0; i < restartSteps; i++) misses.push(values[n - restartSteps + i]! - earlier[i]!);
  const above = misses.filter((miss) => miss > 0).length;
  if (above !== 0 && above !== restartSteps) return before;
  const least = Math.min(...misses.map(Math.abs));
  const usual = lowerQuantile(
    paths.flatMap((path) => Array.from(path.subarray(0, restartSteps), Math.abs)),
    0.98,
  );
  if (!(least > 1.2 * usual && least > 1e-9 * Math.abs(values[n - 1]!))) return before;
  const shift = median(misses);
  const end = earlier[steps - 1]! + shift - before[steps - 1 - restartSteps]!;
  return before.map((mean, h) => (h + restartSteps < steps ? earlier[h + restartSteps]! + shift : mean + end));
}
