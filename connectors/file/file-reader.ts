import type { Batch } from '../batch.ts';
import type { OpenContext, RejectedRow } from '../connector.ts';
import type { SourceFile } from './list-files.ts';
import type { FileSettings } from './settings.ts';

/** Where reading of one file stands. */
export interface FilePosition {
  /** Records before it, the rejected ones too. */
  readonly row: number;
  /** CSV and JSON: line number, from 1, and offset in the decompressed file, of the next record. */
  readonly line?: number;
  readonly byte?: number;
}

export interface FilePart {
  readonly batch: Batch;
  readonly rejected: readonly RejectedRow[];
  readonly to: FilePosition;
  /** See Polled. */
  readonly release?: () => void;
}

/** Reads one file from a position to its end. */
export interface FileReader {
  /** The next rows, or null at the end. Throws ConnectorError; rows before the fault have been given by then. */
  next(): Promise<FilePart | null>;
  close(): Promise<void>;
}

export interface FileTask {
  readonly context: OpenContext;
  readonly settings: FileSettings;
  readonly file: SourceFile;
  /** null: from the beginning. */
  readonly from: FilePosition | null;
}
