import { unit } from './hash.ts';

/** How much earlier than its place in the order a row's event time is: 0 for three rows in four, else uniform up to the bound. */
export function disorderOf(bits: number, boundMicros: number): number {
  return (bits & 3) === 0 ? Math.floor(unit(bits) * boundMicros) : 0;
}
