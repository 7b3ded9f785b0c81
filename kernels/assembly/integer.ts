import { fail, faultOverflow, faultShift, rejectCast } from "./fault";

/** Arithmetic on integers that DuckDB refuses to wrap: T is the SQL type's own width. */
export function add<T extends number>(a: T, b: T): T {
  if (sizeof<T>() < 8) {
    const sum = <i64>a + <i64>b;
    if (sum != <i64>(<T>sum)) fail(faultOverflow);
    return <T>sum;
  }
  const sum = a + b;
  if (isSigned<T>()) {
    if (((a ^ sum) & (b ^ sum)) < <T>0) fail(faultOverflow);
  } else if (sum < a) fail(faultOverflow);
  return <T>sum;
}

export function subtract<T extends number>(a: T, b: T): T {
  if (sizeof<T>() < 8) {
    const difference = <i64>a - <i64>b;
    if (difference != <i64>(<T>difference)) fail(faultOverflow);
    return <T>difference;
  }
  const difference = a - b;
  if (isSigned<T>()) {
    if (((a ^ b) & (a ^ difference)) < <T>0) fail(faultOverflow);
  } else if (a < b) fail(faultOverflow);
  return <T>difference;
}

export function multiply<T extends number>(a: T, b: T): T {
  if (sizeof<T>() < 8) {
    if (isSigned<T>()) {
      const product = <i64>a * <i64>b;
      if (product != <i64>(<T>product)) fail(faultOverflow);
      return <T>product;
    }
    const product = <u64>a * <u64>b;
    if (product != <u64>(<T>product)) fail(faultOverflow);
    return <T>product;
  }
  const product = a * b;
  if (isSigned<T>()) {
    const x = <i64>a;
    const y = <i64>b;
    const small = ((x + 0x40000000) | (y + 0x40000000)) >>> 31;
    if (small != 0 && x != 0) {
      if ((x == -1 && y == i64.MIN_VALUE) || (y == -1 && x == i64.MIN_VALUE)) fail(faultOverflow);
      if (y != -1 && y != 0 && <i64>product / y != x) fail(faultOverflow);
    }
  } else if (((a | b) >>> <T>32) != <T>0 && b != <T>0 && product / b != a) fail(faultOverflow);
  return <T>product;
}

/** The caller has dealt with b = 0, which is NULL. */
export function divide<T extends number>(a: T, b: T): T {
  if (isSigned<T>()) {
    if (<i64>b == -1) return negate<T>(a);
  }
  return a / b;
}

export function remainder<T extends number>(a: T, b: T): T {
  if (isSigned<T>()) {
    if (<i64>b == -1) {
      negate<T>(a);
      return <T>0;
    }
  }
  return a % b;
}

export function negate<T extends number>(a: T): T {
  return subtract<T>(<T>0, a);
}

export function absolute<T extends number>(a: T): T {
  return a < <T>0 ? negate<T>(a) : a;
}

export function shiftLeft<T extends number>(a: T, by: T): T {
  const bits: T = <T>(isSigned<T>() ? sizeof<T>() * 8 - 1 : sizeof<T>() * 8);
  if (isSigned<T>()) {
    if (a < <T>0 || by < <T>0) fail(faultShift);
  }
  if (a == <T>0) return <T>0;
  if (by >= bits) fail(faultShift);
  const shifted = <u64>a << <u64>by;
  if (<u64>(<T>shifted) >> <u64>by != <u64>a || (isSigned<T>() && <T>shifted < <T>0)) fail(faultShift);
  return <T>shifted;
}

export function shiftRight<T extends number>(a: T, by: T): T {
  return by < <T>0 || by >= <T>(sizeof<T>() * 8) ? <T>0 : <T>(a >> by);
}

export function gcd64(left: i64, right: i64): i64 {
  let a = left;
  let b = right;
  if ((a == i64.MIN_VALUE && b == -1) || (a == -1 && b == i64.MIN_VALUE)) return 1;
  while (a != 0) {
    const next = b % a;
    b = a;
    a = next;
  }
  return absolute<i64>(b);
}

export function lcm64(left: i64, right: i64): i64 {
  if (left == 0 || right == 0) return 0;
  return absolute<i64>(multiply<i64>(left, right / gcd64(left, right)));
}

/** Rounds to 10^digits, half away from zero; wraps like DuckDB when the result leaves the type. */
export function roundInteger(value: i64, digits: i32): i64 {
  if (digits <= -19) return 0;
  let power: i64 = 1;
  for (let i = digits; i < 0; i++) power *= 10;
  const half = value < 0 ? -(power / 2) : power / 2;
  return ((value + half) / power) * power;
}

/** Narrowing cast between integers of at most 64 bits. */
export function toInteger<From extends number, To extends number>(value: From): To {
  const result = <To>value;
  if (<From>result != value || (isSigned<From>() != isSigned<To>() && (value < <From>0 || result < <To>0))) {
    rejectCast();
    return <To>0;
  }
  return result;
}

/** Statistical rounding (half to even), then the range of T; `low` and `high` bound T: low <= x < high. */
export function floatToInteger<T extends number>(value: f64, low: f64, high: f64): T {
  if (!(value >= low && value < high)) {
    rejectCast();
    return <T>0;
  }
  const rounded = nearest<f64>(value);
  if (isSigned<T>()) return <T>(<i64>rounded);
  return <T>(<u64>rounded);
}
