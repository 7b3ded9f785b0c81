import type { Batch, Column } from '../../../connectors/batch.ts';
import { timestampColumn } from '../batch/make-column.ts';
import type { SourceSetup } from './protocol.ts';

export const ingestTimeName = '_ingest_time';

/** Rows that come in within this time (ms) get one `_ingest_time`, which is logged, so that a replay gives the same answer. */
const ingestStepMs = 100;

/** Names of the columns of the source's batches, in order. */
export function batchColumns(setup: SourceSetup): string[] {
  const { definition, needed } = setup;
  return definition.columns.map(({ name }) => name).filter((name) => needed.includes(name) || name === definition.eventTime);
}

export function ingestStamp(now: number): number {
  return Math.floor(now / ingestStepMs) * ingestStepMs;
}

/** Puts `_ingest_time` at its place among the connector's columns. */
export function withIngestTime(batch: Batch, names: readonly string[], ingest: number): Batch {
  const at = names.indexOf(ingestTimeName);
  if (at < 0) return batch;
  const columns: Column[] = [...batch.columns];
  columns.splice(at, 0, timestampColumn(BigInt(ingest) * 1000n, batch.rows));
  return { rows: batch.rows, columns };
}
