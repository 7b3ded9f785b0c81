import type { PathForecast } from './bank.ts';
import { steps } from './candidates.ts';

const knots = [0, 1, 3, 6, 11, 19, 31, 45, 59];
/** Each side's tail of a 95 % interval, and what the errors are widened by: the weights were chosen on the same origins. */
const tail = 0.025;
const widening = 1.15;

export interface Interval {
  readonly mean: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** 95 % interval from the weighted quantiles of past errors around nine steps, linear between them. `least`: of all values. */
export function intervalOf({ mean: forecast, before, paths, weights }: PathForecast, least: number): Interval {
  const bounds = knots.map((_, k) => errorBounds(paths, weights, k));
  const [mean, lower, upper] = [forecast.slice(), new Float64Array(steps), new Float64Array(steps)];
  let k = 0;
  for (let h = 0; h < steps; h++) {
    while (k < knots.length - 2 && h > knots[k + 1]!) k++;
    const part = (h - knots[k]!) / (knots[k + 1]! - knots[k]!);
    const [start, end] = [bounds[k]!, bounds[k + 1]!];
    const below = start.below + part * (end.below - start.below);
    const above = start.above + part * (end.above - start.above);
    lower[h] = Math.min(mean[h]!, before[h]!) + below;
    upper[h] = Math.max(mean[h]!, before[h]!) + above;
    if (least >= 0) {
      lower[h] = Math.max(lower[h]!, 0);
      mean[h] = Math.max(mean[h]!, 0);
    }
    upper[h] = Math.max(upper[h]!, mean[h]!);
    lower[h] = Math.min(lower[h]!, mean[h]!);
  }
  return { mean, lower, upper };
}

function errorBounds(paths: readonly Float64Array[], weights: Float64Array, k: number): { below: number; above: number } {
  const from = k === 0 ? 0 : (knots[k - 1]! + knots[k]! + 1) >> 1;
  const to = k === knots.length - 1 ? steps : ((knots[k]! + knots[k + 1]!) >> 1) + 1;
  const stride = Math.max(1, (to - from + 7) >> 3);
  const errors: { error: number; weight: number }[] = [];
  let total = 0;
  for (const [o, path] of paths.entries()) {
    const weight = 0.8 * weights[o]! + 0.2 / paths.length;
    for (let h = from; h < to; h += stride) {
      errors.push({ error: path[h]!, weight });
      total += weight;
    }
  }
  errors.sort((a, b) => a.error - b.error);
  const quantile = (share: number): number => {
    let cumulated = 0;
    for (const { error, weight } of errors) {
      cumulated += weight;
      if (cumulated >= share * total) return error;
    }
    return errors.at(-1)!.error;
  };
  return { below: Math.min(0, widening * quantile(tail)), above: Math.max(0, widening * quantile(1 - tail)) };
}
