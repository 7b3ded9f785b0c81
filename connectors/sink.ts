import type { Batch } from './batch.ts';
import type { Clock } from './connector.ts';
import type { ColumnSpec } from './data-type.ts';
import type { OptionSpecs, OptionValues } from './options.ts';

/** Rows that are committed together. A writer's epochs come in order: 1, 2, 3 ... */
export interface SinkEpoch {
  /** Names who hands the rows over: letters, digits and `-`. */
  readonly writer: string;
  readonly number: number;
}

export interface SinkContext {
  /** Name of the sink table, for messages. */
  readonly sink: string;
  /** Columns of each batch, in order. */
  readonly columns: readonly ColumnSpec[];
  readonly options: OptionValues;
  /** Rows may be taken back: batches may carry weights, and what is written says of each row whether it came or went. */
  readonly changes: boolean;
  /**
   * Of a result that changes: indexes of the columns that no two of its rows have in common, [] for a single row; null: only the whole row,
   * counted, or several queries write here.
   */
  readonly key: readonly number[] | null;
  /** Relative paths start here: the folder of the query file. */
  readonly directory: string;
  /** A folder of the sink's own, that stays as long as the store does; made by whoever needs it. */
  readonly folder: string;
  /** Something that a person should know now. */
  readonly tell: (level: 'info' | 'warning' | 'error', text: string) => void;
  readonly clock: Clock;
  /**
   * By writer, the last epoch that the store has committed. After a crash `open` finishes what was committed, and removes what was
   * prepared after it: those rows will come again.
   */
  readonly committed: ReadonlyMap<string, number>;
}

export interface SinkCounts {
  /** Since it was opened; of rows those that were committed. */
  readonly rows: number;
  readonly bytes: number;
  readonly files: number;
  /** Committed, but not to be seen yet. */
  readonly waitingRows?: number;
  readonly waitingBytes?: number;
  /** How often queries had to wait because too much was waiting. */
  readonly pauses?: number;
}

/**
 * The order of calls for an epoch: `write` for each batch, `prepare`, and once the store has committed, `commit`. Epochs of one writer
 * come one after the other; the next one may be written before the last one is committed. Calls never overlap. A call that failed may
 * be made again.
 */
export interface SinkWriter {
  write(epoch: SinkEpoch, batch: Batch): Promise<void>;
  /** What was written for the epoch would survive a crash from now on; nobody sees it yet. */
  prepare(epoch: SinkEpoch): Promise<void>;
  /** The epoch's rows may be seen from now on, together. */
  commit(epoch: SinkEpoch): Promise<void>;
  /** Called from time to time: what waits for an hour or a size is dealt with here. */
  maintain(): Promise<void>;
  /** Called at any time when the engine stops: few epochs come now, and a call that waits for room is to wait no longer. */
  hurry?(): void;
  counts(): SinkCounts;
  /** Committed rows that waited are made to be seen. */
  close(): Promise<void>;
}

export interface SinkFault {
  /** What the fault is about: an option or a column; neither: the table. */
  readonly option?: string;
  readonly column?: string;
  readonly message: string;
  readonly hint?: string;
}

export interface SinkConnector {
  readonly name: string;
  /** One sentence for the docs page. */
  readonly summary: string;
  readonly options: OptionSpecs;
  /** False: rows that are written can never be taken back, nor can it be said that they were. */
  readonly takesChanges: boolean;
  /** Checks options and columns together. No I/O. */
  check(columns: readonly ColumnSpec[], options: OptionValues): readonly SinkFault[];
  /** Throws ConnectorError when nothing can be written there. */
  open(context: SinkContext): Promise<SinkWriter>;
}

/** Column that a changelog adds: `insert` or `delete`. */
export const operationColumn = '_op';
