/**
 * Dictionaries in Arrow layout: strings with dense codes, entry i at bytes[offsets[i] .. offsets[i + 1]). A dictionary is 64 bytes of
 * the caller's: slots, bits, count, offsets, offset capacity, bytes, bytes capacity. Slot: the first 16 bytes, length, code + 1, hash.
 */
import { allocate, allocateZeroed, release } from "./memory";
import { hashBytes } from "./hash";
import { equalBytes } from "./string-table";

const slotShift: u32 = 5;
const bitsMin: u32 = 7;
const bytesMin: u32 = 2048;
/** Readers of 16 bytes at a time may go past the end. */
const slack: u32 = 16;

/** mask[n]: the first n bytes, for n up to 16. */
const masks: usize = memory.data(17 * 16, 16);

export function initialiseMasks(): void {
  for (let n: usize = 0; n <= 16; n++) memory.fill(masks + (n << 4), 0xff, n);
}

// @ts-ignore: decorator
@inline
export function firstBytes(at: usize, length: u32): v128 {
  return v128.and(v128.load(at), v128.load(masks + (<usize>min<u32>(length, 16) << 4)));
}

/** Empties it. */
export function resetDictionary(dictionary: usize): void {
  const slots = <usize>load<u32>(dictionary);
  if (slots != 0) {
    release(slots, <u32>1 << (load<u32>(dictionary, 4) + slotShift));
    release(<usize>load<u32>(dictionary, 12), load<u32>(dictionary, 16));
    release(<usize>load<u32>(dictionary, 20), load<u32>(dictionary, 24));
  }
  store<u32>(dictionary, <u32>allocateZeroed(<u32>1 << (bitsMin + slotShift)));
  store<u32>(dictionary, bitsMin, 4);
  store<u32>(dictionary, 0, 8);
  store<u32>(dictionary, <u32>allocateZeroed(4 << bitsMin), 12);
  store<u32>(dictionary, 4 << bitsMin, 16);
  store<u32>(dictionary, <u32>allocate(bytesMin), 20);
  store<u32>(dictionary, bytesMin, 24);
}

// @ts-ignore: decorator
@inline
function shortHash(bytes: v128, length: u32, secret: u64): u32 {
  const a = <u64>i64x2.extract_lane(bytes, 0) ^ secret;
  const b = <u64>i64x2.extract_lane(bytes, 1) ^ ((<u64>length) << 56);
  let hash = (a ^ (a >> 32)) * 0x9fb21c651e98df25;
  hash = (rotl<u64>(hash, 32) ^ b ^ (hash >> 29)) * 0xd6e8feb86659fd93;
  return <u32>((hash ^ (hash >> 27)) >> 16) * <u32>(secret >> 31 | 1);
}

let secretWord: u64 = 0;

export function seedDictionaries(secret: u64): void {
  secretWord = secret;
}

/** Code of the string at `at`, added if new. 16 bytes from `at` can be read whatever the length. */
// @ts-ignore: decorator
@inline
export function dictionaryCode(dictionary: usize, at: usize, length: u32): u32 {
  return length > 16 ? longCode(dictionary, at, length) : shortCode(dictionary, firstBytes(at, length), at, length);
}

/** `bytes`: all of the string, zeros after it. */
export function shortCode(dictionary: usize, bytes: v128, at: usize, length: u32): u32 {
  const bits = load<u32>(dictionary, 4);
  const mask = ((<u32>1) << bits) - 1;
  const slots = <usize>load<u32>(dictionary);
  const hash = shortHash(bytes, length, secretWord);
  let s = hash >> (32 - bits);
  while (true) {
    const slot = slots + (<usize>s << slotShift);
    const known = load<u32>(slot, 20);
    if (known == 0) return addEntry(dictionary, slot, bytes, at, length, hash);
    if (load<u32>(slot, 16) == length && !v128.any_true(v128.xor(v128.load(slot), bytes))) return known - 1;
    s = (s + 1) & mask;
  }
}

