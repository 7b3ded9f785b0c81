import { allocate, allocateZeroed, release } from "./memory";
import { hashBytes } from "./hash";

/**
 * The strings of one module: each distinct one once, known by a dense u32 id that stays the same while the string lives. Ids that
 * nothing refers to are found by mark and sweep (`collectionDue`, `beginMarking`, `markString`, `sweepStrings`) and used again.
 * Bytes lie in chunks, so that pointers live until the next sweep. Id 0 is ''.
 */

/** Entry: pointer, length, hash, next free id. */
const entryBytes: u32 = 16;
const chunkBytes: u32 = 256 << 10;
/** Readers of 16 bytes at a time may go past the end of a string. */
const chunkPadding: u32 = 16;
const collectionBytesMin: u32 = 4 << 20;
const bookkeepingBytes: u32 = 32;

// entries, entryCapacity, entryCount, freeHead | slots, slotBits, live, dueBytes | chunk, chunkUsed, bytes, marks | scratch, scratchBytes, marksBytes, pinned | sweeps
const state: usize = memory.data(80, 16);

export function initialiseStrings(): void {
  store<u32>(state, <u32>allocate(64 * entryBytes));
  store<u32>(state, 64, 4);
  store<u32>(state, <u32>allocateZeroed(128 * 8), 16);
  store<u32>(state, 7, 20);
  store<u32>(state, collectionBytesMin, 28);
  internString(0, 0);
}

// @ts-ignore: decorator
@inline
function entryOf(id: u32): usize {
  return <usize>load<u32>(state) + (<usize>id << 4);
}

// @ts-ignore: decorator
@inline
export function stringPointer(id: u32): usize {
  return <usize>load<u32>(entryOf(id));
}

// @ts-ignore: decorator
@inline
export function stringLength(id: u32): u32 {
  return load<u32>(entryOf(id), 4);
}

