/** Where the records at hand lie: by row, arrays of fixed size. Lengths of -1 stand for null. */
import { allocate } from "../memory";

export const spanRowsMax: u32 = 8192;
const arrays: u32 = 8;
const places: usize = memory.data(8 * 4, 16);

// @ts-ignore: decorator
@inline export const valueAddresses: u32 = 0;
// @ts-ignore: decorator
@inline export const valueLengths: u32 = 1;
// @ts-ignore: decorator
@inline export const keyAddresses: u32 = 2;
// @ts-ignore: decorator
@inline export const keyLengths: u32 = 3;
/** Headers as they stand in the record: their number, then each. */
// @ts-ignore: decorator
@inline export const headerAddresses: u32 = 4;
// @ts-ignore: decorator
@inline export const headerLengths: u32 = 5;
/** i64. */
// @ts-ignore: decorator
@inline export const offsets: u32 = 6;
/** i64, milliseconds since 1970. */
// @ts-ignore: decorator
@inline export const timestamps: u32 = 7;

export function startSpans(): void {
  for (let array: u32 = 0; array < arrays; array++) {
    store<u32>(places + (<usize>array << 2), <u32>allocate(spanRowsMax * (array < offsets ? 4 : 8)));
  }
}

/** Address of one of the arrays. */
// @ts-ignore: decorator
@inline
export function spanArray(array: u32): usize {
  return <usize>load<u32>(places + (<usize>array << 2));
}
