import { allocate, release } from "./memory";

/**
 * Rows that wait for the watermark, the earliest on top: a binary heap of {expiry i64, row u32, 0}. Rows mostly come in the order
 * of their expiry, and then an entry stays where it is put.
 *
 * Heap (16 bytes): entries u32, capacity u32, count u32.
 */
const entryBytes: u32 = 16;
const capacityMin: u32 = 64;

// @ts-ignore: decorator
@inline
function entryAt(heap: usize, k: u32): usize {
  return <usize>load<u32>(heap) + (<usize>k << 4);
}

// @ts-ignore: decorator
@inline
export function heapCount(heap: usize): u32 {
  return load<u32>(heap, 8);
}

/** For a heap that is not empty. */
// @ts-ignore: decorator
@inline
export function heapTop(heap: usize): i64 {
  return load<i64>(entryAt(heap, 0));
}

// @ts-ignore: decorator
@inline
export function heapRow(heap: usize, k: u32): usize {
  return <usize>load<u32>(entryAt(heap, k), 8);
}

// @ts-ignore: decorator
@inline
export function setHeapRow(heap: usize, k: u32, row: usize): void {
  store<u32>(entryAt(heap, k), <u32>row, 8);
}

export function heapBytes(heap: usize): u32 {
  return load<u32>(heap, 4) * entryBytes;
}

export function pushHeap(heap: usize, expiry: i64, row: usize): void {
  const count = heapCount(heap);
  const capacity = load<u32>(heap, 4);
  if (count == capacity) {
    const larger = max<u32>(capacityMin, capacity * 2);
    const entries = allocate(larger * entryBytes);
    if (capacity != 0) {
      memory.copy(entries, <usize>load<u32>(heap), <usize>count << 4);
      release(<usize>load<u32>(heap), capacity * entryBytes);
    }
    store<u32>(heap, <u32>entries);
    store<u32>(heap, larger, 4);
  }
  store<u32>(heap, count + 1, 8);
  let k = count;
  while (k != 0) {
    const parent = (k - 1) >> 1;
    if (load<i64>(entryAt(heap, parent)) <= expiry) break;
    v128.store(entryAt(heap, k), v128.load(entryAt(heap, parent)));
    k = parent;
  }
  store<i64>(entryAt(heap, k), expiry);
  store<u32>(entryAt(heap, k), <u32>row, 8);
}

/** Takes the top entry off and gives its row. */
export function popHeap(heap: usize): usize {
  const row = heapRow(heap, 0);
  const count = heapCount(heap) - 1;
  store<u32>(heap, count, 8);
  const last = v128.load(entryAt(heap, count));
  const expiry = load<i64>(entryAt(heap, count));
  let k: u32 = 0;
  while (true) {
    let child: u32 = 2 * k + 1;
    if (child >= count) break;
    if (child + 1 < count && load<i64>(entryAt(heap, child + 1)) < load<i64>(entryAt(heap, child))) child++;
    if (load<i64>(entryAt(heap, child)) >= expiry) break;
    v128.store(entryAt(heap, k), v128.load(entryAt(heap, child)));
    k = child;
  }
  if (count != 0) v128.store(entryAt(heap, k), last);
  return row;
}
