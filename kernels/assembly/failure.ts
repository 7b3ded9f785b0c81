// @ts-ignore: decorator
@external("host", "lateRow")
declare function hostLateRow(node: i32): void;

/** A row fell into a window that has been put out: the caller broke the watermark. Does not return. */
export function lateRow(node: i32): void {
  hostLateRow(node);
  unreachable();
}
