import { fail, faultOverflow } from "./fault";
import { addWide, compareHugeint, divideUnsignedWide, divideWide, high, multiplyWide, negateWide, remainderHigh, remainderLow, setHigh, subtractWide, takeOverflow } from "./hugeint";
import { powerHigh, powerLow } from "./power-of-ten";

/** A decimal is its unscaled integer: i64 up to width 18 (whatever its physical width), two words beyond. */
const limit64: i64 = 1000000000000000000;

export function isWithin(low: u64, top: i64, digits: i32): bool {
  const limitLow = powerLow(digits);
  const limitHigh = powerHigh(digits);
  if (compareHugeint(low, top, limitLow, limitHigh) >= 0) return false;
  const negative = negateWide(limitLow, limitHigh);
  return compareHugeint(low, top, negative, high) > 0;
}

export function checkDecimal64(value: i64): i64 {
  if (value >= limit64 || value <= -limit64) fail(faultOverflow);
  return value;
}

export function addDecimal64(a: i64, b: i64): i64 {
  return checkDecimal64(a + b);
}

export function subtractDecimal64(a: i64, b: i64): i64 {
  return checkDecimal64(a - b);
}

export function multiplyDecimal64(a: i64, b: i64): i64 {
  const product = a * b;
  if (((a + 0x40000000) | (b + 0x40000000)) >>> 31 != 0 && a != 0 && product / a != b) fail(faultOverflow);
  return checkDecimal64(product);
}

function checkWide(low: u64): u64 {
  const top = high;
  if (takeOverflow() || !isWithin(low, top, 38)) fail(faultOverflow);
  setHigh(top);
  return low;
}

export function addDecimalWide(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): u64 {
  takeOverflow();
  return checkWide(addWide(aLow, aHigh, bLow, bHigh));
}

export function subtractDecimalWide(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): u64 {
  takeOverflow();
  return checkWide(subtractWide(aLow, aHigh, bLow, bHigh));
}

export function multiplyDecimalWide(aLow: u64, aHigh: i64, bLow: u64, bHigh: i64): u64 {
  takeOverflow();
  return checkWide(multiplyWide(aLow, aHigh, bLow, bHigh));
}

/** Divides by 10^digits, half away from zero. */
export function roundDown64(value: i64, digits: i32): i64 {
  if (digits == 0) return value;
  const power = <i64>powerLow(digits);
  const half = power >> 1;
  const quotient = value / power;
  const rest = value % power;
  return rest >= half ? quotient + 1 : rest <= -half ? quotient - 1 : quotient;
}

export function roundDownWide(low: u64, top: i64, digits: i32): u64 {
  if (digits == 0) {
    setHigh(top);
    return low;
  }
  const quotient = divideWide(low, top, powerLow(digits), powerHigh(digits));
  const quotientHigh = high;
  let restLow = remainderLow;
  let restHigh = remainderHigh;
  const negative = restHigh < 0;
  if (negative) {
    restLow = negateWide(restLow, restHigh);
    restHigh = high;
  }
  const halfLow = divideUnsignedWide(powerLow(digits), <u64>powerHigh(digits), 2, 0);
  if (compareHugeint(restLow, restHigh, halfLow, high) < 0) {
    setHigh(quotientHigh);
    return quotient;
  }
  return negative ? subtractWide(quotient, quotientHigh, 1, 0) : addWide(quotient, quotientHigh, 1, 0);
}

/** DuckDB's round(decimal, digits) below the point: the digits left of 10^digits become 0. */
export function roundLeft(low: u64, top: i64, scale: i32, digits: i32): u64 {
  const rounded = roundDownWide(low, top, scale + digits);
  return multiplyWide(rounded, high, powerLow(digits), powerHigh(digits));
}

export function floorDecimal64(value: i64, scale: i32): i64 {
  const power = <i64>powerLow(scale);
  return value / power - <i64>(value % power < 0);
}

export function ceilDecimal64(value: i64, scale: i32): i64 {
  const power = <i64>powerLow(scale);
  return value / power + <i64>(value % power > 0);
}

export function floorDecimalWide(low: u64, top: i64, scale: i32): u64 {
  const whole = divideWide(low, top, powerLow(scale), powerHigh(scale));
  return remainderHigh < 0 ? subtractWide(whole, high, 1, 0) : whole;
}

export function ceilDecimalWide(low: u64, top: i64, scale: i32): u64 {
  const whole = divideWide(low, top, powerLow(scale), powerHigh(scale));
  const positive = remainderHigh >= 0 && (remainderHigh | <i64>remainderLow) != 0;
  return positive ? addWide(whole, high, 1, 0) : whole;
}
