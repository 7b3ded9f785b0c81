import { type DuckDBDataChunk, type DuckDBResult, JsonDuckDBValueConverter } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { batchRowsMax, type Column, type Validity } from '../batch.ts';
import { ConnectorError, type RejectedRow } from '../connector.ts';
import type { ColumnSpec } from '../data-type.ts';
import { createVectorColumn } from './create-vector-column.ts';
import type { FilePart, FileReader, FileTask } from './file-reader.ts';
import { changedFile } from './file-failure.ts';
import { connectParquet, type ParquetConnection } from './parquet-database.ts';
import { parquetFailure, parquetQuery } from './parquet-query.ts';
import { missingValue } from '../formats/row-fault.ts';
import { isValid, type VectorColumn } from './vector-columns.ts';
import { forgetView, validityOf, viewVector } from './vector-view.ts';

/** Rows of a DuckDB chunk, at most. */
const chunkRowsMax = 2048;

/** Throws ConnectorError when the file is no Parquet file, its columns do not fit the table, or it has fewer rows than `from` says. */
export async function openParquetFile(task: FileTask): Promise<FileReader> {
  const { context, settings, file } = task;
  const fromRow = task.from?.row ?? 0;
  const database = await connectParquet();
  try {
    const { sql, absent } = await parquetQuery(database, context, settings, file, fromRow);
    if (fromRow > 0) await checkRows(database, task, fromRow);
    const result = await database.connection.stream(sql).catch((error: unknown) => {
      throw parquetFailure(context.source, file, error);
    });
    return new ParquetFileReader(task, database, result, absent);
  } catch (error) {
    database.close();
    throw error instanceof ConnectorError ? error : parquetFailure(context.source, file, error);
  }
}

async function checkRows(database: ParquetConnection, task: FileTask, fromRow: number): Promise<void> {
  const reader = await database.connection.runAndReadAll('SELECT count(*) FROM read_parquet($1)', [task.file.path]);
  if (Number(reader.getRows()[0]?.[0]) < fromRow) throw changedFile(task.context.source, task.file, 'has fewer rows than it had');
}

class ParquetFileReader implements FileReader {
  readonly #task: FileTask;
  readonly #database: ParquetConnection;
  readonly #result: DuckDBResult;
  readonly #specs: readonly ColumnSpec[];
  readonly #absent: readonly ColumnSpec[];
  readonly #columns: readonly VectorColumn[];
  #row: number;
  #failure: ConnectorError | null = null;
  /** The next chunk, which DuckDB decodes on a thread of its own while this one works. */
  #coming: Promise<DuckDBDataChunk | null> | null = null;

  constructor(task: FileTask, database: ParquetConnection, result: DuckDBResult, absent: readonly ColumnSpec[]) {
    this.#task = task;
    this.#database = database;
    this.#result = result;
    this.#specs = task.context.needed.map((index) => task.context.columns[index] as ColumnSpec);
    this.#absent = absent;
    this.#columns = this.#specs.map((spec) => createVectorColumn(spec.type));
    this.#row = task.from?.row ?? 0;
  }

  async next(): Promise<FilePart | null> {
    if (this.#failure !== null) throw this.#failure;
    const rejected: RejectedRow[] = [];
    const first = this.#row;
    let rows = 0;
    try {
      while (this.#row - first + chunkRowsMax <= batchRowsMax) {
        const chunk = await (this.#coming ?? this.#fetch());
        this.#coming = null;
        const count = chunk?.rowCount ?? 0;
        if (chunk === null || count === 0) break;
        this.#coming = this.#fetch();
        rows += this.#append(chunk, count, rejected);
        this.#row += count;
      }
    } catch (error) {
      this.#failure = parquetFailure(this.#task.context.source, this.#task.file, error, ` after row ${this.#row}`);
      if (this.#row === first) throw this.#failure;
    }
    if (this.#row === first) return null;
    const columns = this.#columns.map((column) => column.finish());
    return { batch: { rows, columns }, rejected, to: { row: this.#row }, release: () => this.#recycle(columns) };
  }

  async close(): Promise<void> {
    await this.#coming?.catch(() => undefined);
    this.#database.close();
  }

  #fetch(): Promise<DuckDBDataChunk | null> {
    const coming = this.#result.fetchChunk();
    // It is looked at when it is wanted.
    coming.catch(() => undefined);
    return coming;
  }

  #recycle(columns: readonly Column[]): void {
    for (const [index, column] of this.#columns.entries()) column.recycle(columns[index] as Column);
  }

  /** Rows of the chunk that were kept. */
  #append(chunk: DuckDBDataChunk, count: number, rejected: RejectedRow[]): number {
    const vectors = this.#specs.map((_, index) => duckdb.data_chunk_get_vector(chunk.chunk, index));
    const validities = vectors.map((vector) => validityOf(vector, count));
    const missing = this.#missing(chunk, count, validities);
    const appendRange = (start: number, end: number) => {
      for (const [index, column] of this.#columns.entries())
        column.append(vectors[index] as duckdb.Vector, start, end - start, validities[index] as Validity);
    };
    let start = 0;
    for (const [row, column] of missing) {
      appendRange(start, row);
      rejected.push({ ...missingValue(column), at: `${this.#task.file.name}: row ${this.#row + row + 1}`, bytes: this.#shown(chunk, row) });
      start = row + 1;
    }
    appendRange(start, count);
    return count - missing.size;
  }

  /** Rows without a value where one is demanded, ascending, with the first such column. */
  #missing(chunk: DuckDBDataChunk, count: number, validities: readonly Validity[]): ReadonlyMap<number, ColumnSpec> {
    const found = new Map<number, ColumnSpec>();
    for (const [index, spec] of this.#specs.entries()) {
      const validity = validities[index] as Validity;
      if (spec.nullable || validity === null) continue;
      for (let row = 0; row < count; row++) if (!isValid(validity, row) && !found.has(row)) found.set(row, spec);
    }
    for (const [index, spec] of this.#absent.entries()) {
      const flags = viewVector(duckdb.data_chunk_get_vector(chunk.chunk, this.#specs.length + index), count);
      for (let row = 0; row < count; row++) if (flags[row] !== 0 && !found.has(row)) found.set(row, spec);
      forgetView(flags);
    }
    return found.size < 2 ? found : new Map([...found].sort(([a], [b]) => a - b));
  }

  /** The needed values of a rejected row as JSON. */
  #shown(chunk: DuckDBDataChunk, row: number): Uint8Array {
    const values = chunk.convertRowValues(row, JsonDuckDBValueConverter);
    return new TextEncoder().encode(JSON.stringify(Object.fromEntries(this.#specs.map((spec, index) => [spec.name, values[index]]))));
  }
}
