const [minute, hour, day] = [60_000, 3_600_000, 86_400_000] as const;
/** Distances of time ticks (ms). */
const timeSteps: readonly number[] = [
  ...[1000, 5000, 15_000, 30_000, minute, 5 * minute, 15 * minute, 30 * minute],
  ...[hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 14 * day, 30 * day, 90 * day, 365 * day, 3650 * day],
];
/** Nice numbers of a decade. */
const niceNumbers = [1, 2, 5, 10] as const;

/** From numbers to a place on an axis. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly at: (value: number) => number;
}

/** `from`..`to` becomes `start`..`end`; a range without length lies in the middle. */
export function scale(from: number, to: number, start: number, end: number): Scale {
  const length = to - from;
  return { from, to, at: (value) => (length > 0 ? start + ((value - from) / length) * (end - start) : (start + end) / 2) };
}

/** About `count` round numbers within. */
export function numberTicks({ from, to }: Scale, count: number): number[] {
  const rough = (to - from) / count;
  if (!(rough > 0) || !Number.isFinite(rough)) return Number.isFinite(from) ? [from] : [];
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * (niceNumbers.find((number) => number * decade >= rough) ?? 10);
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, index) => (first + index) * step);
}

/** Round times (ms) within, at most `most` of them. */
export function timeTicks({ from, to }: Scale, most: number): { readonly at: number; readonly text: string }[] {
  const step = timeSteps.find((each) => (to - from) / each <= most) ?? (to - from) / most;
  if (!(step > 0)) return [{ at: from, text: tickText(from, day) }];
  const first = Math.ceil(from / step) * step;
  const times = Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, index) => first + index * step);
  return times.map((at) => ({ at, text: tickText(at, step) }));
}

function tickText(ms: number, step: number): string {
  const text = new Date(ms).toISOString();
  if (step >= day) return text.slice(0, 10);
  return step >= minute ? `${text.slice(5, 10)} ${text.slice(11, 16)}` : text.slice(11, 19);
}

/** Three to five digits. */
export function numberText(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3)
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  return String(Number(value.toPrecision(size >= 1000 ? 6 : 4)));
}
