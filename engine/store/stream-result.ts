import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import type { Connection } from './database.ts';

export interface StreamedResult {
  readonly result: DuckDBResult;
  /** Next chunk with at least one row, or null at the end. */
  next(): Promise<DuckDBDataChunk | null>;
}

/** Runs one statement and reads it chunk by chunk, never the whole. `use` must read while it runs; afterwards the statement is gone. */
export async function withResult<Result>(
  connection: Connection,
  sql: string,
  use: (streamed: StreamedResult) => Promise<Result>,
): Promise<Result> {
  const prepared = await connection.sql.prepare(sql);
  try {
    const result = await prepared.stream();
    const next = async () => {
      const chunk = await result.fetchChunk();
      return chunk === null || chunk.rowCount === 0 ? null : chunk;
    };
    return await use({ result, next });
  } finally {
    prepared.destroySync();
  }
}
