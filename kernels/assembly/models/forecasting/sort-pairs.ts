import { otherPairs, pairs } from "./workspace";

const runLength: i32 = 8;

/** Sorts the first `count` pairs (error, weight) of the workspace by error, equal ones in their order; the address where they are then. */
export function sortPairs(count: i32): usize {
  for (let start = 0; start < count; start += runLength) sortRun(start, min<i32>(start + runLength, count));
  let from = pairs;
  let to = otherPairs;
  for (let width = runLength; width < count; width <<= 1) {
    for (let start = 0; start < count; start += width << 1) {
      merge(from, to, start, min<i32>(start + width, count), min<i32>(start + (width << 1), count));
    }
    const swapped = from;
    from = to;
    to = swapped;
  }
  return from;
}

function sortRun(start: i32, end: i32): void {
  for (let i = start + 1; i < end; i++) {
    const pair = v128.load(pairs + ((<usize>i) << 4));
    const error = load<f64>(pairs + ((<usize>i) << 4));
    let place = pairs + ((<usize>i) << 4);
    const first = pairs + ((<usize>start) << 4);
    while (place > first && load<f64>(place - 16) > error) {
      v128.store(place, v128.load(place - 16));
      place -= 16;
    }
    v128.store(place, pair);
  }
}

function merge(from: usize, to: usize, start: i32, middle: i32, end: i32): void {
  let left = from + ((<usize>start) << 4), right = from + ((<usize>middle) << 4), out = to + ((<usize>start) << 4);
  const leftEnd = right, rightEnd = from + ((<usize>end) << 4);
  while (left < leftEnd && right < rightEnd) {
    const takeRight = load<f64>(right) < load<f64>(left);
    v128.store(out, v128.load(takeRight ? right : left));
    if (takeRight) right += 16;
    else left += 16;
    out += 16;
  }
  if (left < leftEnd) memory.copy(out, left, leftEnd - left);
  else if (right < rightEnd) memory.copy(out, right, rightEnd - right);
}
