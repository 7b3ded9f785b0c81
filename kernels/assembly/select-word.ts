import { allocate, release } from "./memory";

let words: usize = 0;
let capacity: u32 = 0;

/** Room for `count` words (i64), undefined; dies at the next call. */
export function reserveWords(count: u32): usize {
  if (count > capacity) {
    if (capacity != 0) release(words, capacity << 3);
    capacity = max<u32>(1024, count + (count >> 1));
    words = allocate(capacity << 3);
  }
  return words;
}

// @ts-ignore: decorator
@inline
function word(k: i32): usize {
  return words + (<usize>k << 3);
}

/** The `k`-th smallest of the first `count` words, from 0; it is at its place then, smaller ones before and larger ones after. */
export function selectWord(count: u32, k: u32): i64 {
  let low: i32 = 0;
  let high = <i32>count - 1;
  const wanted = <i32>k;
  while (low < high) {
    const pivot = medianOfThree(load<i64>(word(low)), load<i64>(word((low + high) >> 1)), load<i64>(word(high)));
    let i = low;
    let j = high;
    while (i <= j) {
      while (load<i64>(word(i)) < pivot) i++;
      while (load<i64>(word(j)) > pivot) j--;
      if (i > j) break;
      const moved = load<i64>(word(i));
      store<i64>(word(i), load<i64>(word(j)));
      store<i64>(word(j), moved);
      i++;
      j--;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else break;
  }
  return load<i64>(word(wanted));
}

function medianOfThree(a: i64, b: i64, c: i64): i64 {
  return max<i64>(min<i64>(a, b), min<i64>(max<i64>(a, b), c));
}

/** Where a continuous quantile lies among `count` sorted values: the lower place, and the share of the way to the next. */
export let quantileShare: f64 = 0;

export function quantilePlace(count: u32, quantile: f64): u32 {
  const place = <f64>(count - 1) * quantile;
  const below = Math.floor(place);
  quantileShare = place - below;
  return <u32>below;
}

/** Place of a discrete quantile of numerator / scale, both exact. */
export function discretePlace(count: u32, numerator: u64, scale: u64): u32 {
  const above = (<u64>count * scale - <u64>count * numerator) / scale;
  return <u32>(max<u64>(1, <u64>count - above) - 1);
}

/** Place of a discrete quantile among `count` values, from 0. */
export function sharePlace(count: i64, quantile: f64): i64 {
  const size = <f64>count;
  return max<i64>(1, <i64>Math.ceil(size * quantile - size * 1e-12)) - 1;
}
