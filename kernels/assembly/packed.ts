import { allocate, release } from "./memory";
import { fail, faultTooLong } from "./fault";
import { internString, stringLength, stringPointer } from "./string-table";

/**
 * Nested values as bytes, which the string table keeps: equal bytes, equal ids. All numbers are little-endian and unaligned.
 *
 * LIST: count u32 | validity, one bit an element, whole bytes | elements: of a fixed width, one after another; else the end of each,
 * u32, counted from the first one's start, and then their bytes.
 * MAP: bytes of the key list u32 | LIST of keys | LIST of values.
 * STRUCT: validity, one bit a field, whole bytes | fields in turn: of a fixed width as they are; else length u32 and bytes.
 * A NULL is zeros of its width, or no bytes; unused bits are 0. Texts are their UTF-8. kernels/packed-value.ts is the definition.
 */

let start: usize = 0;
let capacity: u32 = 0;
let length: u32 = 0;

const packedBytesMax: u32 = 256 << 20;

/** Bytes written so far: where the next value starts. Values may be built inside another: the inner is finished first. */
export function packedEnd(): u32 {
  return length;
}

/** Room for `bytes` more, zeroed, counted as written; gives the address, good until the next call. */
export function extendPacked(bytes: u32): usize {
  const needed = <u64>length + <u64>bytes;
  if (needed > <u64>capacity) growPacked(needed);
  const at = start + length;
  memory.fill(at, 0, bytes);
  length += bytes;
  return at;
}

function growPacked(needed: u64): void {
  if (needed > <u64>packedBytesMax) fail(faultTooLong);
  let size: u32 = capacity == 0 ? 1024 : capacity;
  while (<u64>size < needed) size *= 2;
  const larger = allocate(size);
  if (length != 0) memory.copy(larger, start, length);
  if (start != 0) release(start, capacity);
  start = larger;
  capacity = size;
}

/** Id of the value that began at `from`. */
export function finishPacked(from: u32): u32 {
  const id = internString(start + from, length - from);
  length = from;
  return id;
}

export function putPackedBytes(pointer: usize, bytes: u32): void {
  const at = extendPacked(bytes);
  memory.copy(at, pointer, bytes);
}

/** The bytes of a text, or of a nested value. */
export function putPackedString(id: u32): void {
  const bytes = stringLength(id);
  putPackedBytes(stringPointer(id), bytes);
}

// @ts-ignore: decorator
@inline
function bitBytes(count: u32): u32 {
  return (count + 7) >> 3;
}

/** Begins a list of `count` elements, `width` bytes each, or of any length (0). Gives its place in the buffer. */
export function beginPackedList(count: u32, width: u32): u32 {
  const list = length;
  const bytes = 4 + <u64>bitBytes(count) + <u64>count * <u64>(width == 0 ? 4 : width);
  if (bytes > <u64>packedBytesMax) fail(faultTooLong);
  store<u32>(extendPacked(<u32>bytes), count);
  return list;
}

/** Says that element `i` is not NULL and, of a fixed width, where it goes. */
export function packedElement(list: u32, i: u32, width: u32): usize {
  const p = start + list;
  setBit(p + 4, i);
  return p + 4 + bitBytes(load<u32>(p)) + <usize>i * width;
}

/** Says that element `i`, of any length, ends here; NULLs too. */
export function endPackedElement(list: u32, i: u32): void {
  const p = start + list;
  const count = load<u32>(p);
  const ends = p + 4 + bitBytes(count);
  store<u32>(ends + (<usize>i << 2), <u32>(start + length - ends) - (count << 2));
}

// @ts-ignore: decorator
@inline
function setBit(bits: usize, i: u32): void {
  const at = bits + (<usize>i >> 3);
  store<u8>(at, load<u8>(at) | <u8>(<u32>1 << (i & 7)));
}

/** Begins a struct; gives its place. Fields follow in turn: `extendPacked` of a width, or a length, bytes and `endPackedField`. */
export function beginPackedStruct(fields: u32): u32 {
  const at = length;
  extendPacked(bitBytes(fields));
  return at;
}

export function setPackedField(struct: u32, k: u32): void {
  setBit(start + struct, k);
}

/** A field of any length that began, with 4 bytes for its length, at `field` ends here. A map's list of keys too. */
export function endPackedField(field: u32): void {
  store<u32>(start + field, length - field - 4);
}

// @ts-ignore: decorator
@inline
export function packedCount(list: usize): u32 {
  return load<u32>(list);
}

// @ts-ignore: decorator
@inline
export function packedBit(bits: usize, i: u32): bool {
  return ((<u32>load<u8>(bits + (<usize>i >> 3)) >> (i & 7)) & 1) != 0;
}

/** Element `i` is not NULL. */
// @ts-ignore: decorator
@inline
export function packedValid(list: usize, i: u32): bool {
  return packedBit(list + 4, i);
}

/** Where element `i`, of a fixed width, lies. */
// @ts-ignore: decorator
@inline
export function packedAt(list: usize, i: u32, width: u32): usize {
  return list + 4 + bitBytes(load<u32>(list)) + <usize>i * width;
}

/** Where element `i`, of any length, lies. */
export function packedBytesAt(list: usize, i: u32): usize {
  const count = load<u32>(list);
  const ends = list + 4 + bitBytes(count);
  return ends + (<usize>count << 2) + (i == 0 ? 0 : load<u32>(ends + (<usize>i << 2) - 4));
}

export function packedBytesLength(list: usize, i: u32): u32 {
  const ends = list + 4 + bitBytes(load<u32>(list));
  return load<u32>(ends + (<usize>i << 2)) - (i == 0 ? 0 : load<u32>(ends + (<usize>i << 2) - 4));
}

/** Id of element `i`, of any length, as a text or a nested value. */
export function packedText(list: usize, i: u32): u32 {
  return internString(packedBytesAt(list, i), packedBytesLength(list, i));
}

// @ts-ignore: decorator
@inline
export function packedKeys(map: usize): usize {
  return map + 4;
}

// @ts-ignore: decorator
@inline
export function packedValues(map: usize): usize {
  return map + 4 + <usize>load<u32>(map);
}

/** Id of the value of any length whose length and bytes are at `field`. */
export function packedField(field: usize): u32 {
  return internString(field + 4, load<u32>(field));
}

/** Where the bytes being written lie: for readers of what is not finished yet. */
export function packedPlace(position: u32): usize {
  return start + position;
}

/** Forgets what was written from `from` on. */
export function dropPacked(from: u32): void {
  length = from;
}
