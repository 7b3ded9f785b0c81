/**
 * Buckets of a mergeable quantile sketch: a number falls into one whose middle is within 0.8 % of it. A bucket is an i64 that orders
 * as its numbers do: 0 holds zeros and what is smaller than any normal double, positive numbers lie above, negative ones below, and
 * infinities and NaN (the largest) at the ends. kernels/quantile-sketch.ts is the definition.
 *
 * A bucket's number is floor((e + P(s)) * scale) of x = 2^e * (1 + s), where P, a cubic with P(0) = 0 and P(1) = 1, follows log2: its
 * slope against ln x is at least 10/7, so that a step of 1 / scale is a ratio of at most exp(0.7 / scale).
 */
const scale: f64 = 44.0;
const offset: i64 = 1 << 20;
const bucketNaN: i64 = i64.MAX_VALUE;
const bucketInfinite: i64 = i64.MAX_VALUE - 1;
const smallestNormal: f64 = 2.2250738585072014e-308;

export function bucketOf(x: f64): i64 {
  if (x != x) return bucketNaN;
  const size = abs<f64>(x);
  if (size < smallestNormal) return 0;
  const bits = reinterpret<i64>(size);
  const s = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000) - 1.0;
  const e = <f64>((bits >> 52) - 1023);
  const cubic = ((6.0 / 35.0) * s - 3.0 / 5.0) * s + 10.0 / 7.0;
  // P(s) may be rounded up to 1: no bucket lies beyond the largest double.
  const step = min<f64>(Math.floor((e + cubic * s) * scale), 1024.0 * scale - 1.0);
  const bucket = size == Infinity ? bucketInfinite : <i64>step + offset;
  return x < 0 ? -bucket : bucket;
}

/** Lower end of a positive bucket. */
function lowerEnd(bucket: i64): f64 {
  const height = <f64>(bucket - offset) / scale;
  const e = Math.floor(height);
  const wanted = height - e;
  let s = wanted;
  for (let round = 0; round < 8; round++) {
    const value = (((6.0 / 35.0) * s - 3.0 / 5.0) * s + 10.0 / 7.0) * s;
    const slope = ((18.0 / 35.0) * s - 6.0 / 5.0) * s + 10.0 / 7.0;
    s -= (value - wanted) / slope;
  }
  if (e > 1023) return Infinity;
  return (1.0 + s) * reinterpret<f64>((<i64>e + 1023) << 52);
}

/** The number that stands for all in a bucket. */
export function bucketMiddle(bucket: i64): f64 {
  if (bucket == 0) return 0;
  if (bucket == bucketNaN) return NaN;
  if (bucket < 0) return -bucketMiddle(-bucket);
  if (bucket == bucketInfinite) return Infinity;
  const low = lowerEnd(bucket);
  const high = min<f64>(lowerEnd(bucket + 1), f64.MAX_VALUE);
  // Equally far, relatively, from both ends.
  const middle = low * (2.0 / (1.0 + low / high));
  return middle < Infinity ? middle : low;
}
