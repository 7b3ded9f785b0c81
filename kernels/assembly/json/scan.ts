/**
 * Steps over JSON text without making anything of it. Positions are addresses; 0 says that the text is malformed or ends too early.
 * Up to 32 bytes past `end` may be read, never obeyed: a position past `end` is no success, and the caller asks for it at the end.
 */
import { leadingDigits, zeros } from "./digits";

/** As connectors/columns/json-reader.ts has it. */
export const depthMax: u32 = 256;

/** Closing bytes of what is open, by depth. */
const levels: usize = memory.data(256, 16);

/** High bits of all bytes looked at since `beginScan`: 0 when they were ASCII. */
export let highBits: i32 = 0;
/** Whether the last string stepped over had escapes; whether any since `expectPairs` had half of a surrogate pair. */
export let hasEscapes: bool = false;
export let halfPair: bool = false;

// @ts-ignore: decorator
@inline
export function beginScan(): void {
  highBits = 0;
}

// @ts-ignore: decorator
@inline
export function noteBits(bits: i32): void {
  highBits |= bits;
}

// @ts-ignore: decorator
@inline
export function expectPairs(): void {
  halfPair = false;
}

export function skipBlanks(from: usize, end: usize): usize {
  let p = from;
  while (p < end) {
    const byte = load<u8>(p);
    if (byte != 32 && byte != 10 && byte != 13 && byte != 9) break;
    p++;
  }
  return p;
}

/** One bit for each of 16 bytes that a string cannot hold as it is: quote, backslash, control characters. */
// @ts-ignore: decorator
@inline
export function specialBits(bytes: v128): u32 {
  const marks = v128.or(i8x16.eq(bytes, i8x16.splat(34)), i8x16.eq(bytes, i8x16.splat(92)));
  return <u32>i8x16.bitmask(v128.or(marks, i8x16.lt_u(bytes, i8x16.splat(32))));
}

/** The first such byte at or after `from`; at or past `end` when there is none. */
// @ts-ignore: decorator
@inline
function findSpecial(from: usize, end: usize): usize {
  let p = from;
  while (p < end) {
    const bytes = v128.load(p);
    noteBits(i8x16.bitmask(bytes));
    const special = specialBits(bytes);
    if (special != 0) return p + ctz<u32>(special);
    p += 16;
  }
  return p;
}

/** `from` stands after the opening quote; the result after the closing one. */
export function skipString(from: usize, end: usize): usize {
  hasEscapes = false;
  let p = from;
  while (true) {
    p = findSpecial(p, end);
    if (p >= end) return 0;
    const byte = load<u8>(p);
    if (byte == 34) return p + 1;
    if (byte != 92) return 0;
    hasEscapes = true;
    p = skipEscape(p);
    if (p == 0) return 0;
  }
}

/** Value of four hexadecimal digits, or -1. */
export function hexFour(at: usize): i32 {
  let value: i32 = 0;
  for (let i: usize = 0; i < 4; i++) {
    const byte = <i32>load<u8>(at + i);
    const letter = (byte | 32) - 87;
    const digit = byte >= 48 && byte <= 57 ? byte - 48 : letter >= 10 && letter <= 15 ? letter : -1;
    if (digit < 0) return -1;
    value = (value << 4) | digit;
  }
  return value;
}

/** `at` is a backslash. */
function skipEscape(at: usize): usize {
  const letter = load<u8>(at, 1);
  if (letter == 117) {
    const high = hexFour(at + 2);
    if (high < 0) return 0;
    if ((high & 0xf800) != 0xd800) return at + 6;
    if (high < 0xdc00 && load<u8>(at, 6) == 92 && load<u8>(at, 7) == 117 && (hexFour(at + 8) & 0xfffffc00) == 0xdc00) return at + 12;
    halfPair = true;
    return at + 6;
  }
  // " \ / b f n r t
  if (letter == 34 || letter == 92 || letter == 47) return at + 2;
  if (letter == 98 || letter == 102 || letter == 110 || letter == 114 || letter == 116) return at + 2;
  return 0;
}

export function skipDigits(from: usize, end: usize): usize {
  let p = from;
  while (p < end) {
    const digits = leadingDigits(load<u64>(p) ^ zeros);
    p += digits;
    if (digits < 8) break;
  }
  return p;
}

export function skipNumber(from: usize, end: usize): usize {
  let p = from + <usize>(load<u8>(from) == 45);
  const first = p;
  p = skipDigits(p, end);
  if (p == first || (load<u8>(first) == 48 && p != first + 1)) return 0;
  if (load<u8>(p) == 46) {
    const fraction = p + 1;
    p = skipDigits(fraction, end);
    if (p == fraction) return 0;
  }
  if ((load<u8>(p) | 32) == 101) {
    p++;
    const sign = load<u8>(p);
    if (sign == 43 || sign == 45) p++;
    const exponent = p;
    p = skipDigits(exponent, end);
    if (p == exponent) return 0;
  }
  return p;
}

// @ts-ignore: decorator
@inline
export function isNull(at: usize): bool {
  return load<u32>(at) == 0x6c6c756e;
}

// @ts-ignore: decorator
@inline
export function isTrue(at: usize): bool {
  return load<u32>(at) == 0x65757274;
}

// @ts-ignore: decorator
@inline
export function isFalse(at: usize): bool {
  return load<u32>(at) == 0x736c6166 && load<u8>(at, 4) == 101;
}

function skipWord(at: usize): usize {
  if (isNull(at) || isTrue(at)) return at + 4;
  return isFalse(at) ? at + 5 : 0;
}

/** From a name's opening quote to its value. */
export function skipName(from: usize, end: usize): usize {
  if (load<u8>(from) != 34) return 0;
  let p = skipString(from + 1, end);
  if (p == 0) return 0;
  p = skipBlanks(p, end);
  return load<u8>(p) == 58 ? skipBlanks(p + 1, end) : 0;
}

/** Any value, checked throughout. */
export function skipValue(from: usize, end: usize): usize {
  let depth: u32 = 0;
  let p = from;
  while (p < end) {
    const byte = load<u8>(p);
    if (byte == 34) p = skipString(p + 1, end);
    else if (byte == 123 || byte == 91) {
      if (depth == depthMax) return 0;
      store<u8>(levels + depth, byte + 2);
      p = skipBlanks(p + 1, end);
      if (load<u8>(p) != byte + 2) {
        depth++;
        if (byte == 123) p = skipName(p, end);
        if (p == 0) return 0;
        continue;
      }
      p++;
    } else if (byte == 45 || (byte >= 48 && byte <= 57)) p = skipNumber(p, end);
    else p = skipWord(p);
    if (p == 0) return 0;
    while (true) {
      if (depth == 0) return p;
      p = skipBlanks(p, end);
      if (p >= end) return 0;
      const next = load<u8>(p);
      const close = load<u8>(levels + depth - 1);
      p++;
      if (next == close) {
        depth--;
        continue;
      }
      if (next != 44) return 0;
      p = skipBlanks(p, end);
      if (close == 125) p = skipName(p, end);
      if (p == 0) return 0;
      break;
    }
  }
  return 0;
}
