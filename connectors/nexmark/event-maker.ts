import type { Column } from '../batch.ts';
import type { Channels } from './channels.ts';
import type { NexmarkRandom } from './random.ts';

/** What events are made from. */
export interface EventContext {
  readonly random: NexmarkRandom;
  readonly channels: Channels;
  /** Milliseconds since 1970 of an event, by its number. */
  readonly timeOf: (event: number) => number;
}

/**
 * Draws one kind of event. Every event takes its numbers from the one stream of random words whether a column is wanted or not, so a
 * maker that wants none serves to pass over events.
 */
export interface EventMaker {
  /** A new batch of `rows`. */
  begin(rows: number): void;
  /** Draws event number `event` and writes it at `row`. */
  make(event: number, row: number): void;
  /** By name, the wanted columns of the batch. */
  finish(): ReadonlyMap<string, Column>;
}

interface Finishable {
  finish(): Column;
}

export function finishColumns(columns: Readonly<Record<string, Finishable | null>>): ReadonlyMap<string, Column> {
  const finished = new Map<string, Column>();
  for (const [name, column] of Object.entries(columns)) if (column !== null) finished.set(name, column.finish());
  return finished;
}
