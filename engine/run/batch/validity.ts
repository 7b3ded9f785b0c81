import type { Validity } from '../../../connectors/batch.ts';

export function isValid(validity: Validity, row: number): boolean {
  return validity === null || ((validity[row >> 3] as number) & (1 << (row & 7))) !== 0;
}

/** Bits [start, end) moved to bit 0. */
export function sliceValidity(validity: Validity, start: number, end: number): Validity {
  if (validity === null) return null;
  const bytes = (end - start + 7) >> 3;
  const from = start >> 3;
  const shift = start & 7;
  if (shift === 0) return validity.subarray(from, from + bytes);
  const bits = new Uint8Array(bytes);
  for (let i = 0; i < bytes; i++) {
    bits[i] = ((validity[from + i] as number) >> shift) | ((validity[from + i + 1] ?? 0) << (8 - shift));
  }
  return bits;
}

export function selectValidity(validity: Validity, rows: Uint32Array): Validity {
  if (validity === null) return null;
  const bits = new Uint8Array((rows.length + 7) >> 3);
  for (let i = 0; i < rows.length; i++) {
    if (isValid(validity, rows[i] as number)) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  }
  return bits;
}
