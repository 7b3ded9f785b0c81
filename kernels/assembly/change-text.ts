import { fail, faultArgument, faultPadding, faultTooLong } from "./fault";
import { equalBytes, internString, stringLength, stringPointer } from "./string-table";
import { characterCount, slice, startsCharacter } from "./substring";
import { beginText, finishText, putByte, putBytes, putString, reserveText, setTextLength, textCapacity } from "./text-builder";

/** Writes the text's lower (0) or upper (1) case to `out` if it fits and gives its length in any case. */
// @ts-ignore: decorator
@external("expression", "changeCase")
declare function hostChangeCase(pointer: usize, length: u32, upper: i32, out: usize, room: u32): u32;

/** Writes the graphemes backwards: as many bytes. */
// @ts-ignore: decorator
@external("expression", "reverse")
declare function hostReverse(pointer: usize, length: u32, out: usize): void;

export function concatenate(a: u32, b: u32): u32 {
  if (a == 0) return b;
  if (b == 0) return a;
  beginText();
  putString(a);
  putString(b);
  return finishText();
}

function changeCase(id: u32, upper: bool): u32 {
  const pointer = stringPointer(id);
  const length = stringLength(id);
  beginText();
  let room = reserveText(length);
  const first: u32 = upper ? 97 : 65;
  let bits: u32 = 0;
  for (let at: u32 = 0; at < length; at++) {
    const byte = <u32>load<u8>(pointer + at);
    bits |= byte;
    store<u8>(room + at, byte - first < 26 ? byte ^ 0x20 : byte);
  }
  let bytes = length;
  if (bits > 127) {
    bytes = hostChangeCase(pointer, length, <i32>upper, room, textCapacity());
    if (bytes > textCapacity()) {
      room = reserveText(bytes);
      hostChangeCase(pointer, length, <i32>upper, room, textCapacity());
    }
  }
  setTextLength(bytes);
  return finishText();
}

export function lowerCase(id: u32): u32 {
  return changeCase(id, false);
}

export function upperCase(id: u32): u32 {
  return changeCase(id, true);
}

/** Grapheme by grapheme. */
export function reverseText(id: u32): u32 {
  const pointer = stringPointer(id);
  const length = stringLength(id);
  beginText();
  const out = reserveText(length);
  let bits: u32 = 0;
  for (let at: u32 = 0; at < length; at++) {
    const byte = <u32>load<u8>(pointer + at);
    bits |= byte;
    store<u8>(out + (length - 1 - at), byte);
  }
  if (bits > 127) hostReverse(pointer, length, out);
  setTextLength(length);
  return finishText();
}

export function repeatText(id: u32, count: i64): u32 {
  if (count <= 0) return 0;
  if (<f64>count * <f64>stringLength(id) > 67108864.0) fail(faultTooLong);
  beginText();
  if (stringLength(id) != 0) for (let i: i64 = 0; i < count; i++) putString(id);
  return finishText();
}

function putPadding(pad: u32, characters: i64): void {
  const pointer = stringPointer(pad);
  const length = stringLength(pad);
  if (characters > 0 && length == 0) fail(faultPadding);
  let left = characters;
  let at: u32 = 0;
  while (left > 0) {
    let end = at + 1;
    while (end < length && !startsCharacter(pointer + end)) end++;
    putBytes(pointer + at, end - at);
    at = end == length ? 0 : end;
    left--;
  }
}

export function padLeft(id: u32, count: i32, pad: u32): u32 {
  const characters = characterCount(id);
  if (<i64>count <= characters) return slice(id, 0, count);
  beginText();
  putPadding(pad, <i64>count - characters);
  putString(id);
  return finishText();
}

export function padRight(id: u32, count: i32, pad: u32): u32 {
  const characters = characterCount(id);
  if (<i64>count <= characters) return slice(id, 0, count);
  beginText();
  putString(id);
  putPadding(pad, <i64>count - characters);
  return finishText();
}

function isInSet(pointer: usize, length: u32, set: u32): bool {
  const setPointer = stringPointer(set);
  const setLength = stringLength(set);
  for (let at: u32 = 0; at < setLength; ) {
    let end = at + 1;
    while (end < setLength && !startsCharacter(setPointer + end)) end++;
    if (end - at == length && equalBytes(setPointer + at, pointer, length)) return true;
    at = end;
  }
  return false;
}

/** Removes code points of `set` from the start (side 1), the end (2) or both (3). */
export function trimSet(id: u32, set: u32, sides: i32): u32 {
  const pointer = stringPointer(id);
  const length = stringLength(id);
  let start: u32 = 0;
  let end = length;
  while ((sides & 1) != 0 && start < end) {
    let next = start + 1;
    while (next < end && !startsCharacter(pointer + next)) next++;
    if (!isInSet(pointer + start, next - start, set)) break;
    start = next;
  }
  while ((sides & 2) != 0 && end > start) {
    let last = end - 1;
    while (last > start && !startsCharacter(pointer + last)) last--;
    if (!isInSet(pointer + last, end - last, set)) break;
    end = last;
  }
  return start == 0 && end == length ? id : internString(pointer + start, end - start);
}

/** Code point of the first character. */
export function firstCodePoint(id: u32, ofNothing: i32): i32 {
  const pointer = stringPointer(id);
  if (stringLength(id) == 0) return ofNothing;
  const first = <i32>load<u8>(pointer);
  if (first < 0x80) return first;
  const second = <i32>load<u8>(pointer, 1) & 0x3f;
  if (first < 0xe0) return ((first & 0x1f) << 6) | second;
  const third = <i32>load<u8>(pointer, 2) & 0x3f;
  if (first < 0xf0) return ((first & 0x0f) << 12) | (second << 6) | third;
  return ((first & 0x07) << 18) | (second << 12) | (third << 6) | (<i32>load<u8>(pointer, 3) & 0x3f);
}

export function characterOf(codePoint: i32): u32 {
  if (codePoint < 0 || codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint < 0xe000)) fail(faultArgument);
  beginText();
  if (codePoint < 0x80) putByte(codePoint);
  else if (codePoint < 0x800) {
    putByte(0xc0 | (codePoint >> 6));
    putByte(0x80 | (codePoint & 0x3f));
  } else {
    if (codePoint < 0x10000) putByte(0xe0 | (codePoint >> 12));
    else {
      putByte(0xf0 | (codePoint >> 18));
      putByte(0x80 | ((codePoint >> 12) & 0x3f));
    }
    putByte(0x80 | ((codePoint >> 6) & 0x3f));
    putByte(0x80 | (codePoint & 0x3f));
  }
  return finishText();
}
