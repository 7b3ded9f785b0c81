import type { Batch } from '../../connectors/batch.ts';
import type { InstanceImage } from './image/instance-image.ts';
import type { OperatorCounters } from './program.ts';

/**
 * One query in one lane: a wasm module with a memory of its own. Single-threaded, no I/O. After `push` or `advance` the caller
 * drains `take` until it gives null; output rows keep the order in which they were made.
 */
export interface QueryInstance {
  /** Rows of input `input` (its program's columns, in order). Throws QueryFailure when a limit is reached or the module traps. */
  push(input: number, batch: Batch): void;
  /** The rows of a lookup table anew: what was there is forgotten. Only when all is drained. */
  replace(input: number, batches: readonly Batch[]): void;
  /** Event time in microseconds: no row before it will come. Closes windows. */
  advance(watermark: bigint): void;
  /** Next output batch, or null. Its arrays are copies, free to be transferred; its dictionaries belong to the instance. */
  take(): Batch | null;
  /**
   * For a restart: windows that end at or before `watermark` were emitted before; rows that fall into them are ignored, silently.
   * Called once, before the first push.
   */
  resumeFrom(watermark: bigint): void;
  /**
   * Start of the oldest open window in event time (microseconds), or null when no state is open. With `asked`, the time of the oldest
   * of its rows that a reader needs again: when the first row came that it was made of, if that is earlier.
   */
  oldestOpenStart(asked?: bigint | null): bigint | null;
  /**
   * All that it keeps, to be gone on with by an instance that is made with it; only when all is drained. Its memory is copied into `into`
   * where that is large enough. Null, or absent: it keeps something that no image holds.
   */
  image?(into: Uint8Array<ArrayBuffer> | null): InstanceImage | null;
  counters(): readonly OperatorCounters[];
  /** Rows of series that `max_series` left no room for, since it was made; absent: nothing is learnt. */
  unlearntRows?(): number;
  memoryBytes(): number;
}

/** The query cannot go on; others do. */
export class QueryFailure extends Error {
  readonly reason: 'memory limit' | 'trap' | 'overflow';
  constructor(reason: QueryFailure['reason'], message: string) {
    super(message);
    this.name = 'QueryFailure';
    this.reason = reason;
  }
}
