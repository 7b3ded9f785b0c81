/** Times of kept rows: from when on source rows are needed to make them again, and until when they are needed. */

/** Event time (microseconds) as whole seconds and one, rounded down; 0: before 1970, or not known. */
// @ts-ignore: decorator
@inline
export function floorOf(time: i64): u32 {
  return time < 0 ? 0 : <u32>min<i64>(time / 1000000 + 1, 0xfffffffe);
}

// @ts-ignore: decorator
@inline
export function timeOfFloor(floor: u32): i64 {
  return floor == 0 ? i64.MIN_VALUE : (<i64>floor - 1) * 1000000;
}

/** A row with this floor has come, or has now it. */
// @ts-ignore: decorator
@inline
export function noteFloor(side: usize, floor: u32): void {
  const time = timeOfFloor(floor);
  if (time < load<i64>(side, 80)) store<i64>(side, time, 80);
}

/** `value + delay`, which stays infinite when it is, and never passes the ends of time. */
export function laterBy(value: i64, delay: i64): i64 {
  if (value == i64.MAX_VALUE || value == -i64.MAX_VALUE) return value;
  const sum = value + delay;
  if (delay >= 0) return sum < value ? i64.MAX_VALUE : sum;
  return sum > value ? -i64.MAX_VALUE : sum;
}