export function equalBytes(a: usize, b: usize, length: u32): bool {
  let i: usize = 0;
  const whole = <usize>length & ~(<usize>15);
  for (; i < whole; i += 16) {
    if (v128.any_true(v128.xor(v128.load(a + i), v128.load(b + i)))) return false;
  }
  for (; i + 8 <= <usize>length; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  for (; i < <usize>length; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}

/** -1, 0 or 1 by bytes, the shorter first: DuckDB's order of text. */
export function compareStrings(a: u32, b: u32): i32 {
  if (a == b) return 0;
  const lengthA = stringLength(a);
  const lengthB = stringLength(b);
  const order = memory.compare(stringPointer(a), stringPointer(b), <usize>min<u32>(lengthA, lengthB));
  if (order != 0) return order < 0 ? -1 : 1;
  return lengthA < lengthB ? -1 : lengthA == lengthB ? 0 : 1;
}

/** Room for one string being made; dies at the next call. */
export function reserveScratch(bytes: u32): usize {
  const have = load<u32>(state, 52);
  if (bytes + chunkPadding <= have) return <usize>load<u32>(state, 48);
  if (have != 0) release(<usize>load<u32>(state, 48), have);
  const size = max<u32>(1024, bytes + (bytes >> 1) + chunkPadding);
  const scratch = allocate(size);
  store<u32>(state, <u32>scratch, 48);
  store<u32>(state, size, 52);
  return scratch;
}

/** Chunk: next chunk, its bytes; strings follow. */
function reserveBytes(length: u32): usize {
  const used = load<u32>(state, 36);
  const chunk = <usize>load<u32>(state, 32);
  if (chunk != 0 && <u64>used + length + chunkPadding <= <u64>load<u32>(chunk, 4)) {
    store<u32>(state, used + length, 36);
    return chunk + used;
  }
  const size = max<u32>(chunkBytes, length + 8 + chunkPadding);
  const fresh = allocate(size);
  store<u32>(fresh, <u32>chunk);
  store<u32>(fresh, size, 4);
  store<u32>(state, <u32>fresh, 32);
  store<u32>(state, 8 + length, 36);
  return fresh + 8;
}

function newId(): u32 {
  const free = load<u32>(state, 12);
  if (free != 0) {
    store<u32>(state, load<u32>(entryOf(free), 12), 12);
    return free;
  }
  const count = load<u32>(state, 8);
  const capacity = load<u32>(state, 4);
  if (count == capacity) {
    const larger = allocate(capacity * 2 * entryBytes);
    const old = <usize>load<u32>(state);
    memory.copy(larger, old, <usize>capacity * entryBytes);
    release(old, capacity * entryBytes);
    store<u32>(state, <u32>larger);
    store<u32>(state, capacity * 2, 4);
  }
  store<u32>(state, count + 1, 8);
  return count;
}

function place(slots: usize, bits: u32, hash: u32, id: u32): void {
  const mask = (<u32>1 << bits) - 1;
  let s = hash >> (32 - bits);
  while (load<u32>(slots + (<usize>s << 3), 4) != 0) s = (s + 1) & mask;
  store<u32>(slots + (<usize>s << 3), hash);
  store<u32>(slots + (<usize>s << 3), id + 1, 4);
}

function growSlots(): void {
  const bits = load<u32>(state, 20);
  const old = <usize>load<u32>(state, 16);
  const larger = allocateZeroed(<u32>16 << bits);
  for (let p = old; p < old + (<usize>8 << bits); p += 8) {
    if (load<u32>(p, 4) != 0) place(larger, bits + 1, load<u32>(p), load<u32>(p, 4) - 1);
  }
  release(old, <u32>8 << bits);
  store<u32>(state, <u32>larger, 16);
  store<u32>(state, bits + 1, 20);
}

/** Id of the string at `pointer` (copied when new). The bytes may lie in the table itself. */
export function internString(pointer: usize, length: u32): u32 {
  return internHashed(pointer, length, hashString(pointer, length));
}

// @ts-ignore: decorator
@inline
export function hashString(pointer: usize, length: u32): u32 {
  return <u32>(hashBytes(pointer, length) >> 32);
}

/** What the table has at the hash's place: read ahead, it is at hand when the string comes. */
// @ts-ignore: decorator
@inline
export function touchHash(hash: u32): u64 {
  return load<u64>(<usize>load<u32>(state, 16) + (<usize>(hash >> (32 - load<u32>(state, 20))) << 3));
}

/** As `internString`, of a string whose hash is known. */
export function internHashed(pointer: usize, length: u32, hash: u32): u32 {
  const bits = load<u32>(state, 20);
  const mask = (<u32>1 << bits) - 1;
  const slots = <usize>load<u32>(state, 16);
  for (let s = hash >> (32 - bits); ; s = (s + 1) & mask) {
    const slot = slots + (<usize>s << 3);
    const known = load<u32>(slot, 4);
    if (known == 0) break;
    if (load<u32>(slot) != hash) continue;
    const entry = entryOf(known - 1);
    if (load<u32>(entry, 4) == length && equalBytes(<usize>load<u32>(entry), pointer, length)) return known - 1;
  }
  return addString(pointer, length, hash);
}

function addString(pointer: usize, length: u32, hash: u32): u32 {
  const bytes = reserveBytes(length);
  memory.copy(bytes, pointer, length);
  const id = newId();
  const entry = entryOf(id);
  store<u32>(entry, <u32>bytes);
  store<u32>(entry, length, 4);
  store<u32>(entry, hash, 8);
  store<u32>(entry, 0, 12);
  const live = load<u32>(state, 24) + 1;
  store<u32>(state, live, 24);
  store<u32>(state, load<u32>(state, 40) + length + bookkeepingBytes, 40);
  const bits = load<u32>(state, 20);
  if (live * 3 > <u32>2 << bits) growSlots();
  place(<usize>load<u32>(state, 16), load<u32>(state, 20), hash, id);
  return id;
}

/** Ids below this have been given out. */
export function stringCount(): u32 {
  return load<u32>(state, 8);
}

export function liveStrings(): u32 {
  return load<u32>(state, 24);
}

/** Grows with each sweep: whoever keeps ids by himself must forget them when it has changed. */
// @ts-ignore: decorator
@inline
export function sweepGeneration(): u32 {
  return load<u32>(state, 64);
}

export function collectionDue(): bool {
  return load<u32>(state, 40) > load<u32>(state, 28);
}

function marksSize(): u32 {
  return ((load<u32>(state, 8) + 31) >> 5) << 2;
}

/** Constants are made first, and stay: ids below the count at this call are never collected. */
export function pinStrings(): void {
  store<u32>(state, load<u32>(state, 8), 60);
}

export function beginMarking(): void {
  const size = marksSize();
  store<u32>(state, <u32>allocateZeroed(size), 44);
  store<u32>(state, size, 56);
  const pinned = load<u32>(state, 60);
  for (let id: u32 = 0; id < pinned; id++) markString(id);
}

// @ts-ignore: decorator
@inline
export function markString(id: u32): void {
  const word = <usize>load<u32>(state, 44) + ((<usize>id >> 5) << 2);
  store<u32>(word, load<u32>(word) | (<u32>1 << (id & 31)));
}

// @ts-ignore: decorator
@inline
function marked(id: u32): bool {
  return ((load<u32>(<usize>load<u32>(state, 44) + ((<usize>id >> 5) << 2)) >> (id & 31)) & 1) != 0;
}

/** Forgets translations to strings that are about to go: they become unknown (all ones) again. */
export function sweepTranslation(ids: usize, count: u32): void {
  for (let p = ids; p < ids + (<usize>count << 2); p += 4) {
    const id = load<u32>(p);
    if (id != 0xffffffff && !marked(id)) store<u32>(p, 0xffffffff);
  }
}

/** Frees what is not marked: live strings move to new chunks. Returns how many went. */
export function sweepStrings(): u32 {
  store<u32>(state, load<u32>(state, 64) + 1, 64);
  const count = load<u32>(state, 8);
  const slots = <usize>load<u32>(state, 16);
  const bits = load<u32>(state, 20);
  let chunk = <usize>load<u32>(state, 32);
  memory.fill(slots, 0, <usize>8 << bits);
  store<u32>(state, 0, 32);
  store<u32>(state, 0, 36);
  store<u32>(state, 0, 12);
  let bytes: u32 = 0;
  let live: u32 = 0;
  for (let id: u32 = count - 1; id + 1 != 0; id--) {
    const entry = entryOf(id);
    if (!marked(id)) {
      store<u32>(entry, load<u32>(state, 12), 12);
      store<u32>(entry, 0, 4);
      store<u32>(state, id, 12);
      continue;
    }
    const length = load<u32>(entry, 4);
    const moved = reserveBytes(length);
    memory.copy(moved, <usize>load<u32>(entry), length);
    store<u32>(entry, <u32>moved);
    bytes += length + bookkeepingBytes;
    place(slots, bits, load<u32>(entry, 8), id);
    live++;
  }
  while (chunk != 0) {
    const next = <usize>load<u32>(chunk);
    release(chunk, load<u32>(chunk, 4));
    chunk = next;
  }
  const gone = load<u32>(state, 24) - live;
  store<u32>(state, live, 24);
  store<u32>(state, bytes, 40);
  store<u32>(state, max<u32>(collectionBytesMin, bytes < 0x40000000 ? bytes * 2 : bytes + 0x20000000), 28);
  release(<usize>load<u32>(state, 44), load<u32>(state, 56));
  return gone;
}
