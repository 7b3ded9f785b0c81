import { internString, stringLength, stringPointer } from "./string-table";
import { fail, faultTooLong } from "./fault";
import { allocate, release } from "./memory";

/** One text under construction; the string table copies it, so that the buffer is used again and again. */
let start: usize = 0;
let capacity: u32 = 0;
let length: u32 = 0;

/** Longest string that a query may build. */
const textBytesMax: u32 = 64 << 20;

export function beginText(): void {
  length = 0;
}

/** Room for `bytes` more; gives the address where they go. */
export function reserveText(bytes: u32): usize {
  const needed = <u64>length + <u64>bytes;
  if (needed > <u64>capacity) growText(needed);
  return start + length;
}

function growText(needed: u64): void {
  if (needed > <u64>textBytesMax) fail(faultTooLong);
  let size: u32 = capacity == 0 ? 256 : capacity;
  while (<u64>size < needed) size *= 2;
  const larger = allocate(size);
  if (length != 0) memory.copy(larger, start, length);
  if (start != 0) release(start, capacity);
  start = larger;
  capacity = size;
}

export function putByte(byte: i32): void {
  store<u8>(reserveText(1), byte);
  length += 1;
}

export function putBytes(pointer: usize, bytes: u32): void {
  memory.copy(reserveText(bytes), pointer, bytes);
  length += bytes;
}

export function putString(id: u32): void {
  putBytes(stringPointer(id), stringLength(id));
}

/** Two decimal digits. */
export function putTwoDigits(value: i32): void {
  putByte(48 + value / 10);
  putByte(48 + (value % 10));
}

export function putPadded(value: u32, digits: i32): void {
  let power: u32 = 1;
  for (let i = 1; i < digits; i++) power *= 10;
  for (; power > 0; power /= 10) putByte(48 + ((value / power) % 10));
}

export function textStart(): usize {
  return start;
}

export function textLength(): u32 {
  return length;
}

export function textCapacity(): u32 {
  return capacity;
}

export function setTextLength(bytes: u32): void {
  length = bytes;
}

export function finishText(): u32 {
  return internString(start, length);
}
