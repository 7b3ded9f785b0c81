/** Doubles as integers in SQL's order: NaN is the largest and equal to itself. */
// @ts-ignore: decorator
@inline
export function doubleOrder(value: f64): i64 {
  const bits = reinterpret<i64>(value);
  return select<i64>(0x7ff8000000000000, bits ^ <i64>(<u64>(bits >> 63) >> 1), value != value);
}

// @ts-ignore: decorator
@inline
export function unsignedOrder(value: u64): i64 {
  return <i64>(value ^ 0x8000000000000000);
}

// @ts-ignore: decorator
@inline
export function orderedUnsigned(order: i64): u64 {
  return <u64>order ^ 0x8000000000000000;
}

/** Keeps the smaller double in `field`, the first of equals. NaN, where a field starts, stays only while nothing else comes. */
// @ts-ignore: decorator
@inline
export function keepLeast(field: usize, value: f64): void {
  if (value == value) {
    const kept = v128.load64_zero(field);
    const other = f64x2.splat(value);
    v128.store64_lane(field, v128.bitselect(kept, other, f64x2.le(kept, other)), 0);
  }
}

/** Keeps the larger double in `field`, the first of equals; fields start at -Infinity. NaN is the largest. */
// @ts-ignore: decorator
@inline
export function keepLargest(field: usize, value: f64): void {
  // pmax keeps a NaN that is there, and no branch is hard to foresee: scalar minima and maxima of doubles compile to branches.
  if (value == value) v128.store64_lane(field, f64x2.pmax(v128.load64_zero(field), f64x2.splat(value)), 0);
  else store<f64>(field, NaN);
}

/** The double that `doubleOrder` gave this for. */
// @ts-ignore: decorator
@inline
export function orderedDouble(order: i64): f64 {
  return reinterpret<f64>(order ^ <i64>(<u64>(order >> 63) >> 1));
}
