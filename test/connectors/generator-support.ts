import type { Batch, Column } from '../../connectors/batch.ts';
import type { Position, SourceReader } from '../../connectors/connector.ts';
import { generator } from '../../connectors/generator/generator.ts';
import type { StreamName } from '../../connectors/generator/stream.ts';
import { streamColumns } from '../../connectors/generator/stream-columns.ts';
import type { OptionValues } from '../../connectors/options.ts';

export type Cell = string | number | null;
export type Row = Readonly<Record<string, Cell>>;

/** Monday 09:00:00 UTC, in microseconds. */
export const startMicros = Date.UTC(2026, 0, 5, 9) * 1000;
export const startText = '2026-01-05 09:00:00';

export interface OpenOptions {
  readonly options?: OptionValues;
  readonly columns?: readonly string[];
  readonly positions?: ReadonlyMap<string, Position>;
  readonly nowMs?: number;
}

/** Opens a stream that starts at `startText` unless `options` say otherwise (`start: undefined`: at `nowMs`). */
export function openStream(
  stream: StreamName,
  { options = {}, columns, positions = new Map(), nowMs = 0 }: OpenOptions = {},
): Promise<SourceReader> {
  const declared = streamColumns[stream];
  const needed = declared.flatMap(({ name }, index) => (columns === undefined || name === 'ts' || columns.includes(name) ? [index] : []));
  return generator.open({
    source: 'test',
    columns: declared,
    needed,
    options: { stream, start: startText, ...options },
    eventTime: 0,
    positions,
    directory: '.',
    clock: { now: () => nowMs },
  });
}

/** Rows until the source ends, or at least `rowsMax`. `ts` and `until` in microseconds. */
export async function readStream(stream: StreamName, open: OpenOptions = {}, rowsMax = Number.POSITIVE_INFINITY): Promise<Row[]> {
  const reader = await openStream(stream, open);
  const names = streamColumns[stream]
    .map(({ name }) => name)
    .filter((name) => open.columns === undefined || name === 'ts' || open.columns.includes(name));
  const rows: Row[] = [];
  const ended = new Set<string>();
  while (rows.length < rowsMax && ended.size < reader.partitions.length) {
    const polled = await reader.poll();
    if ('end' in polled) ended.add(polled.end);
    else if ('batch' in polled) rows.push(...rowsOf(polled.batch, names));
    else break;
  }
  return rows;
}

export function rowsOf(batch: Batch, names: readonly string[]): Row[] {
  return Array.from({ length: batch.rows }, (_, row) =>
    Object.fromEntries(names.map((name, i) => [name, cellOf(batch.columns[i] as Column, row)])),
  );
}

function cellOf(column: Column, row: number): Cell {
  if (column.validity !== null && (((column.validity[row >> 3] as number) >> (row & 7)) & 1) === 0) return null;
  if (column.kind === 'fixed') return Number(column.data[row]);
  if (column.kind === 'string') return column.dictionary.text(column.codes[row] as number);
  if (column.kind !== 'list') throw new Error(`no test reads a ${column.kind} column`);
  const entries = [];
  for (let i = column.offsets[row] as number; i < (column.offsets[row + 1] as number); i++) {
    entries.push(column.children.map((child) => cellOf(child, i)).join('='));
  }
  return entries.join(',');
}
