import { findBytes } from "./search-text";
import { internString, stringLength, stringPointer } from "./string-table";
import { characterCount, offsetOf } from "./substring";

/** Part `index` (from 1, negative from the end) between separators; '' outside. An empty separator splits between code points. */
export function splitPart(id: u32, separator: u32, index: i64): u32 {
  return splitAt(id, separator, index) ? internString(partStart, partLength) : 0;
}

let partStart: usize = 0;
let partLength: u32 = 0;

export function partCount(id: u32, separator: u32): i64 {
  const pointer = stringPointer(id);
  const length = stringLength(id);
  const width = stringLength(separator);
  if (width == 0) return characterCount(id);
  let count: i64 = 1;
  let at = findBytes(pointer, length, stringPointer(separator), width, 0);
  while (at >= 0) {
    count++;
    at = findBytes(pointer, length, stringPointer(separator), width, <u32>at + width);
  }
  return count;
}

/** Finds a part; false when there is none. `foundPart` interns it. */
export function splitAt(id: u32, separator: u32, index: i64): bool {
  const wanted = index < 0 ? partCount(id, separator) + index : index - 1;
  if (wanted < 0 || index == 0) return false;
  const pointer = stringPointer(id);
  const length = stringLength(id);
  const width = stringLength(separator);
  if (width == 0) {
    const start = offsetOf(pointer, length, wanted);
    if (start == length) return false;
    partStart = pointer + start;
    partLength = offsetOf(pointer + start, length - start, 1);
    return true;
  }
  let start: u32 = 0;
  let part: i64 = 0;
  while (true) {
    const at = findBytes(pointer, length, stringPointer(separator), width, start);
    if (part == wanted) {
      partStart = pointer + start;
      partLength = (at < 0 ? length : <u32>at) - start;
      return true;
    }
    if (at < 0) return false;
    start = <u32>at + width;
    part++;
  }
}

export function foundPart(): u32 {
  return internString(partStart, partLength);
}

/** What `splitAt` is without a separator: the text is its only part. */
export function splitWhole(id: u32, index: i64): bool {
  partStart = stringPointer(id);
  partLength = stringLength(id);
  return index == 1 || index == -1;
}
