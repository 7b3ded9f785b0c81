import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import type { CheckedStatement } from './adhoc-guard.ts';
import type { Connection } from './database.ts';
import { jsonValue } from './json-value.ts';
import { quoteName } from './sql-text.ts';
import type { SqlRequest, SqlResult } from './store.ts';
import { type StreamedResult, withResult } from './stream-result.ts';

/** Types that DuckDB itself prints: nested values, and those with no form of their own in JSON. */
const printed = new Set<DuckDBTypeId>([
  DuckDBTypeId.LIST,
  DuckDBTypeId.STRUCT,
  DuckDBTypeId.MAP,
  DuckDBTypeId.ARRAY,
  DuckDBTypeId.UNION,
  DuckDBTypeId.VARIANT,
  DuckDBTypeId.BIT,
  DuckDBTypeId.TIME_TZ,
  DuckDBTypeId.BLOB,
  DuckDBTypeId.INTERVAL,
]);

export async function readRows(connection: Connection, statement: CheckedStatement, request: SqlRequest): Promise<SqlResult> {
  const started = performance.now();
  const { names, types } = await describeStatement(connection, statement);
  const columns = names.map((name, index) => ({ name, type: String(types[index]) }));
  const asText = types.map((type) => printed.has(type.typeId));
  const sql = asText.includes(true) && !statement.explain ? printing(statement.sql, asText) : statement.sql;
  const { rows, truncated } = await withResult(connection, sql, (streamed) => collect(streamed, request.rowsMax));
  return { columns, rows, truncated, ms: performance.now() - started };
}

/** Names and types of the result's columns; nothing runs. */
export async function describeStatement(
  connection: Connection,
  statement: CheckedStatement,
): Promise<{ names: string[]; types: DuckDBType[] }> {
  const prepared = await connection.sql.prepare(statement.sql);
  try {
    const indexes = Array.from({ length: prepared.columnCount }, (_, index) => index);
    return { names: indexes.map((index) => prepared.columnName(index)), types: indexes.map((index) => prepared.columnType(index)) };
  } finally {
    prepared.destroySync();
  }
}

/** The same rows in the same order, with such columns as DuckDB prints them. */
export function printing(sql: string, asText: readonly boolean[]): string {
  const names = asText.map((_, index) => `c${index}`);
  const columns = names.map((name, index) => (asText[index] ? `CAST(${name} AS VARCHAR) AS ${name}` : name));
  return `SELECT ${columns.join(', ')} FROM (${sql}\n) AS result(${names.map(quoteName).join(', ')})`;
}

async function collect(streamed: StreamedResult, rowsMax: number): Promise<{ rows: unknown[][]; truncated: boolean }> {
  const types = streamed.result.columnTypes();
  const rows: unknown[][] = [];
  for (let chunk = await streamed.next(); chunk !== null; chunk = await streamed.next()) {
    const count = Math.min(chunk.rowCount, rowsMax - rows.length);
    const columns = types.map((type, column) => {
      const vector = chunk.getColumnVector(column);
      return Array.from({ length: count }, (_, row) => jsonValue(vector.getItem(row), type));
    });
    for (let row = 0; row < count; row++) rows.push(columns.map((column) => column[row]));
    if (count < chunk.rowCount) return { rows, truncated: true };
  }
  return { rows, truncated: false };
}
