import { readFile } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { BacktestError, firstLine } from './backtest-error.ts';
import { type ColumnExpressions, fileColumn, RecordedFile } from './recorded-file.ts';

/** A stretch of time (microseconds since 1970), its end inside it; of one row: both equal. */
export interface LabelledTime {
  /** As the labels name it; null: they name none. */
  readonly series: string | null;
  readonly start: bigint;
  readonly end: bigint;
}

/** What labels say: stretches of time, and every series that they speak of. */
export interface Labels {
  readonly times: readonly LabelledTime[];
  readonly series: ReadonlySet<string>;
}

/** Names of columns, the likeliest first. */
const names = {
  series: ['series', 'name', 'file'],
  start: ['start', 'start_time', 'window_start', 'begin', 'from'],
  end: ['end', 'end_time', 'window_end', 'stop', 'to'],
  point: ['ts', 'timestamp', 'time'],
  label: ['label', 'is_anomaly', 'anomaly'],
} as const;

const hint =
  'a row is a window (series, start, end) or a point (series, ts, label); --label-column "start=EXPRESSION" says what a column is, in SQL over those of the file';

/**
 * Windows or points of a CSV, JSON or Parquet file, or NAB's form of windows: an object of series, each with a list of [start, end].
 * `keys`: columns that tell series apart in the result, by which labels may name them. Throws BacktestError.
 */
export async function readLabels(
  connection: DuckDBConnection,
  path: string,
  given: ColumnExpressions,
  keys: readonly string[],
): Promise<Labels> {
  const windows = /\.json$/i.test(path) ? await nabWindows(path) : null;
  return windows ?? tableLabels(await RecordedFile.open(connection, path), given, keys);
}

async function tableLabels(file: RecordedFile, given: ColumnExpressions, keys: readonly string[]): Promise<Labels> {
  const find = (wanted: readonly string[]): string | null => {
    for (const name of wanted) {
      const found = file.expression(name, given);
      if (found !== null) return found;
    }
    return null;
  };
  const byKey = keys.map((key) => file.expression(key, given));
  const texts = byKey.map((key) => `coalesce(CAST(${key} AS VARCHAR), 'NULL')`);
  const series = given.has('series') || keys.length === 0 || byKey.includes(null) ? find(names.series) : texts.join(" || '/' || ");
  const [start, end, point] = [find(names.start), find(names.end), find(names.point)];
  const label = find(names.label);
  const [from, to] = start !== null && end !== null ? [start, end] : [point, point];
  if (from === null || to === null) {
    const known = file.columns.filter((column) => column !== fileColumn).join(', ');
    throw new BacktestError(`${file.path} has no columns start and end, and none called ts; it has ${known}`, hint);
  }
  const micros = (expression: string) => `epoch_us(CAST(${expression} AS TIMESTAMP))`;
  const condition = start !== null && end !== null && !given.has('label') ? null : label;
  const labelled = condition === null ? 'true' : `coalesce(CAST(${condition} AS DOUBLE) > 0, false)`;
  const name = series === null ? 'NULL' : `CAST(${series} AS VARCHAR)`;
  const rows = await file.rows(`SELECT ${name}, ${micros(from)}, ${micros(to)} FROM ${file.relation} WHERE ${labelled}`, hint);
  const spoken = await file.rows(`SELECT DISTINCT ${name} FROM ${file.relation}`, hint);
  const times = rows.map(([of, begin, last]) => window(file.path, of as string | null, begin as bigint | null, last as bigint | null));
  return { times, series: new Set(spoken.flatMap(([each]) => (each === null ? [] : [each as string]))) };
}

function window(path: string, series: string | null, start: bigint | null, end: bigint | null): LabelledTime {
  if (start === null || end === null) throw new BacktestError(`${path}: a label has no time`, hint);
  if (end < start) throw new BacktestError(`${path}: a window${series === null ? '' : ` of ${series}`} ends before it starts`, hint);
  return { series, start, end };
}

/** Null when the file is of another form. */
async function nabWindows(path: string): Promise<Labels | null> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw new BacktestError(`${path} cannot be read: ${firstLine(error)}`, 'name a file of labels');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed) || !Object.values(parsed).every(Array.isArray)) return null;
  const times = Object.entries(parsed as Record<string, unknown[]>).flatMap(([series, windows]) =>
    windows.map((each) => {
      const [start, end] = (Array.isArray(each) ? each : [each, each]).map((text) => microsOf(text));
      return window(path, series, start ?? null, end ?? null);
    }),
  );
  return { times, series: new Set(Object.keys(parsed)) };
}

/** `2014-04-10 07:15:00.000000` or with a T; UTC where it names no zone. */
function microsOf(text: unknown): bigint | null {
  const parts = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,6})\d*)?(Z|[+-]\d\d:?\d\d)?$/.exec(String(text).trim());
  if (parts === null) return null;
  const ms = Date.parse(`${parts[1]}T${parts[2]}${parts[4] ?? 'Z'}`);
  return Number.isNaN(ms) ? null : BigInt(ms) * 1000n + BigInt((parts[3] ?? '').padEnd(6, '0'));
}
