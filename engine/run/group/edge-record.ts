import { sliceBatch } from '../batch/slice-batch.ts';
import { decodeBatch, encodeBatch, type WireBatch, wireBytes } from '../batch/transfer.ts';
import type { SourceShare } from '../lane/protocol.ts';
import { pack, unpack } from './pack.ts';
import { recordBytesMax } from './result-record.ts';

/** Of the records' form: others are not read. */
const format = 1;

/** How far a lane is with all that it has sent. */
export interface EdgeMark {
  /** Microseconds: no row that the lane sends from now on is before it. */
  readonly watermark: bigint | null;
  readonly sources: readonly SourceShare[];
}

/** What a lane has sent to another in one epoch, or a part of it: rows, and with the last of them how far it is. */
export interface EdgeRecord {
  readonly lane: number;
  readonly epoch: number;
  /** No row that the lane has sent so far has an event time (microseconds) after this; null: it has none. */
  readonly newest: bigint | null;
  readonly batch: WireBatch | null;
  readonly mark: EdgeMark | null;
}

export function edgeRecord(record: EdgeRecord): Uint8Array {
  return pack({ format, ...record });
}

/** Throws when it is no record of an edge, or of another form. */
export function readEdgeRecord(value: Uint8Array): EdgeRecord {
  const { format: found, ...record } = unpack(value) as EdgeRecord & { readonly format: number };
  if (found !== format) throw new TypeError(`rows between lanes have format ${found}; this version reads ${format}`);
  return record;
}

/** In parts that are small enough for a record each, unless one row is too large. */
export function recordBatches(batch: WireBatch): WireBatch[] {
  if (batch.rows === 0) return [];
  if (batch.rows === 1 || wireBytes(batch) <= recordBytesMax) return [batch];
  const whole = decodeBatch(batch);
  const half = batch.rows >> 1;
  return [sliceBatch(whole, 0, half), sliceBatch(whole, half, batch.rows)].flatMap((part) => recordBatches(encodeBatch(part, false)));
}
