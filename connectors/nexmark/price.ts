import type { NexmarkRandom } from './random.ts';

const steps = 4096;
/** 10^(6 / 2^12) and 10^(6 / 2^24): powers of them by multiplication alone are the same on every machine. */
const coarseBase = 1.0033786221027048;
const fineBase = 1.0000008234689381;

function powers(base: number): Float64Array {
  const table = new Float64Array(steps).fill(1);
  for (let i = 1; i < steps; i++) table[i] = (table[i - 1] as number) * base;
  return table;
}

const coarse = powers(coarseBase);
const fine = powers(fineBase);

/** Log-uniform from 1.00 to 1,000,000.00, in cents. */
export function drawPrice(random: NexmarkRandom): number {
  const bits = random.word() >>> 8;
  return Math.round((coarse[bits >>> 12] as number) * (fine[bits & 4095] as number) * 100);
}
