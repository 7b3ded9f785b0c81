import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'vitest';

const folder = resolve(import.meta.dirname, '../../../../../shared/fixtures');

/** One of the shared fixtures; null, said in one line, where the folder is absent. */
export function readFixture<T>(name: string): T | null {
  const path = resolve(folder, name);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as T;
  console.log(`skipped: ${name} is not in ../shared/fixtures`);
  return null;
}

export interface ForecastCase {
  name: string;
  season: number;
  threshold: number;
  y: number[];
  origins: number[];
  period: number;
  candidates_h: number[];
  candidates: number[][];
  weights_block: number[][];
  mean: number[];
  lo: number[];
  hi: number[];
  p_natural: number;
  p_even: number;
  first_step: number;
  base: number;
  analog: number;
  restart: number;
}

/** Equal within a share of the larger magnitude; 1e-9 of that is allowed at 0. NaN equals NaN. */
export function close(actual: number | ArrayLike<number>, wanted: number | ArrayLike<number>, tolerance: number, what: string): void {
  const [have, want] = [actual, wanted].map((side) => (typeof side === 'number' ? [side] : Array.from(side))) as [number[], number[]];
  expect(have.length, what).toBe(want.length);
  let worst = 0;
  for (const [i, value] of want.entries()) {
    const difference =
      Object.is(have[i], value) || have[i] === value
        ? 0
        : Math.abs(have[i]! - value) / (Math.max(Math.abs(have[i]!), Math.abs(value)) + 1e-9);
    if (!(difference <= worst)) worst = difference;
  }
  expect(worst, `${what}: ${have.slice(0, 4)} for ${want.slice(0, 4)}`).toBeLessThanOrEqual(tolerance);
}
