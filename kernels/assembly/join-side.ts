import { allocate, allocateZeroed, release } from "./memory";
import { heapBytes, pushHeap } from "./expiry-heap";

/**
 * The rows that one side of a join keeps, by key. A table of {chunk u32, tag u32} (tag: the high half of the key's hash; its high
 * bits are the place) leads to the key's newest chunk: the key once, then rows one after another. Rows are never unlinked: one whose
 * expiry the watermark has reached is dead; a sweep, a part of it with each batch, copies the living into fresh segments, key by key,
 * and frees the old ones.
 *
 * Side: table u32, bits u32, keys u32, keysMax u32 | segment u32, fresh u32, end u32, held u32 | living u32 (bytes that the last
 * sweep has moved), old u32, cursor u32, rows u32 | rowBytes u32, keyBytes u32, heap {u32 x 4} at 56 | watermark i64 at 72, oldest i64 at 80, oldestUntil i64 at 88,
 * soonest i64 at 96: no row expires before.
 * Chunk: older chunk u32, used u8, capacity u8, next u16 (of a full chunk, the row to be overwritten next, when it is dead), key, rows. Row: expiry i64, matches u32 (top bit: taken back; all ones: moved, to
 * the address at 0), floor u32 (kernels/assembly/join-floor.ts), columns.
 */
export const sideBytes: u32 = 104;
export const bitsMin: u32 = 6;
const segmentBytes: u32 = 64 << 10;
const chunkRowsMax: u32 = 16;
export const moved: u32 = 0xffffffff;
export const takenBack: u32 = 0x80000000;
const heapAt: usize = 56;

export function initialiseSide(side: usize, rowBytes: u32, keyBytes: u32): void {
  store<u32>(side, <u32>allocateZeroed(<u32>8 << bitsMin));
  store<u32>(side, bitsMin, 4);
  store<u32>(side, (<u32>1 << bitsMin) >> 1, 12);
  store<u32>(side, rowBytes, 48);
  store<u32>(side, keyBytes, 52);
  store<i64>(side, i64.MIN_VALUE, 72);
  store<i64>(side, i64.MAX_VALUE, 80);
  store<i64>(side, i64.MIN_VALUE, 88);
  store<i64>(side, i64.MAX_VALUE, 96);
}

// @ts-ignore: decorator
@inline
export function sideTable(side: usize): usize {
  return <usize>load<u32>(side);
}

/** How far a tag is shifted to become a place in the table. */
// @ts-ignore: decorator
@inline
export function sideShift(side: usize): u32 {
  return 32 - load<u32>(side, 4);
}

// @ts-ignore: decorator
@inline
export function sideMask(side: usize): usize {
  return (<usize>8 << load<u32>(side, 4)) - 8;
}

// @ts-ignore: decorator
@inline
export function sideHeap(side: usize): usize {
  return side + heapAt;
}

// @ts-ignore: decorator
@inline
export function sideWatermark(side: usize): i64 {
  return load<i64>(side, 72);
}

export function sideRows(side: usize): f64 {
  return <f64>load<u32>(side, 44);
}

export function sideBytesHeld(side: usize): f64 {
  return <f64>load<u32>(side, 28) + <f64>(<u64>8 << <u64>load<u32>(side, 4)) + <f64>heapBytes(sideHeap(side));
}

/** The soonest that a row expires. */
// @ts-ignore: decorator
@inline
export function sideSoonest(side: usize): i64 {
  return load<i64>(side, 96);
}

// @ts-ignore: decorator
@inline
export function setSideSoonest(side: usize, soonest: i64): void {
  store<i64>(side, soonest, 96);
}

/** Address of row 0 of a chunk. */
// @ts-ignore: decorator
@inline
export function rowsOf(chunk: usize, keyBytes: u32): usize {
  return chunk + 8 + keyBytes;
}

export function addChunk(side: usize, older: usize, capacity: u32): usize {
  const bytes = 8 + load<u32>(side, 52) + capacity * load<u32>(side, 48);
  let chunk = <usize>load<u32>(side, 20);
  if (chunk + bytes > <usize>load<u32>(side, 24)) {
    const size = max<u32>(segmentBytes, bytes + 8);
    const segment = allocate(size);
    store<u32>(segment, load<u32>(side, 16));
    store<u32>(segment, size, 4);
    store<u32>(side, <u32>segment, 16);
    store<u32>(side, <u32>segment + size, 24);
    store<u32>(side, load<u32>(side, 28) + size, 28);
    chunk = segment + 8;
  }
  store<u32>(side, <u32>chunk + bytes, 20);
  store<u32>(chunk, <u32>older);
  store<u32>(chunk, capacity << 8, 4);
  return chunk;
}

// @ts-ignore: decorator
@inline
export function isLiving(row: usize, watermark: i64): bool {
  return load<i64>(row) > watermark;
}

function allDead(chunk: usize, rowBytes: u32, keyBytes: u32, watermark: i64): bool {
  let row = rowsOf(chunk, keyBytes);
  for (let k: u32 = load<u8>(chunk, 4); k != 0; k--) {
    if (isLiving(row, watermark)) return false;
    row += rowBytes;
  }
  return true;
}

