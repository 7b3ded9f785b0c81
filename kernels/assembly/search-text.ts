import { equalBytes, stringLength, stringPointer } from "./string-table";
import { startsCharacter } from "./substring";
import { beginText, finishText, putBytes, putString } from "./text-builder";

/** First byte at or after `from` where the needle stands, or -1. */
export function findBytes(pointer: usize, length: u32, needle: usize, needleLength: u32, from: u32): i32 {
  if (needleLength == 0) return <i32>from;
  if (needleLength > length) return -1;
  const first = load<u8>(needle);
  const last = length - needleLength;
  for (let at = from; at <= last; at++) {
    if (load<u8>(pointer + at) == first && equalBytes(pointer + at, needle, needleLength)) return <i32>at;
  }
  return -1;
}

export function containsText(id: u32, needle: u32): bool {
  return findBytes(stringPointer(id), stringLength(id), stringPointer(needle), stringLength(needle), 0) >= 0;
}

export function startsWith(id: u32, prefix: u32): bool {
  const length = stringLength(prefix);
  return length <= stringLength(id) && equalBytes(stringPointer(id), stringPointer(prefix), length);
}

export function endsWith(id: u32, suffix: u32): bool {
  const length = stringLength(suffix);
  const whole = stringLength(id);
  return length <= whole && equalBytes(stringPointer(id) + (whole - length), stringPointer(suffix), length);
}

/** Position in code points from 1, 0 when absent. */
export function findPosition(id: u32, needle: u32): i64 {
  const pointer = stringPointer(id);
  const at = findBytes(pointer, stringLength(id), stringPointer(needle), stringLength(needle), 0);
  if (at < 0) return 0;
  let characters: i64 = 1;
  for (let p = pointer; p < pointer + at; p++) characters += <i64>startsCharacter(p);
  return characters;
}

export function replaceText(id: u32, from: u32, to: u32): u32 {
  const needleLength = stringLength(from);
  const pointer = stringPointer(id);
  const length = stringLength(id);
  if (needleLength == 0) return id;
  let at = findBytes(pointer, length, stringPointer(from), needleLength, 0);
  if (at < 0) return id;
  beginText();
  let done: u32 = 0;
  while (at >= 0) {
    putBytes(pointer + done, <u32>at - done);
    putString(to);
    done = <u32>at + needleLength;
    at = done > length ? -1 : findBytes(pointer, length, stringPointer(from), needleLength, done);
  }
  putBytes(pointer + done, length - done);
  return finishText();
}
