import type { Batch } from '../../connectors/batch.ts';
import type { Position } from '../../connectors/connector.ts';
import type { ColumnSpec } from '../../connectors/data-type.ts';

/** A table that the store keeps: hot segments, Parquet files, one view over both. */
export interface StreamDefinition {
  /** As users query it: a view's name, a recorded source's, `<source>__late`, `<source>__rejected`. */
  readonly name: string;
  readonly columns: readonly ColumnSpec[];
  /** Orders Parquet files and ends retention; null: order and age of arrival. */
  readonly eventTime: string | null;
  readonly retentionMs: number | null;
  /** Rows older than this move from hot segments to Parquet. */
  readonly hotMs: number;
  /** Rows are taken back and replaced: batches carry weights, and the stream lives in one table. */
  readonly changes?: boolean;
  /** Of a stream that changes: columns that no two rows have in common ([]: at most one row); null: equal rows are counted. */
  readonly key?: readonly string[] | null;
}

export interface PartitionState {
  readonly source: string;
  readonly partition: string;
  /** Everything before it is in the results. */
  readonly position: Position;
  /** Largest event time seen (microseconds), or null. */
  readonly maxEventTime: bigint | null;
  readonly ended: boolean;
}

/** Rows of partitions, counted from their beginning, by source and partition. */
export type EndedRows = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** From this row of its partition on (counted from its beginning) rows came in at this time (ms). */
export type ArrivalMark = readonly [row: number, ms: number];

/** A stretch of one partition that one epoch took: what a restart replays when a window over it is still open. */
export interface ReplayRange {
  readonly source: string;
  readonly partition: string;
  readonly from: Position;
  readonly to: Position;
  /** Largest event time (microseconds) seen before the stretch, and within it. */
  readonly maxEventTimeBefore: bigint | null;
  readonly maxEventTimeWithin: bigint | null;
  /** When its rows came in, in order; absent where nobody asked. */
  readonly arrivals?: readonly ArrivalMark[];
}

/**
 * A file that holds the memory of all queries that are connected by reading, as it was when an epoch had ended: a restart may go on from
 * it, and reads again only what came after `points`.
 */
export interface StoredImage {
  /** Of the file: nobody else has it. */
  readonly name: string;
  /** The queries, by their ids: images of the same ones take each other's place. */
  readonly component: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly takenAt: number;
  /** Version of the engine that took it. */
  readonly engine: string;
  readonly sources: readonly string[];
  /** Where each partition stood. A partition that is missing had not been read. */
  readonly points: readonly { readonly source: string; readonly partition: string; readonly position: Position }[];
  readonly queries: readonly ImageQuery[];
}

/** What a query was, and how far it was, when its image was taken. */
export interface ImageQuery {
  readonly id: string;
  readonly fingerprint: number;
  /** Hash of its module. */
  readonly module: string;
  readonly memoryBytesMax: number;
  readonly watermark: bigint | null;
  readonly endedRows?: EndedRows;
}

export interface ImageChange {
  readonly add: readonly StoredImage[];
  /** Names of those that no restart shall use any more. */
  readonly drop: readonly string[];
}

/** Everything that one lane did in one epoch. Committed whole or not at all. */
export interface EpochCommit {
  readonly lane: number;
  readonly epoch: number;
  readonly appends: readonly { readonly stream: string; readonly batch: Batch }[];
  readonly partitions: readonly PartitionState[];
  readonly ranges: readonly ReplayRange[];
  /**
   * Per query: watermark up to which its windows were emitted (microseconds), the oldest open window's start, and the sources that it
   * reads, also through other queries (absent: every source of its lane), whose ranges are kept while its windows are open. Both times
   * are event time, or with `clock` the time of arrival. `endedRows`: what it had read when its input ended last, and all was put out.
   */
  readonly queries: readonly {
    readonly id: string;
    readonly watermark: bigint | null;
    readonly oldestOpenStart: bigint | null;
    readonly sources?: readonly string[];
    readonly clock?: 'arrival';
    readonly endedRows?: EndedRows;
  }[];
  /** Running totals, so that a restart goes on counting. */
  readonly counters: readonly {
    readonly kind: 'source' | 'query' | 'sink';
    readonly name: string;
    readonly counter: string;
    readonly value: number;
  }[];
  /** Images of memory that count from now on, and no longer. */
  readonly images?: ImageChange;
}

