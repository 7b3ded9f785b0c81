/** Hashing with secrets drawn per instance: a stranger who picks the keys cannot pick the collisions. */
const secrets: usize = memory.data(24, 16);

/** Two random words; called once, before anything is hashed. */
export function seedHashes(first: u64, second: u64): void {
  store<u64>(secrets, first);
  store<u64>(secrets, second, 8);
  store<u64>(secrets, first ^ rotl<u64>(second, 32), 16);
}

/** A fresh odd multiplier (splitmix64). */
export function nextMultiplier(): u64 {
  const state = load<u64>(secrets, 16) + 0x9e3779b97f4a7c15;
  store<u64>(secrets, state, 16);
  let z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return (z ^ (z >> 31)) | 1;
}

/** Take the high bits. */
// @ts-ignore: decorator
@inline
export function hashWord(word: u64, multiplier: u64): u64 {
  return (word ^ (word >> 32)) * multiplier;
}

/** Folds one more word into a hash. */
// @ts-ignore: decorator
@inline
export function hashMore(hash: u64, word: u64, multiplier: u64): u64 {
  const mixed = rotl<u64>(hash, 32) ^ word;
  return (mixed ^ (mixed >> 29)) * multiplier;
}

/** Equal for values that SQL calls equal: one zero, one NaN. */
// @ts-ignore: decorator
@inline
export function doubleKey(value: f64): u64 {
  if (value != value) return 0x7ff8000000000000;
  return reinterpret<u64>(value + 0.0);
}

// @ts-ignore: decorator
@inline
export function floatKey(value: f32): u32 {
  if (value != value) return 0x7fc00000;
  return reinterpret<u32>(value + <f32>0);
}

/** High word xor low word of the 128-bit product. */
// @ts-ignore: decorator
@inline
function foldProduct(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >> 32);
  const cross = aLow * bHigh + (middle & 0xffffffff);
  return (aHigh * bHigh + (middle >> 32) + (cross >> 32)) ^ (a * b);
}

/** wyhash's shape: 16 bytes a step, both secrets mixed in. May read up to 8 bytes before or after the string. */
export function hashBytes(pointer: usize, length: u32): u64 {
  const first = load<u64>(secrets);
  const second = load<u64>(secrets, 8);
  const end = pointer + length;
  let state = first;
  let a: u64;
  let b: u64 = 0;
  if (length >= 16) {
    let p = pointer;
    for (; p + 16 < end; p += 16) state = foldProduct(load<u64>(p) ^ second, load<u64>(p, 8) ^ state);
    a = load<u64>(end - 16);
    b = load<u64>(end - 8);
  } else if (length >= 8) {
    a = load<u64>(pointer);
    b = load<u64>(end - 8);
  } else {
    a = length == 0 ? 0 : load<u64>(pointer) & (0xffffffffffffffff >> (64 - ((<u64>length) << 3)));
  }
  return foldProduct(foldProduct(a ^ 0xa0761d6478bd642f ^ second, b ^ state) ^ <u64>length, state ^ 0x8ebc6af09c88c6e3);
}
