/** Eight digits at a time in a 64-bit word. */
export const zeros: u64 = 0x3030303030303030;

/** 10^0 .. 10^19. */
const powers: usize = memory.data<u64>([
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000,
  10000000000000000000,
]);
const doublePowers: usize = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]);

// @ts-ignore: decorator
@inline
export function power(exponent: u32): u64 {
  return load<u64>(powers + (<usize>exponent << 3));
}

/** 0 to 22: exact. */
// @ts-ignore: decorator
@inline
export function doublePower(exponent: u32): f64 {
  return load<f64>(doublePowers + (<usize>exponent << 3));
}

/** How many of the first bytes are digits, 0 to 8. `word`: eight bytes of text, each XORed with '0'. */
// @ts-ignore: decorator
@inline
export function leadingDigits(word: u64): u32 {
  return <u32>(ctz<u64>(((word + 0x7676767676767676) | word) & 0x8080808080808080) >> 3);
}

/** Value of the first `digits` bytes (1 to 8) of such a word. */
// @ts-ignore: decorator
@inline
export function digitsValue(word: u64, digits: u32): u64 {
  let value = word << (64 - (<u64>digits << 3));
  value = ((value & 0x0f0f0f0f0f0f0f0f) * 2561) >> 8;
  value = ((value & 0x00ff00ff00ff00ff) * 6553601) >> 16;
  return ((value & 0x0000ffff0000ffff) * 42949672960001) >> 32;
}

/** High word of the 128-bit product. */
// @ts-ignore: decorator
@inline
export function productHigh(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >> 32);
  const cross = aLow * bHigh + (middle & 0xffffffff);
  return aHigh * bHigh + (middle >> 32) + (cross >> 32);
}