function longCode(dictionary: usize, at: usize, length: u32): u32 {
  const bits = load<u32>(dictionary, 4);
  const mask = ((<u32>1) << bits) - 1;
  const slots = <usize>load<u32>(dictionary);
  const bytes = v128.load(at);
  const hash = <u32>(hashBytes(at, length) >> 32);
  let s = hash >> (32 - bits);
  while (true) {
    const slot = slots + (<usize>s << slotShift);
    const known = load<u32>(slot, 20);
    if (known == 0) return addEntry(dictionary, slot, bytes, at, length, hash);
    const alike = load<u32>(slot, 24) == hash && load<u32>(slot, 16) == length;
    if (alike && equalBytes(entryAddress(dictionary, known - 1), at, length)) return known - 1;
    s = (s + 1) & mask;
  }
}

// @ts-ignore: decorator
@inline
function entryAddress(dictionary: usize, code: u32): usize {
  return <usize>load<u32>(dictionary, 20) + load<u32>(<usize>load<u32>(dictionary, 12) + (<usize>code << 2));
}

/** Code of the string, or -1; adds nothing. */
export function findCode(dictionary: usize, at: usize, length: u32): i32 {
  const bits = load<u32>(dictionary, 4);
  const mask = ((<u32>1) << bits) - 1;
  const bytes = firstBytes(at, length);
  const hash = length > 16 ? <u32>(hashBytes(at, length) >> 32) : shortHash(bytes, length, secretWord);
  let s = hash >> (32 - bits);
  while (true) {
    const slot = <usize>load<u32>(dictionary) + (<usize>s << slotShift);
    const known = load<u32>(slot, 20);
    if (known == 0) return -1;
    const alike = load<u32>(slot, 24) == hash && load<u32>(slot, 16) == length;
    if (alike && equalBytes(entryAddress(dictionary, known - 1), at, length)) return <i32>known - 1;
    s = (s + 1) & mask;
  }
}

function addEntry(dictionary: usize, slot: usize, bytes: v128, at: usize, length: u32, hash: u32): u32 {
  const code = load<u32>(dictionary, 8);
  const offsets = reserveOffset(dictionary, code);
  const start = load<u32>(offsets + (<usize>code << 2));
  const to = reserveBytes(dictionary, start, length);
  memory.copy(to + start, at, length);
  store<u32>(offsets + (<usize>code << 2), start + length, 4);
  store<v128>(slot, bytes);
  store<u32>(slot, length, 16);
  store<u32>(slot, code + 1, 20);
  store<u32>(slot, hash, 24);
  store<u32>(dictionary, code + 1, 8);
  if ((code + 1) << 1 > <u32>1 << load<u32>(dictionary, 4)) growSlots(dictionary);
  return code;
}

/** The offsets, with room for the end of entry `code`. */
function reserveOffset(dictionary: usize, code: u32): usize {
  const offsets = <usize>load<u32>(dictionary, 12);
  const have = load<u32>(dictionary, 16);
  if ((code + 2) << 2 <= have) return offsets;
  const larger = allocate(have * 2);
  memory.copy(larger, offsets, have);
  release(offsets, have);
  store<u32>(dictionary, <u32>larger, 12);
  store<u32>(dictionary, have * 2, 16);
  return larger;
}

function reserveBytes(dictionary: usize, used: u32, more: u32): usize {
  const bytes = <usize>load<u32>(dictionary, 20);
  const have = load<u32>(dictionary, 24);
  if (used + more + slack <= have) return bytes;
  const size = max<u32>(have * 2, used + more + slack);
  const larger = allocate(size);
  memory.copy(larger, bytes, used);
  release(bytes, have);
  store<u32>(dictionary, <u32>larger, 20);
  store<u32>(dictionary, size, 24);
  return larger;
}

function growSlots(dictionary: usize): void {
  const bits = load<u32>(dictionary, 4);
  const old = <usize>load<u32>(dictionary);
  const oldEnd = old + (<usize>1 << (bits + slotShift));
  const larger = allocateZeroed(<u32>1 << (bits + 1 + slotShift));
  const mask = (<u32>2 << bits) - 1;
  for (let from = old; from < oldEnd; from += 32) {
    if (load<u32>(from, 20) == 0) continue;
    let s = load<u32>(from, 24) >> (31 - bits);
    while (load<u32>(larger + (<usize>s << slotShift), 20) != 0) s = (s + 1) & mask;
    const to = larger + (<usize>s << slotShift);
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
  }
  release(old, <u32>1 << (bits + slotShift));
  store<u32>(dictionary, <u32>larger);
  store<u32>(dictionary, bits + 1, 4);
}
