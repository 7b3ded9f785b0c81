/** Doubles as integers in SQL's order: NaN is the largest and equal to itself. */
// @ts-ignore: decorator
@inline
export function doubleOrder(value: f64): i64 {
  const bits = reinterpret<i64>(value);
  return select<i64>(0x7ff8000000000000, bits ^ <i64>(<u64>(bits >> 63) >> 1), value != value);
}

// @ts-ignore: decorator
@inline
export function orderedDouble(order: i64): f64 {
  return reinterpret<f64>(order ^ <i64>(<u64>(order >> 63) >> 1));
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
