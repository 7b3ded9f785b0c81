import { allocate, release } from "./memory";

/** Runs of this many are sorted by insertion first. */
const runMin: u32 = 8;

let order: usize = 0;
let spare: usize = 0;
let capacity: u32 = 0;

function reserve(count: u32): void {
  if (count <= capacity) return;
  if (capacity != 0) {
    release(order, capacity << 2);
    release(spare, capacity << 2);
  }
  capacity = max<u32>(1024, count + (count >> 1));
  order = allocate(capacity << 2);
  spare = allocate(capacity << 2);
}

/** Addresses (u32) of `count` entries in turn; dies at the next call. For `sortEntries`, or to be read as they are. */
export function listEntries(first: usize, count: u32, entryBytes: u32): usize {
  reserve(count);
  for (let k: u32 = 0; k < count; k++) store<u32>(order + (<usize>k << 2), <u32>first + k * entryBytes);
  return order;
}

/** Sorts the addresses of `listEntries`; equal ones stay in their order. `compare`: index of a function (a, b) below 0 when a is first. */
export function sortEntries(count: u32, compare: u32): usize {
  for (let from: u32 = 0; from < count; from += runMin) insertionSort(from, min<u32>(from + runMin, count), compare);
  for (let width = runMin; width < count; width *= 2) {
    for (let from: u32 = 0; from < count; from += width * 2) {
      merge(from, min<u32>(from + width, count), min<u32>(from + width * 2, count), compare);
    }
    const sorted = spare;
    spare = order;
    order = sorted;
  }
  return order;
}

function insertionSort(from: u32, to: u32, compare: u32): void {
  for (let k = from + 1; k < to; k++) {
    const entry = load<u32>(order + (<usize>k << 2));
    let at = k;
    for (; at > from; at--) {
      const before = load<u32>(order + (<usize>at << 2) - 4);
      if (call_indirect<i32>(compare, <usize>before, <usize>entry) <= 0) break;
      store<u32>(order + (<usize>at << 2), before);
    }
    store<u32>(order + (<usize>at << 2), entry);
  }
}

function merge(from: u32, middle: u32, to: u32, compare: u32): void {
  let a = from;
  let b = middle;
  for (let out = from; out < to; out++) {
    const left = a < middle ? load<u32>(order + (<usize>a << 2)) : 0;
    const right = b < to ? load<u32>(order + (<usize>b << 2)) : 0;
    const takeLeft = b >= to || (a < middle && call_indirect<i32>(compare, <usize>left, <usize>right) <= 0);
    store<u32>(spare + (<usize>out << 2), takeLeft ? left : right);
    if (takeLeft) a++;
    else b++;
  }
}
