/** Numbers that look random: see kernels/models/seeded-random.ts. The state: four u32, 16 bytes. */
export const randomBytes: usize = 16;

export function seedRandom(random: usize, seed: u32): void {
  store<u32>(random, 0);
  store<u32>(random, 0, 4);
  store<u32>(random, seed, 8);
  store<u32>(random, 1, 12);
  for (let round = 0; round < 12; round++) nextRandom(random);
}

/** From 0 up to, without, 1. */
export function nextRandom(random: usize): f64 {
  const b = load<u32>(random, 4);
  const c = load<u32>(random, 8);
  const counter = load<u32>(random, 12);
  const sum: u32 = load<u32>(random) + b + counter;
  store<u32>(random, counter + 1, 12);
  store<u32>(random, b ^ (b >> 9));
  store<u32>(random, c + (c << 3), 4);
  store<u32>(random, rotl<u32>(c, 21) + sum, 8);
  return <f64>sum / 4294967296.0;
}

/** A whole number from 0 up to, without, `count`. */
// @ts-ignore: decorator
@inline
export function randomBelow(random: usize, count: u32): u32 {
  return <u32>(nextRandom(random) * <f64>count);
}
