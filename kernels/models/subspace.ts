import { clamp } from './surprise.ts';

const directionsMax = 3;
/** A direction for so many channels: more would explain nearly everything that a few channels do. */
const channelsPerDirection = 4;
/** Deviations are learnt as at most so many. */
const deviationMax = 3;
/** Square of a length below which there is no direction yet. */
const nothing = 1e-18;

/**
 * The directions along which channels mostly move together, learnt row by row (candid covariance-free incremental principal components:
 * Weng et al. 2003). A direction's length is the variance along it.
 */
export class Subspace {
  readonly #directions: Float64Array[];

  constructor(channels: number) {
    const directions = Math.min(Math.floor(channels / channelsPerDirection), directionsMax);
    this.#directions = Array.from({ length: directions }, () => new Float64Array(channels));
  }

  /** What the directions do not explain. */
  rest(row: readonly number[]): number[] {
    const rest = [...row];
    for (const direction of this.#directions) {
      const square = dot(direction, direction);
      const along = dot(direction, rest);
      if (square > nothing) subtract(rest, direction, along / square);
    }
    return rest;
  }

  learn(row: readonly number[], share: number): void {
    const left = row.map((value) => clamp(value, -deviationMax, deviationMax));
    for (const direction of this.#directions) {
      const square = dot(direction, direction);
      if (square < nothing) {
        direction.set(left);
        return;
      }
      const along = dot(direction, left) / Math.sqrt(square);
      for (const [k, value] of left.entries()) {
        const before = direction[k] as number;
        direction[k] = before + share * (along * value - before);
      }
      const after = dot(direction, direction);
      if (after > 0) subtract(left, direction, dot(direction, left) / after);
    }
  }
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}

function subtract(from: number[], direction: Float64Array, times: number): void {
  for (let k = 0; k < from.length; k++) from[k] = (from[k] as number) - times * (direction[k] as number);
}
