import { allocate, release } from "./memory";

/**
 * Rows that wait for their turn in time: entries of 16 bytes (time i64, row u32, a word for the caller). New ones gather, then become
 * a run sorted by time, stable; runs of similar size are merged, so that there are few. What is due is the start of each run.
 *
 * State (672 bytes): incoming u32, capacity u32, count u32, runs u32, due u32, capacity u32, count u32, 4 unused; then the runs, oldest
 * first: entries u32, capacity u32, from u32, to u32.
 */
export const waitingBytes: u32 = 672;
const runsMax: u32 = 40;
const capacityMin: u32 = 256;

// @ts-ignore: decorator
@inline
function run(state: usize, k: u32): usize {
  return state + 32 + (<usize>k << 4);
}

function growList(state: usize, count: u32): void {
  const capacity = load<u32>(state, 4);
  const larger = max<u32>(capacityMin, capacity * 2);
  const list = allocate(larger << 4);
  memory.copy(list, <usize>load<u32>(state), <usize>count << 4);
  if (capacity != 0) release(<usize>load<u32>(state), capacity << 4);
  store<u32>(state, <u32>list);
  store<u32>(state, larger, 4);
}

// @ts-ignore: decorator
@inline
export function addWaiting(state: usize, time: i64, row: usize): void {
  const count = load<u32>(state, 8);
  if (count == load<u32>(state, 4)) growList(state, count);
  const entry = <usize>load<u32>(state) + (<usize>count << 4);
  store<i64>(entry, time);
  store<u32>(entry, <u32>row, 8);
  store<u32>(state, count + 1, 8);
}

function isSorted(from: usize, to: usize): bool {
  let last = i64.MIN_VALUE;
  for (let entry = from; entry < to; entry += 16) {
    const time = load<i64>(entry);
    if (time < last) return false;
    last = time;
  }
  return true;
}

/** Entries [a, middle) and [middle, end), each sorted, into `target`; equal times keep their order. */
function mergeEntries(target: usize, a: usize, middle: usize, b: usize, end: usize): void {
  while (a < middle && b < end) {
    const second = load<i64>(b) < load<i64>(a);
    v128.store(target, v128.load(select<usize>(b, a, second)));
    target += 16;
    b += <usize>second << 4;
    a += <usize>!second << 4;
  }
  memory.copy(target, a, middle - a);
  memory.copy(target + (middle - a), b, end - b);
}

function sortShort(from: usize, to: usize): void {
  for (let entry = from + 16; entry < to; entry += 16) {
    const moved = v128.load(entry);
    const time = i64x2.extract_lane(moved, 0);
    let at = entry;
    for (; at > from && load<i64>(at - 16) > time; at -= 16) v128.store(at, v128.load(at - 16));
    v128.store(at, moved);
  }
}

/** Sorts by time, stable. */
function sortEntries(from: usize, count: u32): void {
  const bytes = <usize>count << 4;
  const to = from + bytes;
  if (isSorted(from, to)) return;
  for (let start = from; start < to; start += 256) sortShort(start, min<usize>(start + 256, to));
  if (bytes <= 256) return;
  const scratch = allocate(<u32>bytes);
  let source = from;
  let target = scratch;
  for (let width: usize = 256; width < bytes; width <<= 1) {
    for (let at: usize = 0; at < bytes; at += width << 1) {
      const middle = source + min<usize>(at + width, bytes);
      const end = source + min<usize>(at + (width << 1), bytes);
      mergeEntries(target + at, source + at, middle, middle, end);
    }
    const other = source;
    source = target;
    target = other;
  }
  if (source != from) memory.copy(from, source, bytes);
  release(scratch, <u32>bytes);
}

/** Sorts entries by what `compare` says of their rows, stable: rows of one time that have further keys. */
export function sortTies(from: usize, count: u32, compare: (a: usize, b: usize) => i32): void {
  const bytes = <usize>count << 4;
  let ordered: u32 = 1;
  while (ordered < count && compareRows(from + (<usize>(ordered - 1) << 4), from + (<usize>ordered << 4), compare) <= 0) ordered++;
  if (ordered >= count) return;
  const scratch = allocate(<u32>bytes);
  let source = from;
  let target = scratch;
  for (let width: usize = 16; width < bytes; width <<= 1) {
    for (let at: usize = 0; at < bytes; at += width << 1) {
      let a = source + at;
      const middle = source + min<usize>(at + width, bytes);
      let b = middle;
      const end = source + min<usize>(at + (width << 1), bytes);
      let to = target + at;
      for (; a < middle && b < end; to += 16) {
        const second = compareRows(b, a, compare) < 0;
        v128.store(to, v128.load(select<usize>(b, a, second)));
        b += <usize>second << 4;
        a += <usize>!second << 4;
      }
      memory.copy(to, a, middle - a);
      memory.copy(to + (middle - a), b, end - b);
    }
    const other = source;
    source = target;
    target = other;
  }
  if (source != from) memory.copy(from, source, bytes);
  release(scratch, <u32>bytes);
}

// @ts-ignore: decorator
@inline
function compareRows(a: usize, b: usize, compare: (a: usize, b: usize) => i32): i32 {
  return compare(<usize>load<u32>(a, 8), <usize>load<u32>(b, 8));
}

// @ts-ignore: decorator
@inline
function runLength(at: usize): u32 {
  return load<u32>(at, 12) - load<u32>(at, 8);
}

function dropRun(state: usize, k: u32): void {
  release(<usize>load<u32>(run(state, k)), load<u32>(run(state, k), 4) << 4);
  const count = load<u32>(state, 12) - 1;
  memory.copy(run(state, k), run(state, k + 1), <usize>(count - k) << 4);
  store<u32>(state, count, 12);
}

