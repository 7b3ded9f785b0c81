import type { Column } from '../batch.ts';
import type { Effects } from './effects.ts';
import type { FaultCalendar } from './fault-calendar.ts';
import type { Fleet } from './fleet.ts';
import type { ReleaseTrain } from './release-train.ts';

export const streamNames = ['metrics', 'spans', 'logs', 'deploys', 'labels'] as const;
export type StreamName = (typeof streamNames)[number];

/** What a stream of rows is made from. */
export interface StreamContext {
  readonly fleet: Fleet;
  readonly calendar: FaultCalendar;
  readonly effects: Effects;
  readonly releases: ReleaseTrain;
  /** Lower-case names of the columns to make. */
  readonly needed: ReadonlySet<string>;
  readonly partition: number;
  readonly partitions: number;
  readonly rate: number;
  readonly spanRate: number;
  readonly intervalMs: number;
  readonly disorderMicros: number;
}

export interface Filled {
  readonly rows: number;
  /** By column name; at least those needed. */
  readonly columns: ReadonlyMap<string, Column>;
  /** The slot after the last one looked at. */
  readonly next: number;
}

/**
 * Rows in numbered slots in order of time, each slot a pure function of the seed and its number. A slot may hold no row (its host is
 * silent) or several (a trace and its spans).
 */
export interface RowStream {
  /** Microseconds since 1970, before disorder; Infinity when no slot follows. */
  timeOf(slot: number): number;
  /** The first slot at or after a time. */
  firstFrom(micros: number): number;
  /** Rows of the slots from `from` on, up to a batch full or the time `end` (exclusive). */
  fill(from: number, end: number): Filled;
}

/** Columns are made only when needed: the maker is not called otherwise. */
export function gather(needed: ReadonlySet<string>, makers: Readonly<Record<string, () => Column>>): ReadonlyMap<string, Column> {
  const columns = new Map<string, Column>();
  for (const name of needed) columns.set(name, (makers[name] as () => Column)());
  return columns;
}
