import type { EpochCommit, RecoveryState, Store, StoreStatistics, StreamDefinition } from '../../../engine/store/store.ts';
import { StoreError } from '../../../engine/store/store.ts';
import { cellValue } from '../../../engine/run/batch/cell-value.ts';
import { afterEpoch } from '../../../engine/test-runner/result-store.ts';

/** What a data folder holds: it outlives the store that is open on it. */
export class MemoryFolder {
  readonly tables = new Map<string, unknown[][]>();
  readonly streams = new Map<string, StreamDefinition>();
  readonly commits: EpochCommit[] = [];
  state: RecoveryState = { partitions: [], ranges: [], queries: [], counters: [] };
  /** Commits from this one on fail. */
  failsAt = Number.POSITIVE_INFINITY;
  /** Commits wait for this. */
  gate: Promise<void> = Promise.resolve();
  closed = false;
  /** The store that was opened last: what an engine that is dead still sends is not taken. */
  owner: Store | null = null;

  rows(stream: string): unknown[][] {
    return this.tables.get(stream) ?? [];
  }
}

export class MemoryStore implements Store {
  readonly #folder: MemoryFolder;

  constructor(folder: MemoryFolder) {
    this.#folder = folder;
    folder.closed = false;
    folder.owner = this;
  }

  async define(streams: readonly StreamDefinition[]): Promise<void> {
    for (const stream of streams) this.#folder.streams.set(stream.name, stream);
  }

  async recover(): Promise<RecoveryState> {
    return this.#folder.state;
  }

  async commit(epoch: EpochCommit): Promise<void> {
    const folder = this.#folder;
    const appends = epoch.appends.map(({ stream, batch }) => {
      if (!folder.streams.has(stream)) throw new StoreError(`no stream ${stream}`);
      const rows = Array.from({ length: batch.rows }, (_, row) => batch.columns.map((column) => cellValue(column, row)));
      return { stream, rows };
    });
    await folder.gate;
    if (folder.commits.length >= folder.failsAt) throw new StoreError('the disk is full', 'make room');
    if (folder.closed || folder.owner !== this) throw new StoreError('closed');
    for (const { stream, rows } of appends) folder.tables.set(stream, [...folder.rows(stream), ...rows]);
    folder.commits.push(epoch);
    folder.state = afterEpoch(folder.state, epoch);
  }

  async query(): Promise<never> {
    throw new Error('no SQL here');
  }

  async export(): Promise<never> {
    throw new Error('no SQL here');
  }

  async statistics(): Promise<StoreStatistics> {
    const rowsStored = [...this.#folder.tables.values()].reduce((sum, rows) => sum + rows.length, 0);
    return {
      commits: this.#folder.commits.length,
      rowsStored,
      hotBytes: 0,
      parquetBytes: 0,
      parquetFiles: 0,
      lastCommitMs: 0,
      streams: [],
    };
  }

  async close(): Promise<void> {
    if (this.#folder.owner === this) this.#folder.closed = true;
  }
}
