import { allocate, release } from "../../memory";

/**
 * Memory for one fit, shared by all series: nothing in it outlives a call. Vectors by point have room for n + 1 numbers; the globals are
 * their addresses and hold until the next `reserve`.
 */
const block: usize = memory.data(8, 8);

export const steps: i32 = 60;
export const candidateCount: i32 = 9;
export const originsMax: i32 = 48;
/** Bytes of one forecast, and of the nine candidates of one origin. */
export const pathBytes: usize = 60 * 8;
export const candidateBytes: usize = 9 * 60 * 8;

export let values: usize = 0;
export let clipped: usize = 0;
export let level: usize = 0;
export let slow: usize = 0;
export let profile: usize = 0;
export let shape: usize = 0;
export let smoothedError: usize = 0;
export let ratio: usize = 0;
export let residual: usize = 0;
export let profileSums: usize = 0;
export let shapeSums: usize = 0;
export let flatSums: usize = 0;
export let slopeSums: usize = 0;
export let valueSums: usize = 0;
export let earlierShapeSums: usize = 0;
export let weekLevel: usize = 0;
export let dayProfile: usize = 0;
export let weekProfile: usize = 0;
export let weekError: usize = 0;

/** Origins (i32), their weights, candidates of origins, now and six points ago, combined forecasts likewise, paths by origin. */
export let origins: usize = 0;
export let originWeights: usize = 0;
export let candidates: usize = 0;
export let forecasts: usize = 0;
export let paths: usize = 0;
/** The forecast of 60 steps: mean, as it was before a restart, its seasonal part, the bounds. */
export let mean: usize = 0;
export let before: usize = 0;
export let seasonal: usize = 0;
export let lower: usize = 0;
export let upper: usize = 0;
/** By block of steps and candidate. */
export let candidateWeights: usize = 0;
/** Room for 1024 pairs of numbers, twice. */
export let pairs: usize = 0;
export let otherPairs: usize = 0;

const vectorCount: usize = 19;
const pairBytes: usize = 1024 * 16;
const fixedBytes: usize =
  48 * 4 + 48 * 8 + 50 * 9 * 60 * 8 + 50 * 60 * 8 + 48 * 60 * 8 + 5 * 60 * 8 + 4 * 9 * 8 + 2 * pairBytes;

let next: usize = 0;

function take(bytes: usize): usize {
  const address = next;
  next += bytes;
  return address;
}

/** Makes room for a series of n points. */
export function reserve(n: i32): void {
  const vector = (<usize>n + 1) << 3;
  const bytes = vectorCount * vector + fixedBytes;
  if (load<u32>(block, 4) < <u32>bytes) {
    if (load<u32>(block) != 0) release(load<u32>(block), load<u32>(block, 4));
    store<u32>(block, <u32>allocate(<u32>bytes));
    store<u32>(block, <u32>bytes, 4);
  }
  next = load<u32>(block);
  placeVectors(vector);
  originWeights = take(48 * 8);
  candidates = take(50 * candidateBytes);
  forecasts = take(50 * pathBytes);
  paths = take(48 * pathBytes);
  mean = take(pathBytes);
  before = take(pathBytes);
  seasonal = take(pathBytes);
  lower = take(pathBytes);
  upper = take(pathBytes);
  candidateWeights = take(4 * 9 * 8);
  pairs = take(pairBytes);
  otherPairs = take(pairBytes);
  origins = take(48 * 4);
}

function placeVectors(vector: usize): void {
  values = take(vector);
  clipped = take(vector);
  level = take(vector);
  slow = take(vector);
  profile = take(vector);
  shape = take(vector);
  smoothedError = take(vector);
  ratio = take(vector);
  residual = take(vector);
  profileSums = take(vector);
  shapeSums = take(vector);
  flatSums = take(vector);
  slopeSums = take(vector);
  valueSums = take(vector);
  earlierShapeSums = take(vector);
  weekLevel = take(vector);
  dayProfile = take(vector);
  weekProfile = take(vector);
  weekError = take(vector);
}
