import type { DuckDBConnection } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { type Batch, batchRowsMax } from '../../connectors/batch.ts';
import { createVectorColumn } from '../../connectors/file/create-vector-column.ts';
import type { ColumnSpec } from '../../connectors/data-type.ts';

const chunkRowsMax = duckdb.vector_size();

/** Rows of a SELECT in its order, as batches of the columns given; its columns must have their types. */
export async function readBatches(sql: DuckDBConnection, query: string, columns: readonly ColumnSpec[]): Promise<Batch[]> {
  const result = await sql.stream(query);
  const batches: Batch[] = [];
  const collectors = columns.map((column) => createVectorColumn(column.type));
  let rows = 0;
  const finish = () => {
    if (rows > 0) batches.push({ rows, columns: collectors.map((collector) => collector.finish()) });
    rows = 0;
  };
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    for (const [index, collector] of collectors.entries())
      collector.append(duckdb.data_chunk_get_vector(chunk.chunk, index), 0, chunk.rowCount);
    rows += chunk.rowCount;
    if (rows + chunkRowsMax > batchRowsMax) finish();
  }
  finish();
  return batches;
}
