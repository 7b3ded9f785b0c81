import duckdb from '@duckdb/node-bindings';
import { checkColumn } from './check-column.ts';
import type { WireAppend, WireColumn } from './commit-wire.ts';
import type { Connection } from './database.ts';
import type { CommitStrings } from './string-vector.ts';
import type { Generation } from './stream-state.ts';
import { writeVector } from './write-vector.ts';

const vectorRows = duckdb.vector_size();

export interface StagedBatch {
  readonly append: WireAppend;
  readonly strings: CommitStrings;
}

export interface AppendTarget {
  readonly catalog: string | null;
  readonly schema: string;
  readonly table: string;
}

/** Appends batches to tables; of a generation that changes with a last column for the rows' weights. Chunks are kept and used again: their memory is DuckDB's and only a garbage collection would free it. */
export class RowAppender {
  readonly #connection: Connection;
  readonly #chunks = new WeakMap<Generation, duckdb.DataChunk>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Throws RangeError, before any row is written, when a batch does not have the generation's columns. */
  append(target: AppendTarget, generation: Generation, batches: readonly StagedBatch[]): void {
    const { columns, changing } = generation;
    for (const { append } of batches) {
      if (append.weights !== null && changing === null) {
        throw new RangeError(`${append.stream} only grows, but a batch came that takes rows back`);
      }
      if (append.columns.length !== columns.length) {
        throw new RangeError(`${append.stream} has ${columns.length} columns, but a batch of ${append.columns.length} came`);
      }
      columns.forEach((column, index) => {
        checkColumn(append.columns[index] as WireColumn, column.type, append.rows, `${append.stream}.${column.name}`);
      });
    }
    const appender = duckdb.appender_create_ext(this.#connection.raw, target.catalog, target.schema, target.table);
    try {
      const chunk = this.#chunk(generation, appender);
      for (const { append, strings } of batches) this.#appendBatch(appender, chunk, generation, append, strings);
      duckdb.appender_close_sync(appender);
    } catch (error) {
      discard(appender);
      throw error;
    }
  }

  #appendBatch(
    appender: duckdb.Appender,
    chunk: duckdb.DataChunk,
    generation: Generation,
    append: WireAppend,
    strings: CommitStrings,
  ): void {
    for (let start = 0; start < append.rows; start += vectorRows) {
      const count = Math.min(vectorRows, append.rows - start);
      duckdb.data_chunk_reset(chunk);
      duckdb.data_chunk_set_size(chunk, count);
      generation.columns.forEach((column, index) => {
        writeVector(duckdb.data_chunk_get_vector(chunk, index), append.columns[index] as WireColumn, column.type, strings, start, count);
      });
      if (generation.changing !== null) {
        const vector = duckdb.data_chunk_get_vector(chunk, generation.columns.length);
        const weights = append.weights?.slice(start, start + count) ?? new Int32Array(count).fill(1);
        duckdb.copy_data_to_vector(vector, 0, weights.buffer, 0, weights.byteLength);
      }
      duckdb.append_data_chunk(appender, chunk);
    }
  }

  #chunk(generation: Generation, appender: duckdb.Appender): duckdb.DataChunk {
    let chunk = this.#chunks.get(generation);
    if (chunk === undefined) {
      const count = generation.columns.length + (generation.changing === null ? 0 : 1);
      const types = Array.from({ length: count }, (_, index) => duckdb.appender_column_type(appender, index));
      chunk = duckdb.create_data_chunk(types);
      this.#chunks.set(generation, chunk);
    }
    return chunk;
  }
}

/**
 * Drops what the appender still holds. DuckDB would write these rows when the appender is collected, long after the rollback and in a
 * transaction of their own: half an epoch would appear. Closing may fail too then, which says nothing new.
 */
function discard(appender: duckdb.Appender): void {
  try {
    duckdb.appender_clear(appender);
    duckdb.appender_close_sync(appender);
  } catch {
    // The cause is already on its way.
  }
}
