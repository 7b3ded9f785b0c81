import { readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { RowAppender } from './append-rows.ts';
import { ChangeApplier } from './apply-changes.ts';
import { type CommitParts, commitEpochs } from './commit-epochs.ts';
import type { WireCommit } from './commit-wire.ts';
import type { DataFolder } from './data-folder.ts';
import { diskFullError } from './data-folder.ts';
import { type Connection, Database, isDiskFull } from './database.ts';
import { errorText } from './duckdb-error.ts';
import { EngineState } from './engine-state.ts';
import type { StoreLimits } from './limits.ts';
import { Maintenance } from './maintenance.ts';
import { type RecoveryState, type RunShape, StoreError, type StoreStatistics, type StreamDefinition } from './store.ts';
import { type StoreNotice, StreamRegistry } from './stream-registry.ts';
import { stringHeapIfSound } from './string-heap-test.ts';
import { createSystemTables } from './system-tables.ts';
import { inTransaction } from './transaction.ts';
import { Writer } from './writer.ts';
import { AdhocService } from './adhoc-service.ts';

export interface StoreServiceOptions {
  readonly folder: DataFolder;
  readonly limits: StoreLimits;
  readonly now: () => number;
  readonly notify: (notice: StoreNotice) => void;
}

/** Everything that the store's thread does, in the order in which it starts: database, tables, streams, commits, ad-hoc queries, moves. */
export class StoreService {
  readonly adhoc: AdhocService;
  readonly #options: StoreServiceOptions;
  readonly #database: Database;
  readonly #parts: CommitParts & { readonly connection: Connection };
  readonly #writer: Writer;
  readonly #maintenance: Maintenance;
  #commits = 0;
  #lastCommitMs = 0;
  #failure: StoreError | undefined;

  private constructor(options: StoreServiceOptions, database: Database, parts: CommitParts, mover: Connection, adhoc: AdhocService) {
    this.#options = options;
    this.#database = database;
    this.#parts = parts;
    this.adhoc = adhoc;
    this.#writer = new Writer((commits) => this.#commitGroup(commits), options.limits.commitRowsMax);
    this.#maintenance = new Maintenance({
      ...options,
      writer: this.#writer,
      connection: parts.connection,
      mover,
      registry: parts.registry,
    });
  }

  static async open(options: StoreServiceOptions): Promise<StoreService> {
    const database = await Database.open(options.folder, options.limits, false);
    try {
      const connection = await database.connect();
      await createSystemTables(connection);
      const registry = new StreamRegistry(connection, options.folder.directory, options.now, options.notify);
      const state = new EngineState(connection, options.limits);
      await registry.load();
      await state.load();
      await removeLeftovers(options, registry);
      await inTransaction(connection, () => registry.refreshViews());
      const heap = await stringHeapIfSound(connection);
      const appender = new RowAppender(connection);
      const changes = new ChangeApplier(connection, appender);
      const parts = { connection, registry, state, appender, changes, heap, now: options.now };
      const adhoc = await AdhocService.open(database, options.folder, options.limits);
      const service = new StoreService(options, database, parts, await database.connect(), adhoc);
      service.#maintenance.start();
      return service;
    } catch (error) {
      database.close();
      throw storeError(options.folder, error);
    }
  }

  define(streams: readonly StreamDefinition[], queries: readonly string[] | undefined, shape?: RunShape): Promise<void> {
    return this.#writer.alone(async () => {
      const { connection, registry, state } = this.#parts;
      try {
        await inTransaction(connection, async () => {
          await registry.define(streams);
          if (queries !== undefined) await state.keepQueries(new Set(queries));
          if (shape !== undefined) await state.begin(shape);
        });
      } catch (error) {
        await registry.load();
        await state.load();
        throw storeError(this.#options.folder, error);
      }
    });
  }

  recover(): Promise<RecoveryState> {
    return this.#writer.alone(async () => this.#parts.state.recovery());
  }

  async commit(commit: WireCommit): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#writer.commit(commit);
  }

  statistics(): StoreStatistics {
    return { commits: this.#commits, lastCommitMs: this.#lastCommitMs, ...this.#maintenance.statistics() };
  }

  /** Moves and folds what it can in `closeMsMax`; what is left is done after the next start. */
  async close(): Promise<void> {
    await this.adhoc.close();
    await this.#writer.drained();
    await this.#maintenance.close();
    await this.#writer.drained();
    this.#parts.state.close();
    this.#database.close();
  }

  async #commitGroup(commits: readonly WireCommit[]): Promise<void> {
    const started = performance.now();
    try {
      await this.#tryCommit(commits);
    } catch (error) {
      throw this.#remember(storeError(this.#options.folder, error));
    }
    this.#commits++;
    this.#lastCommitMs = performance.now() - started;
    await this.#maintenance.afterCommit();
  }

  /** Ad-hoc queries share DuckDB's memory: when they leave none for a commit, they are stopped. */
  async #tryCommit(commits: readonly WireCommit[]): Promise<void> {
    try {
      await commitEpochs(this.#parts, commits);
    } catch (error) {
      if (!/out of memory/i.test(errorText(error)) || !this.adhoc.stopAll('The engine needed the memory for its own commits')) throw error;
      await commitEpochs(this.#parts, commits);
    }
  }

  /** DuckDB takes no more writes after a write to disk has failed: neither do we, until the next start. */
  #remember(error: StoreError): StoreError {
    if (/invalidated|No space is left|Fatal/i.test(error.message)) this.#failure ??= error;
    return error;
  }
}

export function storeError(folder: DataFolder, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const text = errorText(error);
  if (isDiskFull(text)) return diskFullError(folder.directory);
  if (error instanceof RangeError) return new StoreError(`Rows do not fit their stream: ${text}`);
  return new StoreError(`The data folder ${folder.directory} could not be written: ${text}`);
}

async function removeLeftovers(options: StoreServiceOptions, registry: StreamRegistry): Promise<void> {
  const { folder } = options;
  const entries = await readdir(folder.parquet, { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder.directory, join(entry.parentPath, entry.name)));
  const removed = await registry.removeUnlistedFiles(found);
  if (removed > 0) options.notify({ level: 'info', stream: null, text: `Removed ${removed} files of an unfinished move` });
  for (const name of await readdir(folder.exports)) await rm(join(folder.exports, name), { force: true, recursive: true });
}
