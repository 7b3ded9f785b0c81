import { fail, faultOverflow, rejectCast } from "./fault";

/** 128-bit two's complement numbers as two words. A function returns the low word and leaves the high one here. */
export let high: i64 = 0;
export let remainderLow: u64 = 0;
export let remainderHigh: i64 = 0;
/** Set by the unchecked operations and left for whoever clears it first; the checked ones turn it into a fault. */
export let wideOverflow: bool = false;

export function setHigh(value: i64): void {
  high = value;
}

export function takeOverflow(): bool {
  const overflowed = wideOverflow;
  wideOverflow = false;
  return overflowed;
}

function requireNoOverflow(): void {
  if (wideOverflow) fail(faultOverflow);
}

export function addWide(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): u64 {
  const low = aLow + bLow;
  high = aHigh + bHigh + <i64>(low < aLow);
  if (((aHigh ^ high) & (bHigh ^ high)) < 0) wideOverflow = true;
  return low;
}

export function subtractWide(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): u64 {
  const low = aLow - bLow;
  high = aHigh - bHigh - <i64>(aLow < bLow);
  if (((aHigh ^ bHigh) & (aHigh ^ high)) < 0) wideOverflow = true;
  return low;
}

export function negateWide(low: u64, top: i64): u64 {
  return subtractWide(0, 0, low, top);
}

/** Unsigned 64 x 64 -> 128. */
export function multiplyWords(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const p00 = a0 * b0;
  const p01 = a0 * b1;
  const p10 = a1 * b0;
  const middle = (p00 >> 32) + (p01 & 0xffffffff) + (p10 & 0xffffffff);
  high = <i64>(a1 * b1 + (p01 >> 32) + (p10 >> 32) + (middle >> 32));
  return (middle << 32) | (p00 & 0xffffffff);
}

export function multiplyWide(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): u64 {
  const negative = (aHigh ^ bHigh) < 0;
  let xLow = aLow;
  let xHigh = <u64>aHigh;
  let yLow = bLow;
  let yHigh = <u64>bHigh;
  if (aHigh < 0) {
    xLow = 0 - aLow;
    xHigh = 0 - xHigh - <u64>(aLow != 0);
  }
  if (bHigh < 0) {
    yLow = 0 - bLow;
    yHigh = 0 - yHigh - <u64>(bLow != 0);
  }
  let overflow = xHigh != 0 && yHigh != 0;
  const crossA = multiplyWords(xHigh, yLow);
  overflow = overflow || high != 0;
  const crossB = multiplyWords(xLow, yHigh);
  overflow = overflow || high != 0;
  let low = multiplyWords(xLow, yLow);
  const cross = crossA + crossB;
  const top = <u64>high + cross;
  if (overflow || cross < crossA || top < cross) wideOverflow = true;
  if (negative) {
    if (top > 0x8000000000000000 || (top == 0x8000000000000000 && low != 0)) wideOverflow = true;
    high = <i64>(0 - top - <u64>(low != 0));
    low = 0 - low;
  } else {
    if (<i64>top < 0) wideOverflow = true;
    high = <i64>top;
  }
  return low;
}

/** Unsigned division, shift and subtract beyond 64 bits. The divisor is not 0. */
export function divideUnsignedWide(aLow: u64, aHigh: u64, bLow: u64, bHigh: u64): u64 {
  if (aHigh == 0 && bHigh == 0) {
    high = 0;
    remainderHigh = 0;
    remainderLow = aLow % bLow;
    return aLow / bLow;
  }
  // Either way the quotient's high word is known at once and 64 steps remain.
  const quotientHigh = bHigh == 0 ? aHigh / bLow : 0;
  let restLow = bHigh == 0 ? aHigh % bLow : aHigh;
  let restHigh: u64 = 0;
  let quotient: u64 = 0;
  let bits = aLow;
  for (let i = 0; i < 64; i++) {
    const carry = restHigh >> 63;
    restHigh = (restHigh << 1) | (restLow >> 63);
    restLow = (restLow << 1) | (bits >> 63);
    bits <<= 1;
    quotient <<= 1;
    if (carry != 0 || restHigh > bHigh || (restHigh == bHigh && restLow >= bLow)) {
      restHigh = restHigh - bHigh - <u64>(restLow < bLow);
      restLow -= bLow;
      quotient |= 1;
    }
  }
  high = <i64>quotientHigh;
  remainderLow = restLow;
  remainderHigh = <i64>restHigh;
  return quotient;
}

