import duckdb from '@duckdb/node-bindings';
import type { DuckDBDataChunk, DuckDBType } from '@duckdb/node-api';
import { type Data, Field, makeData, RecordBatch, RecordBatchStreamWriter, Schema, Struct } from 'apache-arrow';
import type { CheckedStatement } from './adhoc-guard.ts';
import { arrowType } from './arrow-type.ts';
import type { Connection } from './database.ts';
import { describeStatement, printing } from './read-rows.ts';
import { readVector } from './read-vector.ts';
import { SqlError, type SqlRequest } from './store.ts';
import { withResult } from './stream-result.ts';

/** Arrow IPC stream: one record batch per chunk of DuckDB's, built from whole vectors. Types without an exact Arrow form are text. */
export async function exportArrow(
  connection: Connection,
  statement: CheckedStatement,
  request: SqlRequest,
  bytesMax: number,
): Promise<Uint8Array> {
  const { names, types } = await describeStatement(connection, statement);
  const asText = types.map((type) => arrowType(type) === null);
  const sql = asText.includes(true) && !statement.explain ? printing(statement.sql, asText) : statement.sql;
  return withResult(connection, sql, async ({ result, next }) => {
    const resultTypes = result.columnTypes();
    const schema = new Schema(
      names.map((name, index) => new Field(name, arrowType(resultTypes[index] as DuckDBType) ?? unknownType(name), true)),
    );
    const writer = new RecordBatchStreamWriter();
    writer.reset(undefined, schema);
    let left = request.rowsMax;
    let bytes = 0;
    for (let chunk = await next(); chunk !== null && left > 0; chunk = await next()) {
      const batch = recordBatch(schema, chunk, resultTypes, Math.min(left, chunk.rowCount));
      left -= batch.numRows;
      bytes += batch.data.children.reduce((sum, child) => sum + child.byteLength, 0);
      if (bytes > bytesMax) throw new SqlError(`The result is larger than the ${bytesMax} bytes allowed`, undefined, 'Ask for fewer rows.');
      writer.write(batch);
    }
    writer.finish();
    return writer.toUint8Array();
  });
}

function recordBatch(schema: Schema, chunk: DuckDBDataChunk, types: readonly DuckDBType[], rows: number): RecordBatch {
  const children: Data[] = types.map((type, index) =>
    readVector(duckdb.data_chunk_get_vector(chunk.chunk, index), type, (schema.fields[index] as Field).type, rows),
  );
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children }));
}

function unknownType(name: string): never {
  throw new SqlError(`Column ${name} has no Arrow form`, undefined, 'Cast it to VARCHAR.');
}
