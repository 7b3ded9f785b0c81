/**
 * The names of an object's fields. Messages repeat one another: after a name that was met, the one that came next the last time is
 * looked for first, as 16 or 32 bytes compared at once. Names that no column has are learned too, counted, and bounded.
 *
 * Entry, 128 bytes: `"name":` as two vectors, each followed by its mask (the second pair at 32); 64 its length, 68 field, 72 entry
 * looked for next, 76 name's address, 80 name's length, 88 times met (u64), 96 hash.
 */
import { allocate, allocateZeroed } from "../memory";
import { hashBytes } from "../hash";
import { equalBytes } from "../string-table";
import { isUtf8 } from "../utf8";
import { expectPairs, halfPair, hasEscapes, highBits, skipBlanks, skipString } from "./scan";
import { textAddress, textLength, unescape } from "./text";

/** Field of an entry whose name no column has. */
export const unknownField: u32 = 0xffff;
const unknownNamesMax: u32 = 512;
const unknownNameBytesMax: u32 = 256;
const journalMax: u32 = 256;
const entryShift: u32 = 7;
const nameSlack: u32 = 32;

/** Entries: `first` (where an object begins), `others` (unknown names beyond the bound), then columns, then unknown names. */
let entries: usize = 0;
let count: u32 = 0;
let columns: u32 = 0;
let slots: usize = 0;
let slotMask: u32 = 0;
/** Entries of unknown names met in the object at hand, so that a rejected one counts nothing. */
const journal: usize = memory.data(256 * 4, 16);
let journaled: u32 = 0;

// @ts-ignore: decorator
@inline
function entryAt(index: u32): usize {
  return entries + (<usize>index << entryShift);
}

/** Before any name; `names` is the number of columns to come. */
export function initialiseKeys(names: u32): void {
  const most = names + unknownNamesMax + 2;
  entries = allocateZeroed(most << entryShift);
  columns = names;
  slotMask = 255;
  while (slotMask < most * 2) slotMask = slotMask * 2 + 1;
  slots = allocateZeroed((slotMask + 1) << 2);
  count = 2;
  for (let index: u32 = 0; index < 2; index++) {
    const entry = entryAt(index);
    store<u8>(entry, 1);
    store<u32>(entry, unknownField, 68);
    store<u32>(entry, <u32>entryAt(1), 72);
  }
}

// @ts-ignore: decorator
@inline
export function firstKey(): usize {
  return entries;
}

/** Field `field` has this name. `chained`: it is looked for after the one added before. */
export function addKey(name: usize, length: u32, field: u32, chained: bool): usize {
  const entry = entryAt(count);
  const before = chained ? (count == 2 ? entries : entryAt(count - 1)) : 0;
  count++;
  const copy = allocate(length + nameSlack);
  memory.copy(copy, name, length);
  store<u32>(entry, field, 68);
  store<u32>(entry, <u32>entryAt(1), 72);
  store<u32>(entry, <u32>copy, 76);
  store<u32>(entry, length, 80);
  const hash = <u32>(hashBytes(copy, length) >> 32);
  store<u32>(entry, hash, 96);
  if (isPlain(copy, length)) writeLiteral(entry, copy, length);
  else store<u8>(entry, 1);
  let slot = hash & slotMask;
  while (load<u32>(slots + (<usize>slot << 2)) != 0) slot = (slot + 1) & slotMask;
  store<u32>(slots + (<usize>slot << 2), <u32>entry);
  if (before != 0) store<u32>(before, <u32>entry, 72);
  return entry;
}

/** A name with a quote, a backslash or a control character never stands in JSON as it is. */
function isPlain(name: usize, length: u32): bool {
  for (let i: usize = 0; i < length; i++) {
    const byte = load<u8>(name + i);
    if (byte < 32 || byte == 34 || byte == 92) return false;
  }
  return true;
}

