import { release } from "./memory";
import { heapCount, heapRow, setHeapRow } from "./expiry-heap";
import { timeOfFloor } from "./join-floor";
import { addChunk, bitsMin, isLiving, moved, resizeTable, rowsOf, setSideSoonest, sideHeap, sideMask, sideShift, sideSoonest, sideTable, sideWatermark } from "./join-side";

/** Walks over the rows of a side of a join: the sweep that frees the dead, and the oldest of the living. */

/** Garbage (bytes) that is not worth a sweep. */
const sweepBytesMin: u32 = 256 << 10;
const movedRowsMax: u32 = 255;
/** Places of the table that a sweep gets on by with each row that comes, and with each batch. */
const placesByRow: u32 = 8;
const placesMin: u32 = 1024;
/** Places whose chunks are touched together, so that their cache misses overlap. */
const touchPlaces: u32 = 64;
const touched: usize = memory.data(8, 8);

/** Takes the entry at byte `at` out; those behind it that it held up move forward. */
function dropEntry(side: usize, at: usize): void {
  const table = sideTable(side);
  const mask = sideMask(side);
  const shift = sideShift(side);
  store<u32>(side, load<u32>(side, 8) - 1, 8);
  let hole = at;
  for (let next = (at + 8) & mask; load<u32>(table + next) != 0; next = (next + 8) & mask) {
    const home = <usize>(load<u32>(table + next, 4) >> shift) << 3;
    if (((next - home) & mask) < ((next - hole) & mask)) continue;
    store<u64>(table + hole, load<u64>(table + next));
    hole = next;
  }
  store<u64>(table + hole, 0);
}

/** Copies a key's living rows into fresh chunks; false when there are none. */
function moveRows(side: usize, entry: usize): bool {
  const rowBytes = load<u32>(side, 48);
  const keyBytes = load<u32>(side, 52);
  const watermark = sideWatermark(side);
  let living: u32 = 0;
  let all: u32 = 0;
  for (let chunk = <usize>load<u32>(entry); chunk != 0; chunk = <usize>load<u32>(chunk)) {
    const used = <u32>load<u8>(chunk, 4);
    let row = rowsOf(chunk, keyBytes);
    all += used;
    for (let k: u32 = 0; k < used; k++, row += rowBytes) living += <u32>isLiving(row, watermark);
  }
  store<u32>(side, load<u32>(side, 44) - (all - living), 44);
  if (living == 0) return false;
  store<u32>(side, load<u32>(side, 32) + 8 + keyBytes + living * rowBytes, 32);
  let target: usize = 0;
  let at: usize = 0;
  let soonest = sideSoonest(side);
  for (let chunk = <usize>load<u32>(entry); chunk != 0; chunk = <usize>load<u32>(chunk)) {
    const used = <u32>load<u8>(chunk, 4);
    let row = rowsOf(chunk, keyBytes);
    for (let k: u32 = 0; k < used; k++, row += rowBytes) {
      if (!isLiving(row, watermark)) continue;
      if (target == 0 || load<u8>(target, 4) == load<u8>(target, 5)) {
        target = addChunk(side, target, min<u32>(living, movedRowsMax));
        memory.copy(target + 8, chunk + 8, keyBytes);
        at = rowsOf(target, keyBytes);
      }
      soonest = min<i64>(soonest, load<i64>(row));
      memory.copy(at, row, rowBytes);
      store<u8>(target, load<u8>(target, 4) + 1, 4);
      store<u32>(row, <u32>at);
      store<u32>(row, moved, 8);
      at += rowBytes;
      living--;
    }
  }
  store<u32>(entry, <u32>target);
  setSideSoonest(side, soonest);
  return true;
}

/** Where a row is now that may have moved since. */
// @ts-ignore: decorator
@inline
export function currentRow(row: usize): usize {
  while (load<u32>(row, 8) == moved) row = <usize>load<u32>(row);
  return row;
}

function finishSweep(side: usize): void {
  const heap = sideHeap(side);
  for (let k: u32 = 0; k < heapCount(heap); k++) setHeapRow(heap, k, currentRow(heapRow(heap, k)));
  let held = load<u32>(side, 28);
  let segment = <usize>load<u32>(side, 36);
  while (segment != 0) {
    const next = <usize>load<u32>(segment);
    const bytes = load<u32>(segment, 4);
    release(segment, bytes);
    held -= bytes;
    segment = next;
  }
  store<u32>(side, 0, 36);
  store<u32>(side, held, 28);
  // A table that is far too large would make every sweep long.
  const bits = load<u32>(side, 4);
  if (bits > bitsMin && load<u32>(side, 8) < (<u32>1 << bits) >> 4) resizeTable(side, bits - 2);
}