/** The last two runs become one. */
function mergeRuns(state: usize): void {
  const count = load<u32>(state, 12);
  const a = run(state, count - 2);
  const b = run(state, count - 1);
  const length = runLength(a) + runLength(b);
  const merged = allocate(max<u32>(1, length) << 4);
  const first = <usize>load<u32>(a);
  const second = <usize>load<u32>(b);
  mergeEntries(
    merged,
    first + (<usize>load<u32>(a, 8) << 4),
    first + (<usize>load<u32>(a, 12) << 4),
    second + (<usize>load<u32>(b, 8) << 4),
    second + (<usize>load<u32>(b, 12) << 4),
  );
  dropRun(state, count - 1);
  release(first, load<u32>(a, 4) << 4);
  store<u32>(a, <u32>merged);
  store<u32>(a, max<u32>(1, length), 4);
  store<u32>(a, 0, 8);
  store<u32>(a, length, 12);
}

function gather(state: usize): void {
  const count = load<u32>(state, 8);
  if (count == 0) return;
  const runs = load<u32>(state, 12);
  const entries = <usize>load<u32>(state);
  sortEntries(entries, count);
  const added = run(state, runs);
  store<u32>(added, <u32>entries);
  store<u32>(added, load<u32>(state, 4), 4);
  store<u32>(added, 0, 8);
  store<u32>(added, count, 12);
  store<u32>(state, runs + 1, 12);
  store<u32>(state, 0);
  store<u32>(state, 0, 4);
  store<u32>(state, 0, 8);
  while (load<u32>(state, 12) > 1) {
    const last = load<u32>(state, 12) - 1;
    if (last + 1 < runsMax && runLength(run(state, last - 1)) > runLength(run(state, last)) * 2) break;
    mergeRuns(state);
  }
}

/** Entries of a run whose time is at most `limit`. */
function dueIn(at: usize, limit: i64): u32 {
  const entries = <usize>load<u32>(at);
  let low = load<u32>(at, 8);
  let high = load<u32>(at, 12);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<i64>(entries + (<usize>middle << 4)) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - load<u32>(at, 8);
}

/** Takes what is due, time at most `limit`, out of the runs: entries sorted by time, in order of arrival where it is equal. */
export function takeDue(state: usize, limit: i64): u32 {
  gather(state);
  const runs = load<u32>(state, 12);
  let total: u32 = 0;
  for (let k: u32 = 0; k < runs; k++) total += dueIn(run(state, k), limit);
  if (total == 0) {
    store<u32>(state, 0, 24);
    return 0;
  }
  if (total > load<u32>(state, 20)) {
    if (load<u32>(state, 20) != 0) release(<usize>load<u32>(state, 16), load<u32>(state, 20) << 4);
    const capacity = max<u32>(capacityMin, total + (total >> 2));
    store<u32>(state, <u32>allocate(capacity << 4), 16);
    store<u32>(state, capacity, 20);
  }
  const due = <usize>load<u32>(state, 16);
  let at = due;
  for (let k: u32 = 0; k < runs; k++) {
    const from = run(state, k);
    const count = dueIn(from, limit);
    memory.copy(at, <usize>load<u32>(from) + (<usize>load<u32>(from, 8) << 4), <usize>count << 4);
    store<u32>(from, load<u32>(from, 8) + count, 8);
    at += <usize>count << 4;
  }
  for (let k = runs; k > 0; k--) if (runLength(run(state, k - 1)) == 0) dropRun(state, k - 1);
  sortEntries(due, total);
  store<u32>(state, total, 24);
  return total;
}

// @ts-ignore: decorator
@inline
export function dueEntries(state: usize): usize {
  return <usize>load<u32>(state, 16);
}

// @ts-ignore: decorator
@inline
export function dueCount(state: usize): u32 {
  return load<u32>(state, 24);
}

/** Rows that are not due yet. */
export function waitingRows(state: usize): u32 {
  let rows = load<u32>(state, 8);
  for (let k: u32 = 0; k < load<u32>(state, 12); k++) rows += runLength(run(state, k));
  return rows;
}

/** Bytes of all lists. */
export function waitingListBytes(state: usize): f64 {
  let entries = <f64>load<u32>(state, 4) + <f64>load<u32>(state, 20);
  for (let k: u32 = 0; k < load<u32>(state, 12); k++) entries += <f64>load<u32>(run(state, k), 4);
  return entries * 16;
}

/** The least time that waits; i64.MAX_VALUE when nothing does. */
export function oldestWaiting(state: usize): i64 {
  let oldest = i64.MAX_VALUE;
  const incoming = <usize>load<u32>(state);
  for (let k: u32 = 0; k < load<u32>(state, 8); k++) oldest = min<i64>(oldest, load<i64>(incoming + (<usize>k << 4)));
  for (let k: u32 = 0; k < load<u32>(state, 12); k++) {
    const at = run(state, k);
    if (runLength(at) != 0) oldest = min<i64>(oldest, load<i64>(<usize>load<u32>(at) + (<usize>load<u32>(at, 8) << 4)));
  }
  return oldest;
}

/** Walks the rows that wait, list by list: list `k` starts here; 0 when it is empty. */
export function waitingList(state: usize, k: u32): usize {
  if (k == 0) return <usize>load<u32>(state);
  return k > load<u32>(state, 12) ? 0 : <usize>load<u32>(run(state, k - 1)) + (<usize>load<u32>(run(state, k - 1), 8) << 4);
}

export function waitingListLength(state: usize, k: u32): u32 {
  return k == 0 ? load<u32>(state, 8) : runLength(run(state, k - 1));
}

/** Lists to walk. */
export function waitingLists(state: usize): u32 {
  return load<u32>(state, 12) + 1;
}
