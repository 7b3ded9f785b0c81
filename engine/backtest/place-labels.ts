import { BacktestError } from './backtest-error.ts';
import type { LabelledTime, Labels } from './read-labels.ts';
import type { RowWindow } from './row-window.ts';
import type { SeriesRows } from './series-rows.ts';
import { labelledEvents } from './volume-under-surface.ts';

/** Names that a message lists. */
const namesShown = 3;

export interface PlacedLabels {
  /** By series, 1 for rows that are labelled; only series that the labels speak of. */
  readonly rows: ReadonlyMap<string, Uint8Array>;
  /** By series, stretches of labelled rows. */
  readonly windows: ReadonlyMap<string, readonly RowWindow[]>;
  readonly warnings: readonly string[];
}

/** Labels as rows of the series. Throws BacktestError when they name none of the series, or no time that the data has. */
export function placeLabels({ times, series: named }: Labels, series: readonly SeriesRows[]): PlacedLabels {
  const known = new Map(series.map((each) => [each.name, each]));
  const nameOf = (label: string | null): string | null => (label === null ? onlySeries(series) : matchingName(label, known));
  const rows = new Map<string, Uint8Array>();
  const unknown = new Set<string>();
  for (const name of named) {
    const of = nameOf(name);
    if (of === null) unknown.add(name);
    else rows.set(of, new Uint8Array((known.get(of) as SeriesRows).rows));
  }
  let [outside, inside] = [0, 0];
  for (const time of times) {
    const of = nameOf(time.series);
    if (of === null) continue;
    const labels = rows.get(of) ?? new Uint8Array((known.get(of) as SeriesRows).rows);
    rows.set(of, labels);
    if (mark(labels, (known.get(of) as SeriesRows).times, time)) inside++;
    else outside++;
  }
  const names = [...known.keys()];
  if (named.size > 0 && unknown.size === named.size)
    throw new BacktestError(
      `the labels name ${listed([...unknown])}, but the series of the result are ${listed(names)}`,
      'series are named by the columns that tell them apart, with / between: --series NAME,NAME; --label-column "series=EXPRESSION"',
    );
  if (outside > 0 && inside === 0)
    throw new BacktestError(`no labelled time lies in the data, which goes ${span(series)}`, 'are the times in UTC?');
  const warnings = [
    ...(unknown.size === 0 ? [] : [`labels of ${unknown.size} series that are not in the result are left out: ${listed([...unknown])}`]),
    ...(outside === 0 ? [] : [`${outside} of ${outside + inside} labels lie before or after the rows of their series, and are left out`]),
    ...(rows.size === known.size ? [] : [`${known.size - rows.size} series have no labels; alarms in them count as false`]),
  ];
  return { rows, windows: new Map([...rows].map(([name, labels]) => [name, labelledEvents(labels)])), warnings };
}

function onlySeries(series: readonly SeriesRows[]): string {
  const [only, ...more] = series;
  if (only !== undefined && more.length === 0) return only.name;
  throw new BacktestError(
    `the labels name no series, and the result has ${series.length}`,
    'say which column does: --label-column "series=EXPRESSION"',
  );
}

/** As it is, or without folders and the ending of a file: NAB names series `realAWSCloudwatch/name.csv`. */
function matchingName(label: string, known: ReadonlyMap<string, unknown>): string | null {
  const short = label.replace(/\.csv$/, '');
  return [label, short, short.slice(short.lastIndexOf('/') + 1)].find((name) => known.has(name)) ?? null;
}

/** Marks the rows of the time; the first row after it where it lies between two. False where it lies before or after all of them. */
function mark(labels: Uint8Array, times: BigInt64Array, { start, end }: LabelledTime): boolean {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as bigint) < start) low = middle + 1;
    else high = middle;
  }
  const first = low;
  for (; low < times.length && (times[low] as bigint) <= end; low++) labels[low] = 1;
  if (low > first) return true;
  if (low === 0 || low === times.length) return false;
  labels[low] = 1;
  return true;
}

function listed(names: readonly string[]): string {
  const more = names.length > namesShown ? ` and ${names.length - namesShown} more` : '';
  return `${names
    .slice(0, namesShown)
    .map((name) => `"${name}"`)
    .join(', ')}${more}`;
}

function span(series: readonly SeriesRows[]): string {
  const times = series.flatMap(({ times, rows }) => (rows === 0 ? [] : [times[0] as bigint, times[rows - 1] as bigint]));
  const [first, last] = [times.reduce((a, b) => (b < a ? b : a)), times.reduce((a, b) => (b > a ? b : a))];
  return `from ${timeText(first)} to ${timeText(last)}`;
}

export function timeText(micros: bigint): string {
  return new Date(Number(micros / 1000n))
    .toISOString()
    .replace('T', ' ')
    .replace(/(\.000)?Z$/, '');
}
