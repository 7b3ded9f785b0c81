/** Faults that end a query, as SQL does: the host throws, so `fail` never returns. Codes are named in engine/compile/expression/fault.ts. */
// @ts-ignore: decorator
@external("expression", "fail")
declare function hostFail(code: i32): void;

export const faultOverflow: i32 = 1;
export const faultCast: i32 = 2;
export const faultDomain: i32 = 3;
export const faultShift: i32 = 4;
export const faultPadding: i32 = 5;
export const faultTimestamp: i32 = 6;
export const faultArgument: i32 = 7;
export const faultTooLong: i32 = 8;
export const faultManyRows: i32 = 9;

/** Set by a cast that has no answer; CAST turns it into a fault, TRY_CAST into NULL. */
export let castFailed: bool = false;

export function fail(code: i32): void {
  hostFail(code);
  unreachable();
}

// @ts-ignore: decorator
@inline
export function rejectCast(): void {
  castFailed = true;
}

/** True, once, when a cast failed since the last call. */
export function takeCastFailure(): bool {
  const failed = castFailed;
  castFailed = false;
  return failed;
}

export function requireCast(): void {
  if (castFailed) fail(faultCast);
}