/** Room that a dead row leaves in a full chunk, or 0. Rows die much as they came: only the oldest is looked at. */
function deadRow(side: usize, chunk: usize, capacity: u32): usize {
  const watermark = sideWatermark(side);
  if (watermark == i64.MIN_VALUE) return 0;
  const rowBytes = load<u32>(side, 48);
  const keyBytes = load<u32>(side, 52);
  const next = <u32>load<u16>(chunk, 6);
  const row = rowsOf(chunk, keyBytes) + <usize>next * rowBytes;
  if (isLiving(row, watermark)) return 0;
  store<u32>(side, load<u32>(side, 44) - 1, 44);
  store<u16>(chunk, next + 1 == capacity ? 0 : <u16>(next + 1), 6);
  const older = <usize>load<u32>(chunk);
  if (next == 0 && older != 0 && allDead(older, rowBytes, keyBytes, watermark)) {
    store<u32>(side, load<u32>(side, 44) - <u32>load<u8>(older, 4), 44);
    store<u32>(chunk, load<u32>(older));
  }
  return row;
}

/**
 * Room for one more row of a key: `chunk` is its newest chunk, at `entry`, or 0 for a key that is new; then the caller writes the
 * key at `newestChunk(side, ...)` and reads the table's place anew. Columns, expiry and counts are the caller's to write.
 */
export function addRow(side: usize, entry: usize, chunk: usize, tag: u32): usize {
  const rowBytes = load<u32>(side, 48);
  const keyBytes = load<u32>(side, 52);
  store<u32>(side, load<u32>(side, 44) + 1, 44);
  let capacity: u32 = 1;
  if (chunk != 0) {
    const used = <u32>load<u8>(chunk, 4);
    capacity = <u32>load<u8>(chunk, 5);
    if (used < capacity) {
      store<u8>(chunk, <u8>(used + 1), 4);
      return rowsOf(chunk, keyBytes) + <usize>used * rowBytes;
    }
    const dead = deadRow(side, chunk, capacity);
    if (dead != 0) return dead;
    capacity = min<u32>(capacity * 2, chunkRowsMax);
  }
  const fresh = addChunk(side, chunk, capacity);
  store<u8>(fresh, 1, 4);
  store<u32>(entry, <u32>fresh);
  store<u32>(entry, tag, 4);
  if (chunk != 0) memory.copy(fresh + 8, chunk + 8, keyBytes);
  return rowsOf(fresh, keyBytes);
}

/** A row that no key leads to: it has no partner, and is gone with the next sweep. */
export function addLoneRow(side: usize): usize {
  const chunk = addChunk(side, 0, 1);
  store<u8>(chunk, 1, 4);
  return rowsOf(chunk, load<u32>(side, 52));
}

function place(table: usize, shift: u32, mask: usize, entry: u64): void {
  let at = <usize>(<u32>(entry >> 32) >> shift) << 3;
  while (load<u32>(table + at) != 0) at = (at + 8) & mask;
  store<u64>(table + at, entry);
}

/** Gives the table 2^bits places, at least `bitsMin`; a sweep begins with the first again. */
export function resizeTable(side: usize, bits: u32): void {
  const wanted = max<u32>(bits, bitsMin);
  const before = load<u32>(side, 4);
  const old = sideTable(side);
  const table = allocateZeroed(<u32>8 << wanted);
  store<u32>(side, <u32>table);
  store<u32>(side, wanted, 4);
  store<u32>(side, (<u32>1 << wanted) >> 1, 12);
  store<u32>(side, 0, 40);
  const shift = sideShift(side);
  const mask = sideMask(side);
  for (let p = old; p < old + (<usize>8 << before); p += 8) if (load<u32>(p) != 0) place(table, shift, mask, load<u64>(p));
  release(old, <u32>8 << before);
}

/** Counts a new key, after its entry was written. */
export function countKey(side: usize): void {
  const keys = load<u32>(side, 8) + 1;
  store<u32>(side, keys, 8);
  if (keys > load<u32>(side, 12)) resizeTable(side, load<u32>(side, 4) + 1);
}

/** Rows that expire at or before `watermark` are dead from now on. */
export function setSideWatermark(side: usize, watermark: i64): void {
  store<i64>(side, watermark, 72);
}

/** The row is put out when the watermark reaches its expiry, if it has no partner by then. */
export function awaitExpiry(side: usize, row: usize): void {
  pushHeap(sideHeap(side), load<i64>(row), row);
}

/** Forgets all rows; the memory goes back. */
export function clearSide(side: usize): void {
  release(sideTable(side), <u32>8 << load<u32>(side, 4));
  let segment = <usize>load<u32>(side, 16);
  while (segment != 0) {
    const next = <usize>load<u32>(segment);
    release(segment, load<u32>(segment, 4));
    segment = next;
  }
  const rowBytes = load<u32>(side, 48);
  const keyBytes = load<u32>(side, 52);
  memory.fill(side, 0, sideBytes);
  initialiseSide(side, rowBytes, keyBytes);
}
