import type { Scale } from './scale.ts';

/** A place of values by row: x ascending. */
export interface Axes {
  readonly x: (row: number) => number;
  readonly y: Scale;
  /** Whether nothing is drawn between a row and the one before it. */
  readonly apart?: (row: number) => boolean;
}

/** One pixel's rows; NaN where none has a value. */
interface Pixel {
  readonly x: number;
  first: number;
  lowest: number;
  highest: number;
  last: number;
}

/**
 * Path of a line through values by row (NaN: a gap). Where several rows share a pixel it goes through the first, the lowest, the highest
 * and the last of them: no peak is lost, however many rows there are.
 */
export function linePath(values: Float64Array, axes: Axes): string {
  let path = '';
  let open = false;
  for (const { x, first, lowest, highest, last } of pixelsOf(values, values, axes)) {
    if (Number.isNaN(first)) {
      open = false;
      continue;
    }
    const [rising, falling] = [
      [lowest, highest],
      [highest, lowest],
    ] as const;
    const places = [first, ...(first <= last ? rising : falling), last].map((value) => tenth(axes.y.at(value)));
    path += places
      .filter((place, index) => place !== places[index - 1])
      .map((place, index) => `${open || index > 0 ? 'L' : 'M'}${x},${place}`)
      .join('');
    // A single point has no length: a dot of a round line cap.
    if (!open && new Set(places).size === 1) path += 'h0';
    open = true;
  }
  return path;
}

/** Path of the area between two lines, in pieces where a gap is. */
export function areaPath(lower: Float64Array, upper: Float64Array, axes: Axes): string {
  let path = '';
  let piece: Pixel[] = [];
  const close = (): void => {
    if (piece.length > 0) {
      const above = piece.map(({ x, highest }) => `${x},${tenth(axes.y.at(highest))}`);
      const below = piece.map(({ x, lowest }) => `${x},${tenth(axes.y.at(lowest))}`).reverse();
      path += `M${[...above, ...below].join('L')}Z`;
    }
    piece = [];
  };
  for (const pixel of pixelsOf(lower, upper, axes)) {
    if (Number.isNaN(pixel.lowest) || Number.isNaN(pixel.highest)) close();
    else piece.push(pixel);
  }
  close();
  return path;
}

/** A pixel of nothing but gaps is given too, as NaN. */
function* pixelsOf(low: Float64Array, high: Float64Array, { x, apart }: Axes): Generator<Pixel> {
  let pixel: Pixel | null = null;
  for (let row = 0; row < low.length; row++) {
    const at = tenth(Math.round(x(row) * 2) / 2);
    const [bottom, top] = [low[row] as number, high[row] as number];
    const alone = apart?.(row) === true;
    if (pixel === null || pixel.x !== at || alone) {
      if (pixel !== null) yield pixel;
      if (alone) yield { x: at, first: Number.NaN, lowest: Number.NaN, highest: Number.NaN, last: Number.NaN };
      pixel = { x: at, first: bottom, lowest: bottom, highest: top, last: bottom };
      continue;
    }
    if (Number.isNaN(bottom) || Number.isNaN(top)) continue;
    if (Number.isNaN(pixel.first)) pixel.first = bottom;
    pixel.lowest = Number.isNaN(pixel.lowest) ? bottom : Math.min(pixel.lowest, bottom);
    pixel.highest = Number.isNaN(pixel.highest) ? top : Math.max(pixel.highest, top);
    pixel.last = bottom;
  }
  if (pixel !== null) yield pixel;
}

export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