/** Of a query, the plan that state of this fingerprint was made by: its operators, inputs first. */
export interface StoredPlan {
  readonly query: string;
  readonly fingerprint: number;
  readonly operators: readonly StoredOperator[];
}

export interface StoredOperator {
  /** Hash of what it does, without its inputs. */
  readonly hash: string;
  /** The same for people. */
  readonly text: string;
}

/** What a source must be for its positions to fit. */
export interface SourceIdentity {
  readonly source: string;
  /** The connector, then its options that decide which rows come, as `name = value`. */
  readonly identity: readonly string[];
}

/** What this run is: compared with what is stored at the next start. */
export interface RunShape {
  readonly plans: readonly StoredPlan[];
  readonly sources: readonly SourceIdentity[];
  /** Positions of these sources, and state of these queries, are deleted first. */
  readonly forget: { readonly sources: readonly string[]; readonly queries: readonly string[] };
}

/** What a restart needs. Ranges are only those that some open window still needs, or that came after an image, in the order of reading. */
export interface RecoveryState {
  readonly partitions: readonly PartitionState[];
  readonly ranges: readonly ReplayRange[];
  readonly queries: EpochCommit['queries'];
  readonly counters: EpochCommit['counters'];
  readonly plans?: readonly StoredPlan[];
  readonly sources?: readonly SourceIdentity[];
  readonly images?: readonly StoredImage[];
}

export interface StoreStatistics {
  readonly commits: number;
  readonly rowsStored: number;
  readonly hotBytes: number;
  readonly parquetBytes: number;
  readonly parquetFiles: number;
  readonly lastCommitMs: number;
  readonly streams: readonly {
    readonly name: string;
    readonly rows: number;
    readonly hotRows: number;
    readonly parquetFiles: number;
    /** Rows that retention has dropped so far. */
    readonly rowsDropped?: number;
  }[];
}

export type SqlFormat = 'json' | 'csv' | 'arrow' | 'parquet';

export interface SqlRequest {
  readonly sql: string;
  readonly rowsMax: number;
  readonly timeoutMs: number;
}

/** Rows hold what JSON can say: 64-bit integers beyond 2^53, decimals, timestamps (ISO, UTC) and nested values as DuckDB prints them. */
export interface SqlResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly ms: number;
}

/** Bad ad-hoc SQL: position counts characters of the statement from 0, where known. */
export class SqlError extends Error {
  readonly position: number | undefined;
  readonly hint: string | undefined;
  constructor(message: string, position?: number, hint?: string) {
    super(message);
    this.name = 'SqlError';
    this.position = position;
    this.hint = hint;
  }
}

/** The data folder cannot be used: in use by another process, no permission, disk full, not ours. */
export class StoreError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'StoreError';
    this.hint = hint;
  }
}

/** Main-thread handle of the one thread that owns the data folder's DuckDB file. */
export interface Store {
  /** Streams of this run; `queries`: ids of its queries, so that the state of others (deleted files) pins no ranges any longer. */
  define(streams: readonly StreamDefinition[], queries?: readonly string[], shape?: RunShape): Promise<void>;
  recover(): Promise<RecoveryState>;
  /** Resolves once it is durable. Buffers of the batches are transferred. Epochs of a lane come in order. */
  commit(epoch: EpochCommit): Promise<void>;
  query(request: SqlRequest, signal?: AbortSignal): Promise<SqlResult>;
  /** Whole result as bytes in a format; `rowsMax` still holds. */
  export(request: SqlRequest, format: SqlFormat, signal?: AbortSignal): Promise<Uint8Array>;
  statistics(): Promise<StoreStatistics>;
  /** Moves what is due, checkpoints, closes the file. */
  close(): Promise<void>;
}
