import { randomUUID } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckedStatement } from './adhoc-guard.ts';
import type { Connection } from './database.ts';
import { sqlError } from './sql-failure.ts';
import { quoteText } from './sql-text.ts';
import { SqlError, type SqlRequest } from './store.ts';

const formats = {
  csv: 'FORMAT csv, HEADER true',
  parquet: 'FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd',
};

/** DuckDB writes the result to a file of ours, which is read and removed: CSV as RFC 4180 has it, Parquet v2 with zstd. */
export async function exportFile(
  connection: Connection,
  statement: CheckedStatement,
  request: SqlRequest,
  format: 'csv' | 'parquet',
  folder: string,
  bytesMax: number,
): Promise<Uint8Array> {
  if (statement.explain) throw new SqlError(`EXPLAIN has no ${format} form`, 0, 'Ask for json.');
  const path = join(folder, `${randomUUID()}.${format}`);
  const before = 'COPY (SELECT * FROM (';
  try {
    await connection.sql.run(
      `${before}${statement.sql}\n) LIMIT ${Math.floor(request.rowsMax)}) TO ${quoteText(path)} (${formats[format]})`,
    );
    const { size } = await stat(path);
    if (size > bytesMax)
      throw new SqlError(`The result has ${size} bytes, more than the ${bytesMax} allowed`, undefined, 'Ask for fewer rows.');
    return await readFile(path);
  } catch (error) {
    throw sqlError(error, request.sql, before.length);
  } finally {
    await rm(path, { force: true });
  }
}
