import { createHash } from 'node:crypto';
import type { Batch } from '../../../connectors/batch.ts';
import type { ColumnSpec } from '../../../connectors/data-type.ts';
import { sliceBatch } from '../batch/slice-batch.ts';
import { decodeBatch, encodeBatch, type WireBatch, wireBytes } from '../batch/transfer.ts';
import { pack, unpack } from './pack.ts';

/** A record holds rows of at most this many bytes, unless one row has more. */
export const recordBytesMax = 512 << 10;
/** What brokers are told to take: a row with long texts is a record of its own. */
export const rowBytesMax = 16 << 20;

/** Rows of one stream, as they stand in the topic of results. */
export interface ResultRows {
  readonly stream: string;
  /** Of the stream's columns, as the writer knew them. */
  readonly columns: string;
  readonly batch: Batch;
}

/** Rows as values of records, in order. `columns`: as `columnsHash` gives it. */
export function resultRecords(stream: string, columns: string, batch: WireBatch): Uint8Array[] {
  if (batch.rows === 0) return [];
  if (wireBytes(batch) <= recordBytesMax || batch.rows === 1) return [pack({ stream, columns, batch })];
  const whole = decodeBatch(batch);
  const half = batch.rows >> 1;
  return [sliceBatch(whole, 0, half), sliceBatch(whole, half, batch.rows)].flatMap((part) =>
    resultRecords(stream, columns, encodeBatch(part, false)),
  );
}

export function readResultRecord(value: Uint8Array): ResultRows {
  const { stream, columns, batch } = unpack(value) as { stream: string; columns: string; batch: WireBatch };
  return { stream, columns, batch: decodeBatch(batch) };
}

/** Tells columns of one version of a stream from those of another. */
export function columnsHash(columns: readonly ColumnSpec[]): string {
  const text = JSON.stringify(columns.map(({ name, type }) => [name, type]));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
