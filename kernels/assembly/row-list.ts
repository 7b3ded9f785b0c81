import { allocate, release } from "./memory";

/** A growing list of addresses (u32) in 12 bytes of its owner: address u32, capacity u32, count u32. */
const capacityMin: u32 = 16;

// @ts-ignore: decorator
@inline
export function listCount(list: usize): u32 {
  return load<u32>(list, 8);
}

// @ts-ignore: decorator
@inline
export function listStart(list: usize): usize {
  return <usize>load<u32>(list);
}

// @ts-ignore: decorator
@inline
export function listAt(list: usize, k: u32): usize {
  return <usize>load<u32>(<usize>load<u32>(list) + (<usize>k << 2));
}

function growRows(list: usize): void {
  const capacity = load<u32>(list, 4);
  const larger = max<u32>(capacityMin, capacity * 2);
  const fresh = allocate(larger << 2);
  memory.copy(fresh, <usize>load<u32>(list), <usize>load<u32>(list, 8) << 2);
  if (capacity != 0) release(<usize>load<u32>(list), capacity << 2);
  store<u32>(list, <u32>fresh);
  store<u32>(list, larger, 4);
}

export function appendRow(list: usize, row: usize): void {
  const count = load<u32>(list, 8);
  if (count == load<u32>(list, 4)) growRows(list);
  store<u32>(<usize>load<u32>(list) + (<usize>count << 2), <u32>row);
  store<u32>(list, count + 1, 8);
}

export function removeRow(list: usize, k: u32): void {
  const at = <usize>load<u32>(list) + (<usize>k << 2);
  const count = load<u32>(list, 8) - 1;
  memory.copy(at, at + 4, <usize>(count - k) << 2);
  store<u32>(list, count, 8);
}

export function clearList(list: usize): void {
  store<u32>(list, 0, 8);
}

/** Gives the list's memory back; it is empty then. */
export function releaseList(list: usize): void {
  const capacity = load<u32>(list, 4);
  if (capacity != 0) release(<usize>load<u32>(list), capacity << 2);
  store<u64>(list, 0);
  store<u32>(list, 0, 8);
}

// @ts-ignore: decorator
@inline
export function listBytes(list: usize): u32 {
  return load<u32>(list, 4) << 2;
}

function mergeSorted(
  target: usize,
  a: usize,
  middle: usize,
  b: usize,
  end: usize,
  compare: (a: usize, b: usize) => i32,
): void {
  while (a < middle && b < end) {
    const second = compare(<usize>load<u32>(b), <usize>load<u32>(a)) < 0;
    store<u32>(target, load<u32>(second ? b : a));
    target += 4;
    if (second) b += 4;
    else a += 4;
  }
  memory.copy(target, a, middle - a);
  memory.copy(target + (middle - a), b, end - b);
}

/** Sorts the rows from `sorted` on, before which they are in order, and merges both parts; equal rows keep their order. */
export function sortRows(list: usize, sorted: u32, compare: (a: usize, b: usize) => i32): void {
  const count = load<u32>(list, 8);
  if (sorted >= count) return;
  const start = <usize>load<u32>(list);
  const end = start + (<usize>count << 2);
  let from = start + (<usize>sorted << 2);
  // Rows that come in order only go on the end.
  while (from < end && (from == start || compare(<usize>load<u32>(from), <usize>load<u32>(from - 4)) >= 0)) from += 4;
  if (from == end) return;
  const ordered = from;
  for (let at = from; at < end; at += 32) insertionSort(at, min<usize>(at + 32, end), compare);
  const bytes = end - start;
  const scratch = allocate(<u32>bytes);
  let source = ordered;
  let target = scratch + (ordered - start);
  const tail = end - ordered;
  for (let width: usize = 32; width < tail; width <<= 1) {
    for (let at: usize = 0; at < tail; at += width << 1) {
      const middle = source + min<usize>(at + width, tail);
      mergeSorted(target + at, source + at, middle, middle, source + min<usize>(at + (width << 1), tail), compare);
    }
    const other = source;
    source = target;
    target = other;
  }
  if (source != ordered) memory.copy(ordered, source, tail);
  if (ordered != start) {
    mergeSorted(scratch, start, ordered, ordered, end, compare);
    memory.copy(start, scratch, bytes);
  }
  release(scratch, <u32>bytes);
}

function insertionSort(from: usize, to: usize, compare: (a: usize, b: usize) => i32): void {
  for (let entry = from + 4; entry < to; entry += 4) {
    const row = load<u32>(entry);
    let at = entry;
    for (; at > from && compare(<usize>load<u32>(at - 4), <usize>row) > 0; at -= 4) store<u32>(at, load<u32>(at - 4));
    store<u32>(at, row);
  }
}
