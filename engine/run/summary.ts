import type { RuntimeStatus } from './runtime-status.ts';

export interface SourceSummary {
  readonly rows: number;
  readonly late: number;
  readonly rejected: number;
  /** ISO, UTC; null before the first event time. */
  readonly watermark: string | null;
  readonly state: string;
  readonly error: string | null;
}

export interface QuerySummary {
  readonly rows_in: number;
  readonly rows_out: number;
  readonly filtered: number;
  readonly late: number;
  readonly watermark: string | null;
  readonly state: string;
  readonly error: string | null;
  readonly state_bytes: number;
  readonly cpu_seconds: number;
}

/** Last line of `run --json`. */
export interface Summary {
  readonly v: 1;
  readonly sources: Readonly<Record<string, SourceSummary>>;
  readonly queries: Readonly<Record<string, QuerySummary>>;
  readonly rows_stored: number;
  readonly wall_seconds: number;
  readonly cpu_seconds: number;
  readonly peak_rss_bytes: number;
}

export function summarize(status: RuntimeStatus): Summary {
  const sources = Object.entries(status.sources).map(([name, { rows, late, rejected, watermark, state, error }]) => {
    return [name, { rows, late, rejected, watermark: isoTime(watermark), state, error }] as const;
  });
  const queries = Object.entries(status.queries).map(([id, query]) => {
    const { rowsIn, rowsOut, filtered, late, watermark, state, error, stateBytes, cpuSeconds } = query;
    const counts = { rows_in: rowsIn, rows_out: rowsOut, filtered, late };
    return [
      id,
      { ...counts, watermark: isoTime(watermark), state, error, state_bytes: stateBytes, cpu_seconds: seconds(cpuSeconds) },
    ] as const;
  });
  return {
    v: 1,
    sources: Object.fromEntries(sources),
    queries: Object.fromEntries(queries),
    rows_stored: status.store.rowsStored,
    wall_seconds: seconds((status.now - status.startedAt) / 1000),
    cpu_seconds: seconds(status.process.cpuSeconds),
    peak_rss_bytes: status.process.rssBytesMax,
  };
}

function seconds(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function isoTime(ms: number | null): string | null {
  if (ms === null) return null;
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
