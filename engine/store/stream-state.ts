import type { ColumnSpec } from '../../connectors/data-type.ts';

/** A hot table `segment."<table>"`. Times in microseconds; null when no row has an event time. */
export interface Segment {
  readonly id: number;
  readonly table: string;
  readonly generation: Generation;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  closedAt: number | null;
  lastAppendAt: number;
  rows: number;
  minTime: bigint | null;
  maxTime: bigint | null;
}

export interface ParquetFile {
  readonly id: number;
  readonly generation: Generation;
  /** Relative to the data folder. */
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  readonly minTime: bigint | null;
  readonly maxTime: bigint | null;
  /** Some HUGEINT is beyond DECIMAL(38,0): those columns are text. See parquet-encoding.ts. */
  readonly wide: boolean;
  readonly createdAt: number;
}

/** Rows with one set of columns. A stream begins a new one when its columns change. */
export interface Generation {
  readonly number: number;
  readonly columns: readonly ColumnSpec[];
  readonly since: number;
  /** Set when rows are taken back and replaced, by the key's columns, or as whole rows that are counted. */
  readonly changing: { readonly key: readonly string[] | null } | null;
  /** Name of the view that holds it when its columns do not fit those of now; null: part of the stream's view. */
  archivedAs: string | null;
}

export interface StreamState {
  readonly id: number;
  readonly name: string;
  eventTime: string | null;
  retentionMs: number | null;
  hotMs: number;
  /** Oldest first; the last is the one written to. */
  readonly generations: Generation[];
  segments: Segment[];
  files: ParquetFile[];
  /** The segment that rows go to. */
  active: Segment | null;
  rowsDropped: number;
  moveFailedAt: number;
}

export function currentGeneration(stream: StreamState): Generation {
  return stream.generations[stream.generations.length - 1] as Generation;
}

/** Largest event time of all rows, microseconds. */
export function newestTime(stream: StreamState): bigint | null {
  let newest: bigint | null = null;
  for (const { maxTime } of [...stream.segments, ...stream.files]) {
    if (maxTime !== null && (newest === null || maxTime > newest)) newest = maxTime;
  }
  return newest;
}

/** Event time that retention and moves count back from (ms): never ahead of the clock, so that one row from the future drops nothing. */
export function referenceTime(stream: StreamState, now: number): number {
  const newest = newestTime(stream);
  return newest === null ? now : Math.min(now, Number(newest / 1000n));
}
