import type { Batch } from '../batch.ts';
import type { BlobEncoding, TimestampUnit } from '../column-builder.ts';
import type { ColumnSpec } from '../data-type.ts';

export type FormatName = 'json' | 'avro' | 'protobuf' | 'csv' | 'arrow' | 'text' | 'raw';

/** What a column can take from the record around the value instead of the value itself. */
export type RecordField = 'key' | 'headers' | 'offset' | 'timestamp' | 'partition' | 'topic';

/** Hand-written functions that a source's module has besides its decoder: `file` below kernels/assembly, without its extension. */
export interface KernelLibrary {
  readonly file: string;
  readonly names: readonly string[];
}

/** What the engine compiles for a source: plain data, and all that the generated module depends on. */
export interface DecoderSpec {
  readonly format: FormatName;
  /** Every declared column, in order. */
  readonly columns: readonly ColumnSpec[];
  /** Indexes of the columns that are put out, ascending; the others are checked only. */
  readonly needed: readonly number[];
  /** By index of a column: where it comes from, when not from the value. */
  readonly recordFields: Readonly<Record<number, RecordField>>;
  /** What a plain number in a timestamp column counts since 1970; null: such a number is refused. */
  readonly timestampUnit: TimestampUnit | null;
  readonly blobs: BlobEncoding;
  readonly libraries: readonly KernelLibrary[];
}

/** A compiled DecoderSpec, as the engine hands it to `open` (OpenContext.decoder). It crosses threads. */
export interface DecoderProgram {
  readonly spec: DecoderSpec;
  /** Hash of the generated source, the kernels and the compiler's version. */
  readonly key: string;
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** Generated AssemblyScript. */
  readonly source: string;
}

/**
 * Records in the memory of the source's module: addresses of arrays with an element a record. Values and keys may lie anywhere in that
 * memory, with 64 readable bytes after each (every block of `allocate` has them). A length of -1 is a null, its address means nothing.
 */
export interface RecordSpans {
  /** u32 addresses and i32 lengths in bytes. */
  readonly values: number;
  readonly valueLengths: number;
  readonly keys: number;
  readonly keyLengths: number;
  /** As Kafka writes them: their number, names and values; a length of 0: none. */
  readonly headers: number;
  readonly headerLengths: number;
  /** i64. */
  readonly offsets: number;
  /** i64 milliseconds since 1970. */
  readonly timestamps: number;
}

/** Where all records of one call come from. */
export interface RecordOrigin {
  readonly topic: string;
  readonly partition: number;
}

/** A record that is no row. */
export interface RejectedRecord {
  /** Number of its element in the spans. */
  readonly index: number;
  readonly reason: string;
  /** Column, or path inside the value (`items[2].price`), where known. */
  readonly field: string | null;
}

export interface Decoded {
  /**
   * Rows in the order of the records, without the rejected ones. A record of Arrow gives any number of rows, of another format one.
   * Its arrays may be filled again after `release`.
   */
  readonly batch: Batch;
  readonly rejected: readonly RejectedRecord[];
  /** The record after the last one taken: less than `to` where a record holds more rows than a batch has room for. */
  readonly next: number;
  /** Rows of the record at `next` that have been put out already; hand it to the next call. 0 but for Arrow. */
  readonly nextRow: number;
  /** Called at most once, when nobody needs the batch's arrays any more. */
  release(): void;
}

/** Makes rows of records. One for each source that a lane reads; not shared by threads. */
export interface Decoder {
  /**
   * What must be fetched from elsewhere before records [from, to) can be decoded (schemas from a registry): null when nothing.
   * Rejects when it cannot be had at the moment: to be tried again, never a reason to reject a record.
   */
  prepare(spans: RecordSpans, from: number, to: number): Promise<void> | null;
  /** Records [from, to) of the spans, at most `batchRowsMax` of them. A record that cannot be decoded never stops the others. */
  decode(spans: RecordSpans, from: number, to: number, origin: RecordOrigin, fromRow?: number): Decoded;
  /** Fields that values have and the table has not: how often each was met. Bounded; `null` counts those beyond. */
  unknownFields(): ReadonlyMap<string | null, number>;
  close(): void;
}
