import { rejectCast } from "./fault";
import { stringLength, stringPointer } from "./string-table";

/** Nearest double to a text that is a number as DuckDB reads it; any other text gives `refused`, a NaN of a bit pattern of its own. */
// @ts-ignore: decorator
@external("expression", "parseDouble")
declare function hostParseDouble(pointer: usize, length: u32): f64;
/**
 * Writes the 16-byte integer that text * 10^scale rounds to, half away from zero. width: digits of a decimal, or one of the modes
 * below. False when the text is no number or does not fit.
 */
// @ts-ignore: decorator
@external("expression", "parseInteger")
declare function hostParseInteger(pointer: usize, length: u32, width: i32, scale: i32, out: usize): bool;

const signedMode: i32 = 0;
const hugeintMode: i32 = -1;
const unsignedMode: i32 = -2;
const refusedBits: u64 = 0x7ff8dead00000000;
const wideResult: usize = memory.data(16);

/** Plain digits with an optional sign, at most 18 of them: the common case. i64.MIN_VALUE: anything else. */
function readDigits(pointer: usize, length: u32): i64 {
  if (length == 0 || length > 19) return i64.MIN_VALUE;
  const negative = load<u8>(pointer) == 45;
  const first: u32 = negative ? 1 : 0;
  if (length == first || length - first > 18) return i64.MIN_VALUE;
  let value: i64 = 0;
  for (let at = first; at < length; at++) {
    const digit = <u32>load<u8>(pointer + at) - 48;
    if (digit > 9) return i64.MIN_VALUE;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

export function parseWide(id: u32, width: i32, scale: i32): u64 {
  if (!hostParseInteger(stringPointer(id), stringLength(id), width, scale, wideResult)) {
    rejectCast();
    store<u64>(wideResult, 0);
    store<u64>(wideResult, 0, 8);
  }
  return load<u64>(wideResult);
}

export function parseHugeint(id: u32): u64 {
  return parseWide(id, hugeintMode, 0);
}

export function parsedHigh(): i64 {
  return load<i64>(wideResult, 8);
}

/** Text -> integer within [low, high]. */
export function parseSigned(id: u32, least: i64, most: i64): i64 {
  let value = readDigits(stringPointer(id), stringLength(id));
  if (value == i64.MIN_VALUE) {
    value = <i64>parseWide(id, signedMode, 0);
    if (parsedHigh() != value >> 63) rejectCast();
  }
  if (value < least || value > most) rejectCast();
  return value;
}

export function parseUnsigned(id: u32, most: u64): u64 {
  const digits = readDigits(stringPointer(id), stringLength(id));
  if (digits >= 0) {
    if (<u64>digits > most) rejectCast();
    return <u64>digits;
  }
  const value = parseWide(id, unsignedMode, 0);
  if (parsedHigh() != 0 || value > most) rejectCast();
  return value;
}

export function parseDouble(id: u32): f64 {
  const digits = readDigits(stringPointer(id), stringLength(id));
  if (digits != i64.MIN_VALUE && digits != 0) return <f64>digits;
  const value = hostParseDouble(stringPointer(id), stringLength(id));
  if (reinterpret<u64>(value) == refusedBits) {
    rejectCast();
    return 0;
  }
  return value;
}

/** true, t, yes, y, 1 and their opposites, in any case. */
export function parseBoolean(id: u32): bool {
  const pointer = stringPointer(id);
  const length = stringLength(id);
  let word: u64 = 0;
  if (length > 5 || length == 0) {
    rejectCast();
    return false;
  }
  for (let at: u32 = 0; at < length; at++) {
    const byte = load<u8>(pointer + at);
    word = (word << 8) | <u64>(byte >= 65 && byte <= 90 ? byte + 32 : byte);
  }
  if (word == 0x31 || word == 0x74 || word == 0x79 || word == 0x796573 || word == 0x74727565) return true;
  if (word != 0x30 && word != 0x66 && word != 0x6e && word != 0x6e6f && word != 0x66616c7365) rejectCast();
  return false;
}

export function parseFloat32(id: u32): f32 {
  const value = parseDouble(id);
  return <f32>value;
}
