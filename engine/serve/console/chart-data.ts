export type ValueFormat = (value: number | null | undefined) => string;

export interface ChartLine {
  readonly label: string;
  readonly token: string;
  /** edge: of a band, thin. mark: points that stand out. ahead: dashed, of times to come. */
  readonly kind?: 'edge' | 'mark' | 'ahead';
  readonly values: readonly (number | null)[];
}

/** Times in seconds, ascending; every line has one value per time. */
export interface ChartData {
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  /** Between two of the lines, the upper one first, the ground is coloured. */
  readonly bands?: readonly (readonly [upper: number, lower: number])[];
  readonly threshold?: ChartThreshold;
  /** Seconds [from, to] of the axis. */
  readonly range: readonly [number, number];
  readonly format: ValueFormat;
}

export interface ChartThreshold {
  readonly value: number;
  readonly text: string;
  /** Seconds: where values are expected to cross it. */
  readonly crossing: { readonly time: number; readonly text: string } | null;
}

/** A threshold that is further from the values than so many times their height is not drawn: they would be a flat line. */
const heightsMax = 3;
/** Least and greatest of what is drawn, the threshold with it where it is not too far away. */
export function withThreshold(
  low: number | null,
  high: number | null,
  threshold: ChartThreshold | undefined,
): [number | null, number | null] {
  if (threshold === undefined || low === null || high === null) return [low, high];
  const { value } = threshold;
  const height = high - low;
  const near = value >= low - height * heightsMax && value <= high + height * heightsMax;
  return near ? [Math.min(low, value), Math.max(high, value)] : [low, high];
}
