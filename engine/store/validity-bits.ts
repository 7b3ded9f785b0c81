import type { Validity } from '../../connectors/batch.ts';

/** Bits of rows start .. start + count, moved to begin at bit 0; null when every row is valid. */
export function validitySlice(validity: Validity, start: number, count: number): Validity {
  if (validity === null) return null;
  const bytes = (count + 7) >> 3;
  const shift = start & 7;
  const first = start >> 3;
  if (shift === 0) return validity.subarray(first, first + bytes);
  const slice = new Uint8Array(bytes);
  for (let index = 0; index < bytes; index++) {
    slice[index] = ((validity[first + index] as number) >> shift) | ((validity[first + index + 1] ?? 0) << (8 - shift));
  }
  return slice;
}

/** Valid where both are. */
export function validityBoth(a: Validity, b: Validity): Validity {
  if (a === null) return b;
  if (b === null) return a;
  const both = new Uint8Array(Math.min(a.length, b.length));
  for (let index = 0; index < both.length; index++) both[index] = (a[index] as number) & (b[index] as number);
  return both;
}

export function isValid(validity: Validity, row: number): boolean {
  return validity === null || ((validity[row >> 3] as number) & (1 << (row & 7))) !== 0;
}
