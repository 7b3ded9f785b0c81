import { color, withAlpha } from './theme.ts';

export interface SparklineStyle {
  readonly token?: string;
  readonly filled?: boolean;
  /** The scale starts here; otherwise it follows the values. */
  readonly from?: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}
const sizes = new WeakMap<HTMLCanvasElement, Size>();

/** The size on the page may have changed. */
export function forgetSize(canvas: HTMLCanvasElement): void {
  sizes.delete(canvas);
}

/** A line without axes. The scale spans at least 40 % of the middle: a steady series must look steady. */
export function drawSparkline(canvas: HTMLCanvasElement, values: readonly (number | null)[], style: SparklineStyle = {}): void {
  const { width, height } = sizeOf(canvas);
  const ratio = Math.min(2, devicePixelRatio || 1);
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const known = values.filter((value): value is number => value !== null);
  if (known.length < 2) return;
  const [low, high] = scaleOf(known, style.from);
  const x = (index: number) => (index / (values.length - 1)) * (width - 4) + 1;
  const y = (value: number) => height - 1.5 - ((value - low) / (high - low)) * (height - 4);
  const stroke = color(style.token ?? 'flow');
  const last = traceLine(context, values, x, y);
  context.lineWidth = 1.4;
  context.lineJoin = 'round';
  context.strokeStyle = stroke;
  context.stroke();
  if (style.filled !== false && known.length === values.length) {
    context.lineTo(x(values.length - 1), height);
    context.lineTo(x(0), height);
    context.closePath();
    context.fillStyle = withAlpha(stroke, 0.1);
    context.fill();
  }
  if (last < 0) return;
  context.beginPath();
  context.arc(x(last), y(values[last] as number), 1.9, 0, 2 * Math.PI);
  context.fillStyle = stroke;
  context.fill();
}

/** Returns the index of the last value there is. */
function traceLine(
  context: CanvasRenderingContext2D,
  values: readonly (number | null)[],
  x: (index: number) => number,
  y: (value: number) => number,
): number {
  let drawing = false;
  let last = -1;
  context.beginPath();
  for (const [index, value] of values.entries()) {
    if (value !== null) {
      if (drawing) context.lineTo(x(index), y(value));
      else context.moveTo(x(index), y(value));
      last = index;
    }
    drawing = value !== null;
  }
  return last;
}

function scaleOf(values: readonly number[], from: number | undefined): [number, number] {
  const least = from ?? Math.min(...values);
  const most = Math.max(...values);
  if (from !== undefined) return [from, most > from ? most + (most - from) * 0.06 : from + 1];
  const middle = (least + most) / 2;
  const half = Math.max((most - least) * 0.58, Math.abs(middle) * 0.2) || 1;
  return [middle - half, middle + half];
}

function sizeOf(canvas: HTMLCanvasElement): Size {
  const known = sizes.get(canvas);
  if (known !== undefined) return known;
  const size = { width: canvas.clientWidth || 96, height: canvas.clientHeight || 20 };
  if (canvas.clientWidth > 0) sizes.set(canvas, size);
  return size;
}

/** Newest values of something, oldest first. */
export class Recent {
  readonly #length: number;
  values: (number | null)[];

  constructor(length: number, values: readonly (number | null)[] = []) {
    this.#length = length;
    this.values = values.slice(-length);
  }

  push(value: number | null): void {
    this.values.push(value);
    if (this.values.length > this.#length) this.values.shift();
  }
}