/** The first 32 bytes of `"name":` and their masks. */
function writeLiteral(entry: usize, name: usize, length: u32): void {
  const whole = length + 3;
  store<u32>(entry, whole, 64);
  for (let i: u32 = 0; i < min<u32>(whole, 32); i++) {
    const byte: u8 = i == 0 || i == length + 1 ? 34 : i == length + 2 ? 58 : load<u8>(name + i - 1);
    const at = entry + i + (i & 16);
    store<u8>(at, byte);
    store<u8>(at, 0xff, 16);
  }
}

/** Whether the name at `p`, whose first 16 bytes are the entry's, is the entry's to its colon. */
export function matchesRest(entry: usize, p: usize): bool {
  const bytes = v128.load(p, 16);
  if (v128.any_true(v128.xor(v128.and(bytes, v128.load(entry, 48)), v128.load(entry, 32)))) return false;
  const length = load<u32>(entry, 64);
  if (length <= 32) return true;
  const name = <usize>load<u32>(entry, 76);
  if (length > 34 && !equalBytes(p + 32, name + 31, length - 34)) return false;
  return load<u16>(p + length - 2) == 0x3a22;
}

/** Position after the colon of the name found last. */
export let afterKey: usize = 0;

/** The entry of the name at `p`, looked for after `previous` the next time; 0 when no name and colon stand there. */
export function findKey(p: usize, end: usize, previous: usize): usize {
  if (load<u8>(p) != 34) return 0;
  expectPairs();
  let q = skipString(p + 1, end);
  if (q == 0) return 0;
  let name = p + 1;
  let length = <u32>(q - p - 2);
  if (hasEscapes) {
    unescape(p + 1, q - 1);
    name = textAddress;
    length = textLength;
  }
  q = skipBlanks(q, end);
  if (load<u8>(q) != 58) return 0;
  afterKey = q + 1;
  const entry = halfPair ? entryAt(1) : lookUp(name, length);
  if (entry != entryAt(1)) store<u32>(previous, <u32>entry, 72);
  return entry;
}

function lookUp(name: usize, length: u32): usize {
  const hash = <u32>(hashBytes(name, length) >> 32);
  for (let slot = hash & slotMask; ; slot = (slot + 1) & slotMask) {
    const entry = <usize>load<u32>(slots + (<usize>slot << 2));
    if (entry == 0) break;
    if (load<u32>(entry, 96) == hash && load<u32>(entry, 80) == length && equalBytes(<usize>load<u32>(entry, 76), name, length)) {
      return entry;
    }
  }
  const room = count < columns + unknownNamesMax + 2 && length <= unknownNameBytesMax;
  if (!room || (highBits != 0 && !isUtf8(name, name + length))) return entryAt(1);
  return addKey(name, length, unknownField, false);
}

// @ts-ignore: decorator
@inline
export function beginObject(): void {
  journaled = 0;
}

// @ts-ignore: decorator
@inline
export function countUnknown(entry: usize): void {
  store<u64>(entry, load<u64>(entry, 88) + 1, 88);
  if (journaled == journalMax) return;
  store<u32>(journal + (<usize>journaled << 2), <u32>entry);
  journaled++;
}

/** Takes back what the object at hand has counted. */
export function uncountUnknown(): void {
  for (let i: u32 = 0; i < journaled; i++) {
    const entry = <usize>load<u32>(journal + (<usize>i << 2));
    store<u64>(entry, load<u64>(entry, 88) - 1, 88);
  }
}

/** Unknown names that were learned; the one of number -1 stands for all others. */
export function unknownNames(): u32 {
  return count - columns - 2;
}

// @ts-ignore: decorator
@inline
function unknownEntry(index: i32): usize {
  return index < 0 ? entryAt(1) : entryAt(<u32>index + columns + 2);
}

export function unknownName(index: i32): usize {
  return <usize>load<u32>(unknownEntry(index), 76);
}

export function unknownLength(index: i32): u32 {
  return load<u32>(unknownEntry(index), 80);
}

export function unknownTimes(index: i32): f64 {
  return <f64>load<u64>(unknownEntry(index), 88);
}
