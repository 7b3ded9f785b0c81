import { beforeAll, describe, expect, it } from 'vitest';
import { distinctErrorMax, distinctEstimate, distinctExactMax, mixHash } from '../../kernels/distinct-sketch.ts';
import { bucketAt, bucketOf, mergeSketches, quantileErrorMax, sketchOf } from '../../kernels/quantile-sketch.ts';
import { compileKernel } from '../../bench/compile-kernel.ts';

interface Sketches {
  start(): void;
  bucket(x: number): bigint;
  middle(bucket: bigint): number;
  hash(word: bigint): bigint;
  field(): number;
  add(field: number, word: bigint): void;
  merge(field: number, other: number): void;
  estimate(field: number): bigint;
  copy(field: number): number;
  release(field: number): void;
  registers(field: number): bigint;
}

const source = `
import { limitMemory, allocateZeroed } from "./kernels/memory";
import { seedHashes } from "./kernels/hash";
import { initialiseStrings } from "./kernels/string-table";
import { bucketMiddle, bucketOf } from "./kernels/quantile-sketch";
import { addHash, distinctEstimate, mergeHashes, mixHash } from "./kernels/distinct-sketch";
import { cloneEntries, releaseEntries } from "./kernels/kept-entries";
export function start(): void { limitMemory(2048); seedHashes(11, 22); initialiseStrings(); }
export function bucket(x: f64): i64 { return bucketOf(x); }
export function middle(bucket: i64): f64 { return bucketMiddle(bucket); }
export function hash(word: u64): u64 { return mixHash(0, word); }
export function field(): usize { return allocateZeroed(8); }
export function add(field: usize, word: u64): void { addHash(field, mixHash(0, word)); }
export function merge(field: usize, other: usize): void { mergeHashes(field, load<u32>(other)); }
export function estimate(field: usize): i64 { return distinctEstimate(load<u32>(field)); }
export function copy(field: usize): usize { const fresh = allocateZeroed(8); store<u32>(fresh, load<u32>(field)); cloneEntries(fresh); return fresh; }
export function release(field: usize): void { releaseEntries(field); }
/** A sum over the registers, or the hashes in any order: equal for equal sketches. */
export function registers(field: usize): u64 {
  const block = load<u32>(field);
  if (block == 0) return 0;
  let sum: u64 = 0;
  const dense = load<u32>(block) == 0xffffffff;
  const count: u32 = dense ? 16384 : load<u32>(block);
  for (let k: u32 = 0; k < count; k++) sum += dense ? mixHash(<u64>k, <u64>load<u8>(block + 16 + k)) : mixHash(1, load<u64>(block + 16 + (k << 3)));
  return sum;
}
`;

let seed = 12345;
function random(): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return (seed + 0.5) / 2 ** 32;
}
function normal(): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

const distributions: Readonly<Record<string, () => number>> = {
  uniform: () => random() * 1000 - 500,
  'log-normal': () => Math.exp(2 * normal() + 3),
  Zipf: () => Math.floor(1 / random() ** 1.2),
  constant: () => 42.5,
  tiny: () => normal() * 1e-300,
  huge: () => normal() * 1e300,
};

let kernel: Sketches;
beforeAll(async () => {
  kernel = await compileKernel<Sketches>(source);
  kernel.start();
});

function asNumber(bucket: bigint): number {
  if (bucket === (1n << 63n) - 1n) return Number.POSITIVE_INFINITY;
  const infinite = (1n << 63n) - 2n;
  return bucket === infinite ? Number.MAX_SAFE_INTEGER : bucket === -infinite ? -Number.MAX_SAFE_INTEGER : Number(bucket);
}

