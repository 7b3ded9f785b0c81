import { BulkWrite } from './bulk-write.ts';
import type { WireCommit } from './commit-wire.ts';
import type { Connection } from './database.ts';
import type { StoreLimits } from './limits.ts';
import { positionOf, positionText } from './position-text.ts';
import { ImageTable } from './image-table.ts';
import { isAfterImage, isNeeded, sourcesOf } from './replay-ranges.ts';
import { RangeTable } from './range-table.ts';
import { forgetState, ShapeTables } from './shape-tables.ts';
import type { EndedRows, EpochCommit, PartitionState, RecoveryState, RunShape } from './store.ts';
import { bigintOf, numberOf, selectRows } from './system-tables.ts';

interface QueryState {
  readonly id: string;
  readonly watermark: bigint | null;
  readonly oldestOpenStart: bigint | null;
  readonly sources: ReadonlySet<string>;
  readonly clock?: 'arrival';
  readonly endedRows?: EndedRows;
}

const queryColumns = {
  id: 'VARCHAR',
  watermark_us: 'BIGINT',
  oldest_open_start_us: 'BIGINT',
  sources: 'VARCHAR',
  clock: 'VARCHAR',
  ended_rows: 'VARCHAR',
};

type Counter = EpochCommit['counters'][number];

/**
 * Positions, watermarks, replay ranges and counters: as in the tables of the schema `engine`, and in memory. `apply` changes both
 * inside the caller's transaction; after a rollback the caller must `load` again.
 */
export class EngineState {
  readonly #connection: Connection;
  readonly #ranges: RangeTable;
  readonly #shape: ShapeTables;
  readonly #images: ImageTable;
  readonly #partitions = new Map<string, PartitionState>();
  readonly #queries = new Map<string, QueryState>();
  readonly #counters = new Map<string, Counter>();
  /** Sources that each lane of this run has brought. */
  readonly #laneSources = new Map<number, Set<string>>();
  readonly #writes: Readonly<Record<'partitions' | 'queries' | 'counters' | 'lanes', BulkWrite>>;

