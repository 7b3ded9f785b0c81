import { fail, faultArgument, faultTooLong } from "./fault";

/** Longest list that a function may make. */
const elementsMax: i64 = 16 << 20;

/** Place of the first element of a slice, from 0. */
export let sliceFirst: i64 = 0;

/**
 * How many elements l[begin:end:step] has, both ends included. Bounds count from 1, below 0 from the end; i64.MIN_VALUE and
 * i64.MAX_VALUE are open ones. A step below 0 goes down from `begin`.
 */
export function sliceCount(count: i64, begin: i64, end: i64, step: i64): u32 {
  if (step == 0) fail(faultArgument);
  let low = begin;
  let high = end;
  if (step < 0) {
    low = begin == i64.MIN_VALUE ? i64.MAX_VALUE : begin;
    high = end == i64.MAX_VALUE ? i64.MIN_VALUE : end;
    const swapped = low;
    low = high;
    high = swapped;
  }
  if (low < 0) low = low == i64.MIN_VALUE ? 1 : max<i64>(1, count + low + 1);
  else low = max<i64>(1, low);
  if (high < 0) high = high == i64.MIN_VALUE ? 0 : count + high + 1;
  else high = min<i64>(count, high);
  if (low > high) return 0;
  sliceFirst = step > 0 ? low - 1 : high - 1;
  const width = step > 0 ? step : -step;
  return <u32>((high - low) / width + 1);
}

/** How many integers lie from `start` to `stop` by `step`. */
export function seriesCount(start: i64, stop: i64, step: i64, inclusive: bool): u32 {
  if (step == 0) {
    fail(faultArgument);
    return 0;
  }
  if (step > 0 ? start > stop : start < stop) return 0;
  if (start == stop && !inclusive) return 0;
  const distance = step > 0 ? <u64>(stop - start) : <u64>(start - stop);
  const width = step > 0 ? <u64>step : <u64>(-step);
  const count = inclusive ? distance / width + 1 : (distance - 1) / width + 1;
  if (count > <u64>elementsMax) fail(faultTooLong);
  return <u32>count;
}
