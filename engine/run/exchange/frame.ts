import type { WireBatch } from '../batch/transfer.ts';

/** Strings that are added to a column's dictionary on the other side; `reset`: it begins anew. */
export interface StringDelta {
  readonly reset: boolean;
  /** Entry i is bytes[offsets[i] .. offsets[i + 1]). */
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Rows in a buffer of the edge's layout. */
export interface PackedRows {
  readonly rows: number;
  readonly buffer: ArrayBuffer;
  /** By column: some row is NULL. */
  readonly nulls: readonly boolean[];
  readonly weighted: boolean;
  /** By column; null where no string is new. */
  readonly strings: readonly (StringDelta | null)[];
}

export type Item =
  | { readonly kind: 'rows'; readonly edge: number; readonly packed: PackedRows }
  | { readonly kind: 'batch'; readonly edge: number; readonly batch: WireBatch; readonly bytes: number }
  /** How far the sender's fragment has come, for all rows before this. */
  | {
      readonly kind: 'mark';
      readonly edge: number;
      readonly watermark: bigint | null;
      /** Largest event time that the sender's sources have brought. */
      readonly last: bigint | null;
    }
  /** Everything before belongs to the epoch or earlier. */
  | { readonly kind: 'barrier'; readonly edge: number; readonly epoch: number };

/** What a lane says when it begins to end an epoch. */
export interface EpochBegin {
  readonly epoch: number;
  /** Its sources bring no more rows. */
  readonly exhausted: boolean;
  /** It was told to stop. */
  readonly stopping: boolean;
}

/** How far one lane's partitions of a source have come. */
export interface SourceMark {
  readonly source: string;
  readonly watermark: bigint | null;
  readonly idle: boolean;
  /** It has had no rows to take for a while. */
  readonly quiet: boolean;
}

/** A message from one lane to another, in order. */
export interface Frame {
  readonly items: readonly Item[];
  readonly sources: readonly SourceMark[];
  readonly begin: EpochBegin | null;
  /** The sender ends before an epoch of this run is complete. */
  readonly left: boolean;
  /** Queries that cannot go on, and why. */
  readonly failed: readonly { readonly query: string; readonly message: string }[];
  /** Bytes of rows that the sender has dealt with, and their buffers to be used again, by edge. */
  readonly taken: number;
  readonly buffers: readonly { readonly edge: number; readonly buffer: ArrayBuffer }[];
}
