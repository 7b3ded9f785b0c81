import { allocate, release } from "./memory";

/**
 * Records that wait in the order of their time, of equal times those of the lower kind first. What comes is appended; `settle` sorts
 * it in from the back, so that rows that come in order cost a comparison.
 *
 * Queue (32 bytes): entries u32, capacity u32, first u32, sorted u32 (first that is not in order), count u32 (end).
 * Entry (16 bytes): time i64, record u32, kind u32.
 */
const capacityMin: u32 = 256;

// @ts-ignore: decorator
@inline
function entryAt(queue: usize, k: u32): usize {
  return <usize>load<u32>(queue) + (<usize>k << 4);
}

export function queueBytes(queue: usize): u32 {
  return load<u32>(queue, 4) << 4;
}

// @ts-ignore: decorator
@inline
export function queueLength(queue: usize): u32 {
  return load<u32>(queue, 16) - load<u32>(queue, 8);
}

/** Entry `k` from the front: its time is at 0, its record at 8, its kind at 12. */
// @ts-ignore: decorator
@inline
export function queueEntry(queue: usize, k: u32): usize {
  return entryAt(queue, load<u32>(queue, 8) + k);
}

// @ts-ignore: decorator
@inline
export function dropFirst(queue: usize): void {
  store<u32>(queue, load<u32>(queue, 8) + 1, 8);
}

// @ts-ignore: decorator
@inline
function precedes(a: usize, time: i64, kind: u32): bool {
  const other = load<i64>(a);
  return other < time || (other == time && load<u32>(a, 12) <= kind);
}

/** Moves what waits to the front, of a larger block if it fills more than half of this one. */
function makeRoom(queue: usize): void {
  const first = load<u32>(queue, 8);
  const length = queueLength(queue);
  const capacity = load<u32>(queue, 4);
  if (capacity == 0 || length * 2 > capacity) {
    const larger = max<u32>(capacityMin, capacity * 2);
    const entries = allocate(larger << 4);
    if (capacity != 0) {
      memory.copy(entries, entryAt(queue, first), <usize>length << 4);
      release(<usize>load<u32>(queue), capacity << 4);
    }
    store<u32>(queue, <u32>entries);
    store<u32>(queue, larger, 4);
  } else memory.copy(entryAt(queue, 0), entryAt(queue, first), <usize>length << 4);
  store<u32>(queue, 0, 8);
  store<u32>(queue, load<u32>(queue, 12) - first, 12);
  store<u32>(queue, length, 16);
}

export function enqueue(queue: usize, time: i64, record: usize, kind: u32): void {
  if (load<u32>(queue, 16) == load<u32>(queue, 4)) makeRoom(queue);
  const end = load<u32>(queue, 16);
  const entry = entryAt(queue, end);
  store<i64>(entry, time);
  store<u32>(entry, <u32>record, 8);
  store<u32>(entry, kind, 12);
  store<u32>(queue, end + 1, 16);
  // As long as nothing comes out of order the sorted part grows by itself.
  const sorted = load<u32>(queue, 12);
  if (sorted != end) return;
  if (end == load<u32>(queue, 8) || precedes(entry - 16, time, kind)) store<u32>(queue, end + 1, 12);
}

/** Merges [from, middle) and [middle, to), each in order, with the second part moved to `scratch` first. */
function merge(from: usize, middle: usize, to: usize, scratch: usize): void {
  const length = to - middle;
  memory.copy(scratch, middle, length);
  let left = middle;
  let right = scratch + length;
  let at = to;
  while (right != scratch) {
    const last = right - 16;
    if (left != from && !precedes(left - 16, load<i64>(last), load<u32>(last, 12))) {
      left -= 16;
      at -= 16;
      v128.store(at, v128.load(left));
    } else {
      right = last;
      at -= 16;
      v128.store(at, v128.load(right));
    }
  }
}

const runRows: usize = 16;

/** Sorts [from, to): runs by insertion, then merged two by two. */
function sort(from: usize, to: usize, scratch: usize): void {
  for (let run = from; run < to; run += runRows << 4) {
    const end = min<usize>(run + (runRows << 4), to);
    for (let p = run + 16; p < end; p += 16) {
      const entry = v128.load(p);
      const time = load<i64>(p);
      const kind = load<u32>(p, 12);
      let q = p;
      while (q != run && !precedes(q - 16, time, kind)) {
        v128.store(q, v128.load(q - 16));
        q -= 16;
      }
      v128.store(q, entry);
    }
  }
  for (let width = runRows << 4; width < to - from; width <<= 1) {
    for (let run = from; run + width < to; run += width << 1) merge(run, run + width, min<usize>(run + (width << 1), to), scratch);
  }
}

/** Brings all that waits in order. */
export function settle(queue: usize): void {
  const sorted = load<u32>(queue, 12);
  const end = load<u32>(queue, 16);
  if (sorted == end) return;
  const bytes = (end - sorted) << 4;
  const scratch = allocate(bytes);
  sort(entryAt(queue, sorted), entryAt(queue, end), scratch);
  merge(entryAt(queue, load<u32>(queue, 8)), entryAt(queue, sorted), entryAt(queue, end), scratch);
  release(scratch, bytes);
  store<u32>(queue, end, 12);
}