  constructor(connection: Connection, limits: StoreLimits) {
    this.#connection = connection;
    this.#ranges = new RangeTable(connection, limits);
    this.#shape = new ShapeTables(connection);
    this.#images = new ImageTable(connection);
    const bulk = (table: string, columns: Record<string, string>, keys: string[]) =>
      new BulkWrite(connection, `engine.${table}`, columns, keys);
    this.#writes = {
      partitions: bulk(
        'partitions',
        { source: 'VARCHAR', partition: 'VARCHAR', position: 'VARCHAR', max_event_time_us: 'BIGINT', ended: 'BOOLEAN' },
        ['source', 'partition'],
      ),
      queries: bulk('queries', queryColumns, ['id']),
      counters: bulk('counters', { kind: 'VARCHAR', name: 'VARCHAR', counter: 'VARCHAR', value: 'DOUBLE' }, ['kind', 'name', 'counter']),
      lanes: bulk('lanes', { lane: 'INTEGER', epoch: 'BIGINT', committed_at: 'TIMESTAMP' }, ['lane']),
    };
  }

  async load(): Promise<void> {
    const rows = (table: string) => selectRows(this.#connection, `FROM engine.${table}`);
    this.#partitions.clear();
    for (const [source, partition, position, maxEventTime, ended] of await rows('partitions')) {
      const state: PartitionState = {
        source: String(source),
        partition: String(partition),
        position: positionOf(position),
        maxEventTime: bigintOf(maxEventTime),
        ended: ended === true,
      };
      this.#partitions.set(partitionKey(state), state);
    }
    this.#queries.clear();
    for (const [id, watermark, oldest, sources, clock, ended] of await rows('queries')) {
      const state = {
        watermark: bigintOf(watermark),
        oldestOpenStart: bigintOf(oldest),
        sources: new Set(JSON.parse(String(sources)) as string[]),
        ...(clock === 'arrival' ? { clock: 'arrival' as const } : {}),
        ...(ended === null ? {} : { endedRows: JSON.parse(String(ended)) as EndedRows }),
      };
      this.#queries.set(String(id), { id: String(id), ...state });
    }
    this.#counters.clear();
    for (const [kind, name, counter, value] of await rows('counters')) {
      const entry = { kind: kind as Counter['kind'], name: String(name), counter: String(counter), value: numberOf(value) };
      this.#counters.set(counterKey(entry), entry);
    }
    await this.#ranges.load();
    await this.#shape.load();
    await this.#images.load();
  }

  /** What this run is takes the place of what the last one was. Runs in a transaction of the caller. */
  async begin(shape: RunShape): Promise<void> {
    const { forget } = shape;
    const gone = new Set(forget.queries);
    await forgetState(this.#connection, forget);
    for (const id of gone) this.#queries.delete(id);
    for (const [key, { source }] of this.#partitions) if (forget.sources.includes(source)) this.#partitions.delete(key);
    for (const [key, { kind, name }] of this.#counters) {
      if ((kind === 'query' && gone.has(name)) || (kind === 'source' && forget.sources.includes(name))) this.#counters.delete(key);
    }
    await this.#ranges.load();
    await this.#images.forget(forget);
    await this.#shape.replace(
      shape,
      (query) => this.#counters.get(counterKey({ kind: 'query', name: query, counter: 'plan', value: 0 }))?.value,
    );
  }

  recovery(): RecoveryState {
    const queries = [...this.#queries.values()];
    return {
      partitions: [...this.#partitions.values()],
      ranges: this.#ranges
        .all()
        .filter((range) => isNeeded(range, queries) || isAfterImage(range, this.#images.all))
        .map(({ id: _, ...range }) => range),
      queries: queries.map((query) => ({ ...query, sources: [...query.sources] })),
      counters: [...this.#counters.values()],
      ...this.#shape.stored,
      ...(this.#images.all.length === 0 ? {} : { images: this.#images.all }),
    };
  }

  /** Queries that are no more: what they needed is needed no longer. Runs in a transaction of the caller. */
  async keepQueries(ids: ReadonlySet<string>): Promise<void> {
    const gone = [...this.#queries.keys()].filter((id) => !ids.has(id));
    for (const id of gone) {
      this.#queries.delete(id);
      await this.#connection.sql.run('DELETE FROM engine.queries WHERE id = $1', [id]);
    }
  }

  async apply(commits: readonly WireCommit[], now: number): Promise<void> {
    const partitions = new Map<string, PartitionState>();
    const queries = new Map<string, QueryState>();
    const counters = new Map<string, Counter>();
    const lanes = new Map<number, number>();
    for (const commit of commits) {
      lanes.set(commit.lane, commit.epoch);
      for (const partition of commit.partitions) partitions.set(partitionKey(partition), partition);
      for (const counter of commit.counters) {
        if (this.#counters.get(counterKey(counter))?.value !== counter.value) counters.set(counterKey(counter), counter);
      }
      const ofLane = this.#sourcesOfLane(commit);
      for (const query of commit.queries) {
        queries.set(query.id, { ...query, sources: sourcesOf(query, ofLane, this.#queries.get(query.id)?.sources) });
      }
    }
    for (const [key, state] of partitions) this.#partitions.set(key, state);
    for (const [key, counter] of counters) this.#counters.set(key, counter);
    for (const [key, query] of queries) this.#queries.set(key, query);
    await this.#writes.partitions.write([...partitions.values()].map(partitionRow));
    await this.#writes.queries.write([...queries.values()].map(queryRow));
    await this.#writes.counters.write([...counters.values()].map((counter) => ({ ...counter })));
    const committedAt = new Date(now).toISOString().replace('Z', '');
    await this.#writes.lanes.write([...lanes].map(([lane, epoch]) => ({ lane, epoch, committed_at: committedAt })));
    await this.#ranges.add(commits.flatMap((commit) => commit.ranges));
    for (const { images } of commits) if (images !== undefined) await this.#images.apply(images);
    await this.#ranges.prune([...this.#queries.values()], this.#images.all);
  }

  close(): void {
    for (const write of Object.values(this.#writes)) write.close();
    this.#ranges.close();
  }

  #sourcesOfLane(commit: WireCommit): ReadonlySet<string> {
    let sources = this.#laneSources.get(commit.lane);
    if (sources === undefined) {
      sources = new Set();
      this.#laneSources.set(commit.lane, sources);
    }
    for (const { source } of [...commit.partitions, ...commit.ranges]) sources.add(source);
    return sources;
  }
}

function partitionKey(state: { readonly source: string; readonly partition: string }): string {
  return JSON.stringify([state.source, state.partition]);
}

function counterKey(counter: Counter): string {
  return JSON.stringify([counter.kind, counter.name, counter.counter]);
}

function partitionRow(state: PartitionState) {
  return {
    source: state.source,
    partition: state.partition,
    position: positionText(state.position),
    max_event_time_us: state.maxEventTime?.toString() ?? null,
    ended: state.ended,
  };
}

function queryRow(query: QueryState) {
  return {
    id: query.id,
    watermark_us: query.watermark?.toString() ?? null,
    oldest_open_start_us: query.oldestOpenStart?.toString() ?? null,
    sources: JSON.stringify([...query.sources]),
    clock: query.clock ?? 'event',
    ended_rows: query.endedRows === undefined ? null : JSON.stringify(query.endedRows),
  };
}
