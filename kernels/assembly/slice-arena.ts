import { allocate, release } from "./memory";
import { initialisePool, poolBytes, releasePool, takeRecord } from "./record-pool";

/**
 * Records of closed slices, each slice in chunks of its own, in the order in which they were taken: who walks several slices in that
 * order reads each in sequence. A slice goes as a whole.
 *
 * Directory (24 bytes): slices u32, capacity u32, first u32 (slices before it have gone), count u32, recordBytes u32. Slice: index i64, pool (32).
 */
const sliceBytes: u32 = 40;
const capacityMin: u32 = 16;

export function initialiseArenas(directory: usize, recordBytes: u32): void {
  store<u32>(directory, <u32>allocate(capacityMin * sliceBytes));
  store<u32>(directory, capacityMin, 4);
  store<u32>(directory, recordBytes, 16);
}

// @ts-ignore: decorator
@inline
function sliceAt(directory: usize, position: u32): usize {
  return <usize>load<u32>(directory) + <usize>(load<u32>(directory, 8) + position) * sliceBytes;
}

/** A record of a slice. Slices are new in ascending order, but for a few of the last. */
export function takeOfSlice(directory: usize, index: i64): usize {
  let position = load<u32>(directory, 12);
  while (position > 0 && load<i64>(sliceAt(directory, position - 1)) > index) position--;
  if (position > 0 && load<i64>(sliceAt(directory, position - 1)) == index) return takeRecord(sliceAt(directory, position - 1) + 8);
  if (load<u32>(directory, 8) + load<u32>(directory, 12) == load<u32>(directory, 4)) makeRoom(directory);
  const count = load<u32>(directory, 12);
  const slice = sliceAt(directory, position);
  memory.copy(slice + sliceBytes, slice, <usize>(count - position) * sliceBytes);
  memory.fill(slice, 0, sliceBytes);
  store<i64>(slice, index);
  initialisePool(slice + 8, load<u32>(directory, 16));
  store<u32>(directory, count + 1, 12);
  return takeRecord(slice + 8);
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

/** Lets go the slices before `index`. */
export function dropSlices(directory: usize, index: i64): void {
  while (load<u32>(directory, 12) > 0 && load<i64>(sliceAt(directory, 0)) < index) {
    releasePool(sliceAt(directory, 0) + 8);
    store<u32>(directory, load<u32>(directory, 8) + 1, 8);
    store<u32>(directory, load<u32>(directory, 12) - 1, 12);
  }
  if (load<u32>(directory, 12) == 0) store<u32>(directory, 0, 8);
}

export function arenaBytes(directory: usize): f64 {
  let bytes: f64 = 0;
  for (let k: u32 = 0; k < load<u32>(directory, 12); k++) bytes += <f64>poolBytes(sliceAt(directory, k) + 8);
  return bytes;
}
