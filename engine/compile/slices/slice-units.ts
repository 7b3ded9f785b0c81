import type { StageWindow } from '../stage-window.ts';

/** Units of time in which a hop is cut: its slide and its size are whole numbers of them. */
export interface SliceUnits {
  readonly micros: bigint;
  readonly perSlide: bigint;
  readonly perSize: bigint;
}

export function unitsOf({ slide, size }: StageWindow): SliceUnits {
  const divisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : divisor(b, a % b));
  const micros = divisor(size, slide);
  return { micros, perSlide: slide / micros, perSize: size / micros };
}
