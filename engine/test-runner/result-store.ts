import type { Batch } from '../../connectors/batch.ts';
import { isNeeded } from '../store/replay-ranges.ts';
import type { EpochCommit, RecoveryState, Store, StoreStatistics, StreamDefinition } from '../store/store.ts';

/** What a test has put out, and what a restart needs: it outlives the engine, as a data folder does. */
export class ResultFolder {
  readonly streams = new Map<string, StreamDefinition>();
  readonly #appends: { readonly stream: string; readonly batch: Batch }[] = [];
  state: RecoveryState = { partitions: [], ranges: [], queries: [], counters: [] };
  commits = 0;

  add(epoch: EpochCommit): void {
    this.commits++;
    this.#appends.push(...epoch.appends.filter(({ batch }) => batch.rows > 0));
    this.state = afterEpoch(this.state, epoch);
  }

  /** Rows committed since the last call. */
  take(): { readonly stream: string; readonly batch: Batch }[] {
    return this.#appends.splice(0);
  }
}

/** A store in memory that only keeps. */
export class ResultStore implements Store {
  readonly #folder: ResultFolder;

  constructor(folder: ResultFolder) {
    this.#folder = folder;
  }

  async define(streams: readonly StreamDefinition[]): Promise<void> {
    for (const stream of streams) this.#folder.streams.set(stream.name, stream);
  }

  async recover(): Promise<RecoveryState> {
    return this.#folder.state;
  }

  async commit(epoch: EpochCommit): Promise<void> {
    this.#folder.add(epoch);
  }

  async query(): Promise<never> {
    throw new Error('a test asks its own database');
  }

  async export(): Promise<never> {
    throw new Error('a test asks its own database');
  }

  async statistics(): Promise<StoreStatistics> {
    const { commits } = this.#folder;
    return { commits, rowsStored: 0, hotBytes: 0, parquetBytes: 0, parquetFiles: 0, lastCommitMs: 0, streams: [] };
  }

  async close(): Promise<void> {}
}

/** What a restart needs after an epoch: the newest of each kind; ranges as long as an open window may need them. */
export function afterEpoch(state: RecoveryState, epoch: EpochCommit): RecoveryState {
  const newest = <T>(before: readonly T[], after: readonly T[], key: (item: T) => string): T[] => [
    ...new Map([...before, ...after].map((item) => [key(item), item])).values(),
  ];
  const queries = newest(state.queries, epoch.queries, (query) => query.id);
  const needs = queries.map((query) => ({ ...query, sources: new Set(query.sources) }));
  return {
    partitions: newest(state.partitions, epoch.partitions, (each) => `${each.source}/${each.partition}`),
    ranges: [...state.ranges, ...epoch.ranges].filter((range) => isNeeded(range, needs)),
    queries,
    counters: newest(state.counters, epoch.counters, (each) => `${each.kind}/${each.name}/${each.counter}`),
  };
}
