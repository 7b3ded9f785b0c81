import type { Batch } from './batch.ts';
import type { ColumnSpec } from './data-type.ts';
import type { DecoderProgram, DecoderSpec } from './formats/decoder.ts';
import type { OptionSpecs, OptionValues } from './options.ts';

/**
 * Where a partition stands: everything before it has been read. Opaque to the engine, stored as JSON, and given back to `open`
 * after a restart. A connector that cannot go back says `replayable: false`.
 */
export type Position = string | number | { readonly [key: string]: string | number };

/** A row that could not be decoded: kept with its bytes in `<source>__rejected`, never a reason to stop. */
export interface RejectedRow {
  readonly reason: string;
  /** Column or path inside the record, where known. */
  readonly field: string | null;
  /** Where the record stood, for a person: `file.csv:17`, `offset 812`. */
  readonly at: string;
  readonly bytes: Uint8Array;
}

export interface Polled {
  readonly partition: string;
  readonly batch: Batch;
  /** Position of the first row of the batch, and the one after its last. */
  readonly from: Position;
  readonly to: Position;
  readonly rejected: readonly RejectedRow[];
  /** After these rows the partition brings none with an event time (microseconds) before this: its watermark goes up to it. */
  readonly reached?: bigint;
  /** No row of the partition up to here has an event time (microseconds) after this: given where batches have no column that tells. */
  readonly newest?: bigint;
  /** Called at most once, when the engine has no more use for the batch's arrays: the reader may fill them again. */
  readonly release?: () => void;
}

/** Nothing to read at the moment; ask again at `retryAt` (milliseconds since 1970, by the clock given) or when it suits. */
export interface Idle {
  readonly idle: true;
  readonly retryAt?: number;
}

/** This partition has ended and brings no more rows. */
export interface PartitionEnd {
  readonly end: string;
}

/** What a reader waits for that only comes back by itself: a broker that cannot be reached, a topic that is not there. */
export interface Waiting {
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly reason: string;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export interface OpenContext {
  /** Name of the source table, for messages. */
  readonly source: string;
  /** Every declared column, in order. */
  readonly columns: readonly ColumnSpec[];
  /** Indexes of the columns that some query reads, ascending: a batch holds these, in this order, and no others. */
  readonly needed: readonly number[];
  readonly options: OptionValues;
  /** Index of the event-time column among `columns`, or null. It is always among `needed`. */
  readonly eventTime: number | null;
  /** Where to go on, by partition. A partition that is absent starts at its beginning. */
  readonly positions: ReadonlyMap<string, Position>;
  /** Relative paths start here: the folder of the query file. */
  readonly directory: string;
  readonly clock: Clock;
  /**
   * Given to a `divisible` connector when several readers share the source: whether this one reads the partition of that name, the
   * `index`-th of all. Positions of partitions that others read are given too. Absent: it reads every partition.
   */
  readonly owns?: (partition: string, index: number) => boolean;
  /** What the engine compiled for the connector's `decoder`; absent when it asks for none. */
  readonly decoder?: DecoderProgram;
  /** When several readers share the source: the time (milliseconds since 1970) that all of them are opened at. */
  readonly openedAt?: number;
}

export interface SourceReader {
  /** Every partition there is, of those that it owns; fixed while open. */
  readonly partitions: readonly string[];
  /** At most one batch (of at most `batchRowsMax` rows) of one partition, round robin over those not ended. */
  poll(): Promise<Polled | Idle | PartitionEnd>;
  /** Null: it waits for nothing but rows. */
  waiting?(): Waiting | null;
  /** Fields that records have and the table does not declare: how often each was met. Bounded; `null` counts those beyond. */
  unknownFields?(): ReadonlyMap<string | null, number>;
  /** Results up to these positions are safe: what lies before need not be kept for a restart. */
  acknowledge(positions: ReadonlyMap<string, Position>): Promise<void>;
  close(): Promise<void>;
}

export interface Connector {
  readonly name: string;
  /** One sentence for the docs page. */
  readonly summary: string;
  readonly options: OptionSpecs;
  /** After a restart `open` can go back to a position and brings the same rows again. */
  readonly replayable: boolean;
  /** Rows are made at event time's pace by the engine (`--speed`), not by the connector: true for recorded and made-up data. */
  readonly paced: boolean;
  /** Several readers can share a source, each with partitions of its own: `open` obeys `owns`. */
  readonly divisible?: boolean;
  /** Checks declared columns against what the connector can give: a message per fault; [] when all is well. No I/O. */
  checkColumns(columns: readonly ColumnSpec[], options: OptionValues): readonly { column: string; message: string; hint?: string }[];
  /** Faults that only show when options are read in full (a schedule, two options that exclude each other). No I/O. */
  checkOptions?(options: OptionValues): readonly { option: string; message: string; hint?: string }[];
  /** The decoder to be compiled for a source before it is opened; null when it needs none. No I/O. */
  decoder?(columns: readonly ColumnSpec[], needed: readonly number[], options: OptionValues): DecoderSpec | null;
  /**
   * Of `context.positions` those that it cannot go back to, with what is there instead, in words. Opens nothing for long; throws
   * ConnectorError when the source cannot be asked. Absent: `open` finds out.
   */
  lost?(context: OpenContext): Promise<readonly { readonly partition: string; readonly text: string }[]>;
  /** Throws ConnectorError when the source cannot be opened. */
  open(context: OpenContext): Promise<SourceReader>;
}

/** What a person must know when a source fails: which one, where, and what to do about it. */
export class ConnectorError extends Error {
  readonly source: string;
  readonly hint: string | undefined;
  /** It may go by without anybody changing the declaration: the engine opens the source again, and says meanwhile that it waits. */
  readonly passing: boolean;
  constructor(source: string, message: string, hint?: string, passing = false) {
    super(message);
    this.name = 'ConnectorError';
    this.source = source;
    this.hint = hint;
    this.passing = passing;
  }
}
