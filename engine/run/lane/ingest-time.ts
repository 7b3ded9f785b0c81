import type { Batch, Column } from '../../../connectors/batch.ts';
import { timestampColumn } from '../batch/make-column.ts';
import type { SourceSetup } from './protocol.ts';

export const ingestTimeName = '_ingest_time';

/** Names of the columns of the source's batches, in order. */
export function batchColumns(setup: SourceSetup): string[] {
  const { definition, needed } = setup;
  return definition.columns.map(({ name }) => name).filter((name) => needed.includes(name) || name === definition.eventTime);
}

/** Puts `_ingest_time` (`arrival`, ms) at its place among the connector's columns. */
export function withIngestTime(batch: Batch, names: readonly string[], arrival: number): Batch {
  const at = names.indexOf(ingestTimeName);
  if (at < 0) return batch;
  const columns: Column[] = [...batch.columns];
  columns.splice(at, 0, timestampColumn(BigInt(arrival) * 1000n, batch.rows));
  return { rows: batch.rows, columns };
}