function touchChunks(side: usize, from: u32, to: u32): void {
  const table = sideTable(side);
  const row = rowsOf(0, load<u32>(side, 52));
  let sum: u64 = 0;
  for (let at = <usize>from << 3; at < <usize>to << 3; at += 8) {
    const chunk = <usize>load<u32>(table + at);
    sum ^= load<u64>(chunk) ^ load<u64>(chunk + row);
  }
  store<u64>(touched, sum);
}

/** Before `rows` rows come, while nothing refers to rows but the side itself: begins a sweep when it is due, or goes on with one. */
export function sweepSide(side: usize, rows: u32): void {
  if (load<u32>(side, 36) == 0) {
    if (<u64>load<u32>(side, 28) < <u64>load<u32>(side, 32) * 3 + sweepBytesMin) return;
    if (sideSoonest(side) > sideWatermark(side)) return;
    setSideSoonest(side, i64.MAX_VALUE);
    store<u32>(side, load<u32>(side, 16), 36);
    store<u32>(side, 0, 16);
    store<u32>(side, 0, 20);
    store<u32>(side, 0, 24);
    store<u32>(side, 0, 40);
    store<u32>(side, 0, 32);
  }
  const places = <u32>1 << load<u32>(side, 4);
  let cursor = load<u32>(side, 40);
  let ahead = cursor;
  for (let quota = rows * placesByRow + placesMin; quota != 0 && cursor < places; quota--) {
    if (cursor >= ahead) {
      ahead = min<u32>(cursor + touchPlaces, places);
      touchChunks(side, cursor, ahead);
    }
    const at = <usize>cursor << 3;
    const entry = sideTable(side) + at;
    if (load<u32>(entry) != 0 && !moveRows(side, entry)) dropEntry(side, at);
    else cursor++;
  }
  store<u32>(side, cursor, 40);
  if (cursor == places) finishSweep(side);
}

/** Event time from which source rows are needed to make the living rows again. Looks at them anew when the watermark has moved on. */
export function sideOldest(side: usize): i64 {
  if (load<u32>(side, 44) == 0) return i64.MAX_VALUE;
  const watermark = sideWatermark(side);
  if (watermark < load<i64>(side, 88)) return load<i64>(side, 80);
  const rowBytes = load<u32>(side, 48);
  const keyBytes = load<u32>(side, 52);
  let floor: u32 = 0xffffffff;
  const end = sideTable(side) + sideMask(side);
  for (let entry = sideTable(side); entry <= end; entry += 8) {
    for (let chunk = <usize>load<u32>(entry); chunk != 0; chunk = <usize>load<u32>(chunk)) {
      let row = rowsOf(chunk, keyBytes);
      for (let k: u32 = load<u8>(chunk, 4); k != 0; k--, row += rowBytes) {
        if (isLiving(row, watermark)) floor = min<u32>(floor, load<u32>(row, 12));
      }
    }
  }
  const oldest = floor == 0xffffffff ? i64.MAX_VALUE : timeOfFloor(floor);
  const span = oldest < watermark && oldest > 0 && watermark > 0 ? (watermark - oldest) >> 3 : 0;
  store<i64>(side, oldest, 80);
  store<i64>(side, watermark > i64.MAX_VALUE - span - 1000000 ? i64.MAX_VALUE : watermark + max<i64>(span, 1000000), 88);
  return oldest;
}

/** Gives the rows that came before there was a watermark their expiry. */
export function dateRows(side: usize, expiry: i64): void {
  setSideSoonest(side, min<i64>(sideSoonest(side), expiry));
  const rowBytes = load<u32>(side, 48);
  const keyBytes = load<u32>(side, 52);
  const end = sideTable(side) + sideMask(side);
  for (let entry = sideTable(side); entry <= end; entry += 8) {
    for (let chunk = <usize>load<u32>(entry); chunk != 0; chunk = <usize>load<u32>(chunk)) {
      let row = rowsOf(chunk, keyBytes);
      for (let k: u32 = load<u8>(chunk, 4); k != 0; k--, row += rowBytes) {
        if (load<i64>(row) == i64.MAX_VALUE) store<i64>(row, expiry);
      }
    }
  }
}
