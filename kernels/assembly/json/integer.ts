/**
 * Integers and decimals, exactly. Each function gives the position after the number (its closing quote, where it stands in quotes), or
 * 0 for whatever is not plainly such a number: malformed, too large, a fraction that would be lost. The host looks at those again.
 */
import { digitsValue, leadingDigits, power, productHigh, zeros } from "./digits";
import { skipDigits } from "./scan";

/** The number read last. */
export let magnitude: u64 = 0;
export let magnitudeHigh: u64 = 0;
export let isNegative: bool = false;

const int64Max: u64 = 0x7fffffffffffffff;
const u64TenthMax: u64 = 1844674407370955161;

// @ts-ignore: decorator
@inline
function isQuoted(at: usize): bool {
  return load<u8>(at) == 34;
}

// @ts-ignore: decorator
@inline
function afterNumber(p: usize, quoted: bool): usize {
  if (!quoted) return p;
  return load<u8>(p) == 34 ? p + 1 : 0;
}

/** Up to 20 digits into `magnitude`. */
export function readInteger(from: usize, end: usize): usize {
  const quoted = isQuoted(from);
  let p = from + <usize>quoted;
  isNegative = load<u8>(p) == 45;
  p += <usize>isNegative;
  const first = p;
  let value: u64 = 0;
  while (p < end) {
    const word = load<u64>(p) ^ zeros;
    const digits = leadingDigits(word);
    if (digits == 0) break;
    if (<u32>(p - first) + digits > 19) return readLastDigit(first, end, quoted);
    value = value * power(digits) + digitsValue(word, digits);
    p += digits;
    if (digits < 8) break;
  }
  if (p == first || (load<u8>(first) == 48 && p != first + 1)) return 0;
  magnitude = value;
  return afterNumber(p, quoted);
}

/** The same, digit by digit, for 20 of them. */
function readLastDigit(first: usize, end: usize, quoted: bool): usize {
  if (load<u8>(first) == 48) return 0;
  let value: u64 = 0;
  let p = first;
  for (; p < end; p++) {
    const digit = <u64>load<u8>(p) - 48;
    if (digit > 9) break;
    if (value > u64TenthMax || (value == u64TenthMax && digit > 5)) return 0;
    value = value * 10 + digit;
  }
  magnitude = value;
  return afterNumber(p, quoted);
}

// @ts-ignore: decorator
@inline
export function fitsSigned(): bool {
  return magnitude <= int64Max + <u64>isNegative;
}

// @ts-ignore: decorator
@inline
export function signedMagnitude(): i64 {
  return isNegative ? -(<i64>magnitude) : <i64>magnitude;
}

let wholeDigits: u32 = 0;
let fractionDigits: u32 = 0;

/** Digits, a point, digits: at most 19 in all into `magnitude`, without the point. No exponent. */
function readPlain(from: usize, end: usize, quoted: bool): usize {
  let p = from + <usize>quoted;
  isNegative = load<u8>(p) == 45;
  p += <usize>isNegative;
  let value: u64 = 0;
  let start = p;
  let total: u32 = 0;
  for (let part: u32 = 0; part < 2; part++) {
    start = p;
    while (p < end) {
      const word = load<u64>(p) ^ zeros;
      const digits = leadingDigits(word);
      if (digits == 0) break;
      total += digits;
      if (total > 19) return 0;
      value = value * power(digits) + digitsValue(word, digits);
      p += digits;
      if (digits < 8) break;
    }
    if (p == start) return 0;
    if (part == 1) {
      fractionDigits = <u32>(p - start);
      break;
    }
    wholeDigits = <u32>(p - start);
    if (load<u8>(start) == 48 && wholeDigits != 1) return 0;
    fractionDigits = 0;
    if (load<u8>(p) != 46) break;
    p++;
  }
  if ((load<u8>(p) | 32) == 101) return 0;
  magnitude = value;
  return afterNumber(p, quoted);
}

/** A decimal times 10^scale into `magnitude`: at most `most`, below 10^19. */
export function readDecimal(from: usize, end: usize, scale: u32, most: u64): usize {
  const p = readPlain(from, end, isQuoted(from));
  if (p == 0 || fractionDigits > scale) return 0;
  const missing = power(scale - fractionDigits);
  if (magnitude > most / missing) return 0;
  magnitude *= missing;
  return p;
}

/**
 * A count in one unit as a count in another into `magnitude`, signed by `isNegative`: 10^scale times as much, or -scale for one that is
 * coarser. What is finer than the target is dropped towards minus infinity.
 */
export function readCount(from: usize, end: usize, scale: i32, factor: u64): usize {
  const p = readPlain(from, end, isQuoted(from));
  if (p == 0) return 0;
  if (fractionDigits != 0 && (scale < 0 || factor != 1 || fractionDigits > <u32>scale)) return 0;
  if (scale < 0) {
    const divisor = power(<u32>(-scale));
    const rest = magnitude % divisor;
    magnitude = magnitude / divisor + <u64>(isNegative && rest != 0);
  } else {
    const more = power(<u32>scale - fractionDigits) * factor;
    if (magnitude > int64Max / more) return 0;
    magnitude *= more;
  }
  return magnitude <= int64Max ? p : 0;
}

/** Up to 38 digits in all, times 10^scale, into `magnitudeHigh` and `magnitude`. */
export function readWide(from: usize, end: usize, scale: u32, digitsMax: u32): usize {
  const quoted = isQuoted(from);
  let p = from + <usize>quoted;
  isNegative = load<u8>(p) == 45;
  p += <usize>isNegative;
  magnitude = 0;
  magnitudeHigh = 0;
  const first = p;
  p = skipDigits(p, end);
  const whole = <u32>(p - first);
  if (whole == 0 || (load<u8>(first) == 48 && whole != 1) || whole + scale > digitsMax) return 0;
  appendDigits(first, whole);
  let fraction: u32 = 0;
  if (load<u8>(p) == 46) {
    const start = p + 1;
    p = skipDigits(start, end);
    fraction = <u32>(p - start);
    if (fraction == 0 || fraction > scale) return 0;
    appendDigits(start, fraction);
  }
  if ((load<u8>(p) | 32) == 101) return 0;
  for (let missing = scale - fraction; missing != 0; ) {
    const step = min<u32>(missing, 19);
    multiplyAdd(power(step), 0);
    missing -= step;
  }
  return afterNumber(p, quoted);
}

function appendDigits(from: usize, count: u32): void {
  let p = from;
  let rest = count;
  while (rest != 0) {
    const digits = min<u32>(rest, 8);
    multiplyAdd(power(digits), digitsValue(load<u64>(p) ^ zeros, digits));
    p += digits;
    rest -= digits;
  }
}

// @ts-ignore: decorator
@inline
function multiplyAdd(factor: u64, more: u64): void {
  const low = magnitude * factor;
  const sum = low + more;
  magnitudeHigh = magnitudeHigh * factor + productHigh(magnitude, factor) + <u64>(sum < low);
  magnitude = sum;
}

/** Two's complement of the wide number read last, low word first. */
export function storeWide(at: usize): void {
  const low = isNegative ? 0 - magnitude : magnitude;
  const high = isNegative ? ~magnitudeHigh + <u64>(magnitude == 0) : magnitudeHigh;
  store<u64>(at, low);
  store<u64>(at, high, 8);
}
