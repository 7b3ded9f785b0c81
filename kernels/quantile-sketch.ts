/** Largest relative distance between a number and what stands for it in a quantile sketch. */
export const quantileErrorMax = 0.01;

const scale = 44;
const offset = 1 << 20;
const smallestNormal = 2 ** -1022;

/**
 * Bucket of a number, as kernels/assembly/quantile-sketch.ts gives it: floor((e + P(s)) * 44) + 2^20 for x = 2^e * (1 + s) > 0, its
 * negative for -x, 0 for zero; infinities and NaN are buckets of their own. P(s) = 6/35 s^3 - 3/5 s^2 + 10/7 s (the cubic of DDSketch's
 * interpolated mapping, Masson et al. 2019).
 */
export function bucketOf(x: number): number {
  if (Number.isNaN(x)) return Number.POSITIVE_INFINITY;
  const size = Math.abs(x);
  if (size < smallestNormal) return 0;
  if (size === Number.POSITIVE_INFINITY) return Math.sign(x) * Number.MAX_SAFE_INTEGER;
  const e = exponentOf(size);
  const s = size / 2 ** e - 1;
  // P(s) may be rounded up to 1: no bucket lies beyond the largest double.
  const step = Math.min(Math.floor((e + (((6 / 35) * s - 3 / 5) * s + 10 / 7) * s) * scale), 1024 * scale - 1);
  return Math.sign(x) * (step + offset);
}

function exponentOf(size: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, size);
  return ((view.getUint16(0) >> 4) & 2047) - 1023;
}

/** A sketch is how many numbers each bucket holds; sketches merge by adding. */
export type QuantileSketch = ReadonlyMap<number, number>;

export function sketchOf(numbers: readonly number[]): QuantileSketch {
  const sketch = new Map<number, number>();
  for (const x of numbers) sketch.set(bucketOf(x), (sketch.get(bucketOf(x)) ?? 0) + 1);
  return sketch;
}

export function mergeSketches(a: QuantileSketch, b: QuantileSketch): QuantileSketch {
  const sum = new Map(a);
  for (const [bucket, count] of b) sum.set(bucket, (sum.get(bucket) ?? 0) + count);
  return sum;
}

/** Bucket of the number at `place` (from 0) among all in order. */
export function bucketAt(sketch: QuantileSketch, place: number): number | undefined {
  let before = 0;
  for (const [bucket, count] of [...sketch].sort(([a], [b]) => a - b)) {
    before += count;
    if (place < before) return bucket;
  }
  return undefined;
}
