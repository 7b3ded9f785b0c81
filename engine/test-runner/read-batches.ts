import type { DuckDBConnection } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { type Batch, batchRowsMax } from '../../connectors/batch.ts';
import { createVectorColumn } from '../../connectors/file/create-vector-column.ts';
import type { ColumnSpec } from '../../connectors/data-type.ts';

const chunkRowsMax = duckdb.vector_size();

/** Rows of a SELECT in its order, as batches of the columns given; its columns must have their types. */
export async function readBatches(sql: DuckDBConnection, query: string, columns: readonly ColumnSpec[]): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of streamBatches(sql, query, columns)) batches.push(batch);
  return batches;
}

/** The same, read as they are asked for. */
export async function* streamBatches(sql: DuckDBConnection, query: string, columns: readonly ColumnSpec[]): AsyncGenerator<Batch> {
  const result = await sql.stream(query);
  const collectors = columns.map((column) => createVectorColumn(column.type));
  let rows = 0;
  const finish = (): Batch => {
    const batch = { rows, columns: collectors.map((collector) => collector.finish()) };
    rows = 0;
    return batch;
  };
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [index, collector] of collectors.entries())
      collector.append(duckdb.data_chunk_get_vector(chunk.chunk, index), 0, chunk.rowCount);
    rows += chunk.rowCount;
    if (rows + chunkRowsMax > batchRowsMax) yield finish();
  }
  if (rows > 0) yield finish();
}
