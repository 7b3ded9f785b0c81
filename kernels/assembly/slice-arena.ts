import { allocate, release } from "./memory";
import { chunkEnd, chunkRecords, firstChunk, initialisePool, nextChunk, poolBytes, releasePool, takeRecord } from "./record-pool";

/**
 * Records of slices, each slice in chunks of its own, in the order in which they were taken. Who took them in the order of their owners
 * goes through several slices owner by owner, and reads each in sequence. A slice goes as a whole.
 *
 * Directory (24 bytes): slices u32, capacity u32, first u32 (slices before it have gone), count u32, recordBytes u32. Slice: index i64,
 * pool (32), cursor: chunk u32 (0: at the beginning), record u32. Record: the caller's.
 */
const sliceBytes: u32 = 48;
const poolAt: usize = 8;
const chunkAt: usize = 40;
const recordAt: usize = 44;
const capacityMin: u32 = 16;

export function initialiseArenas(directory: usize, recordBytes: u32): void {
  store<u32>(directory, <u32>allocate(capacityMin * sliceBytes));
  store<u32>(directory, capacityMin, 4);
  store<u32>(directory, recordBytes, 16);
}

// @ts-ignore: decorator
@inline
export function sliceCount(directory: usize): u32 {
  return load<u32>(directory, 12);
}

/** The slice at this position, ascending by index. The address holds until a record of a new slice is taken. */
// @ts-ignore: decorator
@inline
export function sliceAt(directory: usize, position: u32): usize {
  return <usize>load<u32>(directory) + <usize>(load<u32>(directory, 8) + position) * sliceBytes;
}

// @ts-ignore: decorator
@inline
export function sliceIndex(slice: usize): i64 {
  return load<i64>(slice);
}

/** Index of the first slice, i64.MAX_VALUE when there is none. */
export function firstSlice(directory: usize): i64 {
  return sliceCount(directory) == 0 ? i64.MAX_VALUE : sliceIndex(sliceAt(directory, 0));
}

/** Pool of a slice's records, for going through all of them. */
// @ts-ignore: decorator
@inline
export function slicePool(slice: usize): usize {
  return slice + poolAt;
}

/** Position behind the last slice whose index is at most `index`: mostly the last. */
function positionBehind(directory: usize, index: i64): u32 {
  let low: u32 = 0;
  let high = sliceCount(directory);
  if (high == 0 || sliceIndex(sliceAt(directory, high - 1)) <= index) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sliceIndex(sliceAt(directory, middle)) <= index) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A record of a slice, which may be new; its bytes are undefined. */
export function takeOfSlice(directory: usize, index: i64): usize {
  const position = positionBehind(directory, index);
  if (position > 0 && load<i64>(sliceAt(directory, position - 1)) == index) return takeRecord(sliceAt(directory, position - 1) + poolAt);
  if (load<u32>(directory, 8) + load<u32>(directory, 12) == load<u32>(directory, 4)) makeRoom(directory);
  const count = load<u32>(directory, 12);
  const slice = sliceAt(directory, position);
  memory.copy(slice + sliceBytes, slice, <usize>(count - position) * sliceBytes);
  memory.fill(slice, 0, sliceBytes);
  store<i64>(slice, index);
  initialisePool(slice + poolAt, load<u32>(directory, 16));
  store<u32>(directory, count + 1, 12);
  return takeRecord(slice + poolAt);
}

function makeRoom(directory: usize): void {
  const capacity = load<u32>(directory, 4);
  const count = load<u32>(directory, 12);
  const old = <usize>load<u32>(directory);
  if (count * 2 <= capacity) memory.copy(old, sliceAt(directory, 0), <usize>count * sliceBytes);
  else {
    const larger = allocate(capacity * 2 * sliceBytes);
    memory.copy(larger, sliceAt(directory, 0), <usize>count * sliceBytes);
    release(old, capacity * sliceBytes);
    store<u32>(directory, <u32>larger);
    store<u32>(directory, capacity * 2, 4);
  }
  store<u32>(directory, 0, 8);
}

/** Puts every slice's cursor before its first record. */
export function rewindSlices(directory: usize): void {
  for (let k: u32 = 0; k < sliceCount(directory); k++) store<u32>(sliceAt(directory, k), 0, chunkAt);
}

/** The record at the slice's cursor, 0 after the last that there is now; the ones from there to `endOfRun` lie one after another. */
export function beginRun(slice: usize): usize {
  const chunk = <usize>load<u32>(slice, chunkAt);
  if (chunk == 0) {
    const first = firstChunk(slice + poolAt);
    store<u32>(slice, <u32>first, chunkAt);
    store<u32>(slice, <u32>chunkRecords(first), recordAt);
    return chunkRecords(first);
  }
  return endRun(slice, <usize>load<u32>(slice, recordAt));
}

// @ts-ignore: decorator
@inline
export function endOfRun(slice: usize): usize {
  return chunkEnd(slice + poolAt, <usize>load<u32>(slice, chunkAt));
}

/** Moves the cursor to `record`, within its run or at the end of it; gives what `beginRun` gives there. */
export function endRun(slice: usize, record: usize): usize {
  let at = record;
  if (record == endOfRun(slice)) {
    const following = nextChunk(<usize>load<u32>(slice, chunkAt));
    if (following != 0) {
      store<u32>(slice, <u32>following, chunkAt);
      at = chunkRecords(following);
    }
  }
  store<u32>(slice, <u32>at, recordAt);
  return at == endOfRun(slice) ? 0 : at;
}

/** Lets go the slices before `index`. */
export function dropSlices(directory: usize, index: i64): void {
  while (load<u32>(directory, 12) > 0 && load<i64>(sliceAt(directory, 0)) < index) {
    releasePool(sliceAt(directory, 0) + poolAt);
    store<u32>(directory, load<u32>(directory, 8) + 1, 8);
    store<u32>(directory, load<u32>(directory, 12) - 1, 12);
  }
  if (load<u32>(directory, 12) == 0) store<u32>(directory, 0, 8);
}

export function arenaBytes(directory: usize): f64 {
  let bytes: f64 = 0;
  for (let k: u32 = 0; k < load<u32>(directory, 12); k++) bytes += <f64>poolBytes(sliceAt(directory, k) + poolAt);
  return bytes;
}