/** Truncating signed division; the remainder has the dividend's sign. The divisor is not 0. */
export function divideWide(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): u64 {
  const negativeA = aHigh < 0;
  const negativeB = bHigh < 0;
  const xLow = negativeA ? 0 - aLow : aLow;
  const xHigh = negativeA ? 0 - <u64>aHigh - <u64>(aLow != 0) : <u64>aHigh;
  const yLow = negativeB ? 0 - bLow : bLow;
  const yHigh = negativeB ? 0 - <u64>bHigh - <u64>(bLow != 0) : <u64>bHigh;
  let quotient = divideUnsignedWide(xLow, xHigh, yLow, yHigh);
  if (negativeA) {
    remainderHigh = <i64>(0 - <u64>remainderHigh - <u64>(remainderLow != 0));
    remainderLow = 0 - remainderLow;
  }
  if (negativeA != negativeB) {
    high = <i64>(0 - <u64>high - <u64>(quotient != 0));
    quotient = 0 - quotient;
  } else if (high < 0) wideOverflow = true;
  return quotient;
}

export function addHugeint(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): u64 {
  wideOverflow = false;
  const low = addWide(aLow, aHigh, bLow, bHigh);
  requireNoOverflow();
  return low;
}

export function subtractHugeint(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): u64 {
  wideOverflow = false;
  const low = subtractWide(aLow, aHigh, bLow, bHigh);
  requireNoOverflow();
  return low;
}

export function multiplyHugeint(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): u64 {
  wideOverflow = false;
  const low = multiplyWide(aLow, aHigh, bLow, bHigh);
  requireNoOverflow();
  return low;
}

export function divideHugeint(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): u64 {
  wideOverflow = false;
  const low = divideWide(aLow, aHigh, bLow, bHigh);
  requireNoOverflow();
  return low;
}

export function remainderHugeint(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): u64 {
  wideOverflow = false;
  divideWide(aLow, aHigh, bLow, bHigh);
  requireNoOverflow();
  high = remainderHigh;
  return remainderLow;
}

export function negateHugeint(low: u64, top: i64): u64 {
  wideOverflow = false;
  const result = negateWide(low, top);
  requireNoOverflow();
  return result;
}

export function absoluteHugeint(low: u64, top: i64): u64 {
  if (top < 0) return negateHugeint(low, top);
  high = top;
  return low;
}

export function compareHugeint(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): i32 {
  if (aHigh != bHigh) return aHigh < bHigh ? -1 : 1;
  return aLow == bLow ? 0 : aLow < bLow ? -1 : 1;
}

export function compareUnsignedHugeint(aLow: u64, aHigh: u64, bLow: u64, bHigh: u64): i32 {
  if (aHigh != bHigh) return aHigh < bHigh ? -1 : 1;
  return aLow == bLow ? 0 : aLow < bLow ? -1 : 1;
}

export function hugeintToDouble(low: u64, top: i64): f64 {
  if (top == -1) return -<f64>(u64.MAX_VALUE - low) - 1.0;
  return <f64>low + <f64>top * 18446744073709551616.0;
}

export function doubleToHugeint(input: f64): u64 {
  const value = nearest<f64>(input);
  if (!(value > -170141183460469231731687303715884105728.0 && value < 170141183460469231731687303715884105727.0)) {
    rejectCast();
    high = 0;
    return 0;
  }
  const magnitude = Math.abs(value);
  const top = <u64>(magnitude / 18446744073709551616.0);
  const low = <u64>(magnitude - <f64>top * 18446744073709551616.0);
  if (value < 0) return negateWide(low, <i64>top);
  high = <i64>top;
  return low;
}

/** HUGEINT -> integer of at most 64 bits. */
export function hugeintToSigned<T extends number>(low: u64, top: i64): T {
  const result = <T>low;
  if (top != <i64>low >> 63 || <i64>result != <i64>low) {
    rejectCast();
    return <T>0;
  }
  return result;
}

export function hugeintToUnsigned<T extends number>(low: u64, top: i64): T {
  const result = <T>low;
  if (top != 0 || <u64>result != low) {
    rejectCast();
    return <T>0;
  }
  return result;
}
