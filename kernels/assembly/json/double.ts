/**
 * Correctly rounded doubles: exact arithmetic where numbers are short (Clinger), else Eisel and Lemire's product with a 128-bit power of
 * ten. What neither decides gives position 0, and the host rounds it.
 */
import { digitsValue, doublePower, leadingDigits, power, productHigh, zeros } from "./digits";
import { skipDigits } from "./scan";

const exponentMin: i32 = -348;
const exponentMax: i32 = 347;
const exactMantissaMax: u64 = 9007199254740992;

/** The 128 leading bits of 10^-348 .. 10^347, rounded down, low word first: 696 pairs, written by the host. */
const powersOfTen: usize = memory.data(696 * 16, 16);

export function doublePowersAddress(): usize {
  return powersOfTen;
}

/** The number read last. */
export let double: f64 = 0;

let mantissa: u64 = 0;
let dropped: i32 = 0;
let inexact: bool = false;

/** NaN: undecided. */
function nearestDouble(digits: u64, exponent: i32): f64 {
  if (digits == 0) return 0;
  if (exponent < exponentMin || exponent > exponentMax) return NaN;
  const shift = clz<u64>(digits);
  const shifted = digits << shift;
  let binary = <u64>(<i64>((217706 * exponent) >> 16) + 64 + 1023) - shift;
  const entry = powersOfTen + (<usize>(exponent - exponentMin) << 4);
  const powerHigh = load<u64>(entry, 8);
  let high = productHigh(shifted, powerHigh);
  let low = shifted * powerHigh;
  if ((high & 0x1ff) == 0x1ff && low + shifted < shifted) {
    const powerLow = load<u64>(entry);
    const lower = productHigh(shifted, powerLow);
    const lowest = shifted * powerLow;
    const middle = low + lower;
    const carried = high + <u64>(middle < low);
    if ((carried & 0x1ff) == 0x1ff && middle + 1 == 0 && lowest + shifted < shifted) return NaN;
    high = carried;
    low = middle;
  }
  const top = high >> 63;
  let bits = high >> (top + 9);
  binary -= 1 ^ top;
  if (low == 0 && (high & 0x1ff) == 0 && (bits & 3) == 1) return NaN;
  bits = (bits + (bits & 1)) >> 1;
  if (bits >> 53 > 0) {
    bits >>= 1;
    binary++;
  }
  if (binary - 1 >= 0x7fe) return NaN;
  return reinterpret<f64>((binary << 52) | (bits & 0x000fffffffffffff));
}

/** Of more than 19 digits in [first, end), a point among them perhaps: the first 19 that count, and how many follow. */
function shorten(first: usize, end: usize): void {
  mantissa = 0;
  dropped = 0;
  inexact = false;
  let digits: u32 = 0;
  for (let p = first; p < end; p++) {
    const digit = <u64>load<u8>(p) - 48;
    if (digit > 9) continue;
    if (digits == 19) {
      dropped++;
      if (digit != 0) inexact = true;
    } else if (digits != 0 || digit != 0) {
      mantissa = mantissa * 10 + digit;
      digits++;
    }
  }
}

/** Any JSON number, in quotes or not, into `double`; gives the position after it, or 0. */
export function readDouble(from: usize, end: usize): usize {
  const quoted = load<u8>(from) == 34;
  let p = from + <usize>quoted;
  const negative = load<u8>(p) == 45;
  p += <usize>negative;
  const first = p;
  mantissa = 0;
  dropped = 0;
  inexact = false;
  p = readDigits(p, end);
  const whole = p - first;
  if (whole == 0 || (load<u8>(first) == 48 && whole != 1)) return 0;
  let total = <u32>whole;
  let exponent: i32 = 0;
  if (load<u8>(p) == 46) {
    const start = p + 1;
    p = readDigits(start, end);
    if (p == start) return 0;
    exponent = -<i32>(p - start);
    total += <u32>(p - start);
  }
  if (total > 19) shorten(first, p);
  exponent += dropped;
  if ((load<u8>(p) | 32) == 101) {
    p = readExponent(p + 1, end);
    if (p == 0) return 0;
    exponent += writtenExponent;
  }
  if (quoted) {
    if (load<u8>(p) != 34) return 0;
    p++;
  }
  const value = rounded(exponent);
  if (value != value) return 0;
  double = negative ? -value : value;
  return p;
}

// @ts-ignore: decorator
@inline
function rounded(exponent: i32): f64 {
  if (!inexact && mantissa <= exactMantissaMax && exponent >= -22 && exponent <= 22) {
    return exponent < 0 ? <f64>mantissa / doublePower(<u32>(-exponent)) : <f64>mantissa * doublePower(<u32>exponent);
  }
  const value = nearestDouble(mantissa, exponent);
  return inexact && nearestDouble(mantissa + 1, exponent) != value ? NaN : value;
}

/** Appends digits to `mantissa`, which wraps past 19 of them. */
function readDigits(from: usize, end: usize): usize {
  let p = from;
  let value = mantissa;
  while (p < end) {
    const word = load<u64>(p) ^ zeros;
    const digits = leadingDigits(word);
    if (digits == 0) break;
    value = value * power(digits) + digitsValue(word, digits);
    p += digits;
    if (digits < 8) break;
  }
  mantissa = value;
  return p;
}

let writtenExponent: i32 = 0;

function readExponent(from: usize, end: usize): usize {
  let p = from;
  const sign = load<u8>(p);
  if (sign == 43 || sign == 45) p++;
  const start = p;
  p = skipDigits(p, end);
  if (p == start || p - start > 5) return 0;
  let value: i32 = 0;
  for (let at = start; at < p; at++) value = value * 10 + <i32>load<u8>(at) - 48;
  writtenExponent = sign == 45 ? -value : value;
  return p;
}

/** Whether rounding `double` once more gives the float nearest to the text: not where it may lie halfway between two. */
export function roundsToFloat(): bool {
  const bits = reinterpret<u64>(double) & 0x7fffffffffffffff;
  return bits == 0 || ((bits & 0x1fffffff) != 0x10000000 && bits >= 0x3810000000000000);
}
