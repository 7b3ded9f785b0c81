import { tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow';
import { makeMessages, type MessageKind } from '../formats/messages.ts';

/** Rows of one message, some 64 KiB. */
export const arrowRowsPerMessage = 2_000;

interface ArrowRow {
  readonly ts: number;
  readonly host: string;
  readonly metric: string;
  readonly value: number;
  readonly status: number;
}

/** As a user of apache-arrow reads it: column by column. */
export function* arrowRows(value: Buffer): Generator<{ status: number }> {
  const statuses = tableFromIPC(value).getChild('status')?.toArray() as Int32Array;
  for (const status of statuses) yield { status };
}

/** An IPC stream with rows of messages of some 105 bytes. */
export function arrowMessage(kind: MessageKind): Uint8Array {
  const decoder = new TextDecoder();
  const rows = makeMessages(kind, arrowRowsPerMessage).map((bytes) => JSON.parse(decoder.decode(bytes)) as ArrowRow);
  const table = tableFromArrays({
    ts: BigInt64Array.from(rows, ({ ts }) => BigInt(ts)),
    host: rows.map(({ host }) => host),
    metric: rows.map(({ metric }) => metric),
    value: Float64Array.from(rows, ({ value }) => value),
    status: Int32Array.from(rows, ({ status }) => status),
  });
  return tableToIPC(table, 'stream');
}