describe('the quantile sketch', () => {
  it.each(Object.entries(distributions))('stands within its error for every number: %s', (_name, draw) => {
    for (let k = 0; k < 3_000; k++) {
      const x = draw();
      const bucket = kernel.bucket(x);
      expect(asNumber(bucket)).toBe(bucketOf(x));
      expect(Math.abs(kernel.middle(bucket) - x)).toBeLessThanOrEqual(quantileErrorMax * Math.abs(x));
    }
  });

  it('keeps the order of numbers, and knows the special ones', () => {
    const numbers = [
      Number.NEGATIVE_INFINITY,
      -Number.MAX_VALUE,
      -1,
      -1e-9,
      -5e-324,
      0,
      5e-324,
      2 ** -1022,
      1e-9,
      1,
      2,
      Number.MAX_VALUE,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ];
    const buckets = numbers.map((x) => kernel.bucket(x));
    expect([...buckets].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))).toEqual(buckets);
    for (const x of [Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY, Number.NaN]) expect(kernel.middle(kernel.bucket(x))).toBe(x);
    for (const x of [Number.MAX_VALUE, -Number.MAX_VALUE])
      expect(Math.abs(kernel.middle(kernel.bucket(x)) / x - 1)).toBeLessThanOrEqual(quantileErrorMax);
  });

  it.each(Object.entries(distributions))('gives quantiles within its error, merged in any order: %s', (_name, draw) => {
    const parts = Array.from({ length: 5 }, (_, k) => Array.from({ length: 400 * k + 1 }, draw));
    const forward = parts.map(sketchOf).reduce(mergeSketches);
    const backward = parts.map(sketchOf).reverse().reduce(mergeSketches);
    const sorted = parts.flat().sort((a, b) => a - b);
    for (const q of [0, 0.01, 0.25, 0.5, 0.9, 0.99, 1]) {
      const place = Math.max(1, Math.ceil(sorted.length * q)) - 1;
      const bucket = bucketAt(forward, place) as number;
      expect(bucketAt(backward, place)).toBe(bucket);
      const exact = sorted[place] as number;
      expect(Math.abs(kernel.middle(BigInt(bucket)) - exact)).toBeLessThanOrEqual(quantileErrorMax * Math.abs(exact));
    }
  });
});

describe('the distinct sketch', () => {
  it.each([0, 1, 9, 1000, distinctExactMax])('is exact for %d values', (count) => {
    const field = kernel.field();
    for (let round = 0; round < 2; round++) for (let k = 0; k < count; k++) kernel.add(field, BigInt(k * 7919));
    expect(kernel.estimate(field)).toBe(BigInt(count));
  });

  it.each([1025, 5_000, 40_000, 300_000])('is within its error for %d values, and equals its definition', (count) => {
    const field = kernel.field();
    const hashes: bigint[] = [];
    for (let k = 0; k < count; k++) {
      const word = BigInt(k) * 0x9e37n + 5n;
      kernel.add(field, word);
      if (count <= 40_000) hashes.push(mixHash(0n, word));
    }
    const estimate = Number(kernel.estimate(field));
    expect(Math.abs(estimate - count)).toBeLessThanOrEqual(distinctErrorMax * count);
    if (count <= 40_000) expect(estimate).toBe(distinctEstimate(hashes));
    expect(BigInt.asUintN(64, kernel.hash(77n))).toBe(mixHash(0n, 77n));
  });

  it('is the same however it is merged', () => {
    const parts = [10, 3_000, 900, 20_000].map((count, part) => {
      const field = kernel.field();
      for (let k = 0; k < count; k++) kernel.add(field, BigInt(part * 1_500 + k));
      return field;
    });
    const merged = [parts, [...parts].reverse(), [parts[2], parts[0], parts[3], parts[1]] as number[]].map((order) => {
      const field = kernel.field();
      for (const part of order) kernel.merge(field, part);
      return kernel.registers(field);
    });
    expect(new Set(merged).size).toBe(1);
    const copy = kernel.copy(parts[1] as number);
    kernel.release(parts[1] as number);
    expect(Math.abs(Number(kernel.estimate(copy)) - 3_000)).toBeLessThanOrEqual(3_000 * distinctErrorMax);
  });
});
