/** Rows in and out per operator of the plan: two i64 each, at `counters` + 16 * node. */
// @ts-ignore: decorator
@inline
export function countRows(counters: usize, node: i32, rowsIn: i64, rowsOut: i64): void {
  const at = counters + (<usize>node << 4);
  store<i64>(at, load<i64>(at) + rowsIn);
  store<i64>(at, load<i64>(at, 8) + rowsOut, 8);
}

// @ts-ignore: decorator
@inline
export function countOut(counters: usize, node: i32, rowsOut: i64): void {
  countRows(counters, node, 0, rowsOut);
}
