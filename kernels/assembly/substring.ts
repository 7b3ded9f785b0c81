import { fail, faultArgument } from "./fault";
import { internString, stringLength, stringPointer } from "./string-table";

// @ts-ignore: decorator
@inline
export function startsCharacter(pointer: usize): bool {
  return (load<u8>(pointer) & 0xc0) != 0x80;
}

/** Code points. */
export function characterCount(id: u32): i64 {
  const pointer = stringPointer(id);
  const end = pointer + stringLength(id);
  let count: i64 = 0;
  for (let at = pointer; at < end; at++) count += <i64>startsCharacter(at);
  return count;
}

export function byteCount(id: u32): i64 {
  return stringLength(id);
}

/** Byte offset of code point `index` (from 0), at most the length. */
export function offsetOf(pointer: usize, length: u32, index: i64): u32 {
  let seen: i64 = -1;
  for (let at: u32 = 0; at < length; at++) {
    if (startsCharacter(pointer + at) && ++seen == index) return at;
  }
  return length;
}

export function slice(id: u32, from: i64, to: i64): u32 {
  if (to <= from) return 0;
  const pointer = stringPointer(id);
  const length = stringLength(id);
  const start = offsetOf(pointer, length, max<i64>(from, 0));
  if (start == length) return 0;
  const end = start + offsetOf(pointer + start, length - start, to - max<i64>(from, 0));
  return start == 0 && end == length ? id : internString(pointer + start, end - start);
}

const supportedRange: i64 = 4294967295;

/** SQL substring: positions from 1, negative ones from the end, a negative length reaches backwards. */
export function substring(id: u32, position: i64, count: i64): u32 {
  if (position > supportedRange || position < -supportedRange - 1 || count > supportedRange || count < -supportedRange - 1) {
    fail(faultArgument);
  }
  if (count == 0) return 0;
  if (position >= 0) {
    const start = position - 1;
    return count < 0 ? slice(id, max<i64>(start + count, 0), max<i64>(start, 0)) : slice(id, max<i64>(start, 0), max<i64>(start + count, 0));
  }
  const start = characterCount(id) + position;
  return count < 0 ? slice(id, max<i64>(start + count, 0), max<i64>(start, 0)) : slice(id, max<i64>(start, 0), max<i64>(start + count, 0));
}

export function leftPart(id: u32, count: i64): u32 {
  return count >= 0 ? slice(id, 0, count) : slice(id, 0, characterCount(id) + count);
}

export function rightPart(id: u32, count: i64): u32 {
  const characters = characterCount(id);
  if (count >= 0) return slice(id, max<i64>(characters - count, 0), characters);
  return slice(id, count == i64.MIN_VALUE ? characters : -count, characters);
}

/** s[position]: the code point there, counted from the end when negative; '' outside. */
export function characterAt(id: u32, position: i64): u32 {
  return substring(id, position, 1);
}
