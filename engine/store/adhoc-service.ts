import type { DataFolder } from './data-folder.ts';
import { checkStatement, type CheckedStatement } from './adhoc-guard.ts';
import type { Connection, Database } from './database.ts';
import { parseDuckdbError } from './duckdb-error.ts';
import { exportFile } from './export-file.ts';
import type { StoreLimits } from './limits.ts';
import { readRows } from './read-rows.ts';
import { sqlError } from './sql-failure.ts';
import { SqlError, type SqlFormat, type SqlRequest, type SqlResult } from './store.ts';

interface Running {
  readonly connection: Connection;
  stoppedBecause: SqlError | null;
}

/** Ad-hoc queries on connections of their own: read-only transactions, a few at a time, each with a row limit and a time limit. */
export class AdhocService {
  readonly #folder: DataFolder;
  readonly #limits: StoreLimits;
  readonly #free: Connection[];
  readonly #running = new Set<Running>();
  readonly #waiting: ((connection: Connection) => void)[] = [];
  #closed = false;

  private constructor(folder: DataFolder, limits: StoreLimits, connections: Connection[]) {
    this.#folder = folder;
    this.#limits = limits;
    this.#free = connections;
  }

  /** `prepare`: statements to run on each connection first. */
  static async open(database: Database, folder: DataFolder, limits: StoreLimits, prepare: readonly string[] = []): Promise<AdhocService> {
    const connections = await Promise.all(Array.from({ length: limits.adhocConcurrencyMax }, () => database.connect()));
    for (const { sql } of connections) for (const statement of prepare) await sql.run(statement);
    return new AdhocService(folder, limits, connections);
  }

  query(request: SqlRequest, signal?: AbortSignal): Promise<SqlResult> {
    return this.#run(request, signal, (connection, statement) => readRows(connection, statement, request));
  }

  export(request: SqlRequest, format: SqlFormat, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#run(request, signal, async (connection, statement) => {
      switch (format) {
        case 'json':
          return new TextEncoder().encode(JSON.stringify(await readRows(connection, statement, request)));
        case 'arrow':
          // Arrow's library takes a while to load, and most runs never need it.
          return (await import('./export-arrow.ts')).exportArrow(connection, statement, request, this.#limits.exportBytesMax);
        case 'csv':
        case 'parquet':
          return exportFile(connection, statement, request, format, this.#folder.exports, this.#limits.exportBytesMax);
      }
    });
  }

  /** Returns whether there was anything to stop. */
  stopAll(why: string): boolean {
    for (const running of this.#running) stop(running, new SqlError(why, undefined, 'Try again, or ask for less.'));
    return this.#running.size > 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.stopAll('The store is closing');
    while (this.#running.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async #run<Result>(
    request: SqlRequest,
    signal: AbortSignal | undefined,
    work: (connection: Connection, statement: CheckedStatement) => Promise<Result>,
  ): Promise<Result> {
    const connection = await this.#take();
    const running: Running = { connection, stoppedBecause: null };
    const cancelled = () => stop(running, new SqlError('The query was cancelled'));
    const timer = setTimeout(() => stop(running, tooSlow(request)), request.timeoutMs);
    signal?.addEventListener('abort', cancelled, { once: true });
    this.#running.add(running);
    try {
      if (signal?.aborted) throw new SqlError('The query was cancelled');
      const statement = await checkStatement(connection, request.sql);
      await connection.sql.run('BEGIN TRANSACTION READ ONLY');
      if (running.stoppedBecause !== null) throw running.stoppedBecause;
      return await work(connection, statement);
    } catch (error) {
      throw running.stoppedBecause !== null && isInterrupt(error) ? running.stoppedBecause : sqlError(error, request.sql);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancelled);
      await connection.sql.run('ROLLBACK').catch(() => undefined);
      this.#running.delete(running);
      this.#giveBack(connection);
    }
  }

  async #take(): Promise<Connection> {
    if (this.#closed) throw new SqlError('The store is closing');
    const connection = this.#free.pop();
    if (connection !== undefined) return connection;
    if (this.#waiting.length >= this.#limits.adhocQueueMax) {
      throw new SqlError(`${this.#limits.adhocQueueMax} queries wait already`, undefined, 'Try again when some of them are done.');
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(connection: Connection): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(connection);
    else next(connection);
  }
}

function stop(running: Running, why: SqlError): void {
  running.stoppedBecause ??= why;
  running.connection.sql.interrupt();
}

function isInterrupt(error: unknown): boolean {
  return error instanceof SqlError || /interrupt/i.test(`${parseDuckdbError(error).type} ${parseDuckdbError(error).message}`);
}

function tooSlow(request: SqlRequest): SqlError {
  return new SqlError(
    `The query took longer than ${request.timeoutMs / 1000} s and was stopped`,
    undefined,
    'Filter by time, or ask for less.',
  );
}
