import type { SinkEpoch } from '../../connectors/sink.ts';
import type { Connector, Idle, OpenContext, PartitionEnd, Polled, SourceReader } from '../../connectors/connector.ts';
import { instantiateQuery } from '../../engine/compile/instance.ts';
import type { Compiler } from '../../engine/compile/compiler.ts';
import type { QueryProgram } from '../../engine/compile/program.ts';
import type { QueryInstance } from '../../engine/compile/query-instance.ts';
import type { QueryDefinition } from '../../engine/plan/catalog.ts';
import { decodeBatch } from '../../engine/run/batch/transfer.ts';
import type { SinkHost, SinkRows } from '../../engine/run/sinks/sink-host.ts';
import type { SinkSetup } from '../../engine/run/sinks/sink-setup.ts';
import { startLanesInline } from '../../engine/run/lane-host.ts';
import { startEngineWith } from '../../engine/run/start-engine.ts';
import type { EpochCommit, StreamDefinition } from '../../engine/store/store.ts';
import { buildBatch } from '../store/build-batch.ts';
import { MemoryFolder, MemoryStore } from '../run/support/memory-store.ts';
import { runOptions } from '../run/support/start.ts';
import { VirtualTiming } from '../run/support/virtual-timing.ts';
import type { Row } from './compare-rows.ts';
import type { Prepared, Tables, Values } from './run-case.ts';
import { type Change, changesOf, StoredRows } from './stored-rows.ts';

export interface EngineFeed {
  readonly lanes: number;
  readonly partitions: number;
  readonly batchRows: number;
  /** Rows of a partition after which it waits for a second; a run that is cut off ends in such a wait. */
  readonly pauseEvery: number;
  /** Milliseconds of virtual time after which the engine dies, without a last commit; each is followed by a new one on the same folder. */
  readonly cuts: readonly number[];
}

/** Partitions of each source's rows, read in turn; a position is the number of rows read. */
class RowsConnector implements Connector {
  readonly name = 'rows';
  readonly summary = 'Rows of a test.';
  readonly options = {};
  readonly replayable = true;
  readonly divisible = true;
  readonly paced = false;
  readonly #tables: Tables;
  readonly #feed: EngineFeed;
  readonly #begun: number;

  constructor(tables: Tables, feed: EngineFeed, begun: number) {
    this.#tables = tables;
    this.#feed = feed;
    this.#begun = begun;
  }

  checkColumns() {
    return [];
  }

  async open({ source, columns, needed, positions, owns, clock }: OpenContext): Promise<SourceReader> {
    const { batchRows, partitions, pauseEvery } = this.#feed;
    const values = this.#tables[source] ?? [];
    const all = Array.from({ length: partitions }, (_, k) => values.filter((_row, row) => row % partitions === k));
    const names = all.map((_, index) => `p${index}`);
    const next = new Map(names.map((name) => [name, Number(positions.get(name) ?? 0)]));
    const open = names.filter((name, index) => owns?.(name, index) ?? true);
    const begun = this.#begun;
    const specs = needed.map((index) => columns[index] as (typeof columns)[number]);
    return {
      partitions: [...open],
      async poll(): Promise<Polled | Idle | PartitionEnd> {
        if (open.length === 0) return { idle: true };
        let retryAt = Number.POSITIVE_INFINITY;
        for (let turn = open.length; turn > 0; turn--) {
          const partition = open.shift() as string;
          const rows = all[names.indexOf(partition)] as Values;
          const from = next.get(partition) as number;
          if (from >= rows.length) return { end: partition };
          open.push(partition);
          const due = begun + Math.floor(from / pauseEvery) * 1000;
          if (clock.now() < due) {
            retryAt = Math.min(retryAt, due);
            continue;
          }
          const to = Math.min(rows.length, from + batchRows, (Math.floor(from / pauseEvery) + 1) * pauseEvery);
          next.set(partition, to);
          const cells = rows.slice(from, to).map((row) => needed.map((index) => row[index]));
          return { partition, batch: buildBatch(specs, cells), from, to, rejected: [] };
        }
        return { idle: true, retryAt };
      },
      async acknowledge() {},
      async close() {
        open.length = 0;
      },
    };
  }
}

/** Keeps committed rows by stream as they are compared. */
class RecordingStore extends MemoryStore {
  readonly #folder: MemoryFolder;
  readonly #answers: Map<string, StoredRows>;

  constructor(folder: MemoryFolder, answers: Map<string, StoredRows>) {
    super(folder);
    this.#folder = folder;
    this.#answers = answers;
  }

  override async commit(epoch: EpochCommit): Promise<void> {
    const changes = new Map<string, Change[]>();
    for (const { stream, batch } of epoch.appends) changes.set(stream, [...(changes.get(stream) ?? []), ...changesOf(batch)]);
    await super.commit(epoch);
    for (const [stream, all] of changes) {
      const rows = this.#answers.get(stream) ?? new StoredRows(this.#folder.streams.get(stream) as StreamDefinition);
      rows.apply(all);
      this.#answers.set(stream, rows);
    }
  }
}

/** Keeps the rows of committed epochs. */
class RecordingSinks implements SinkHost {
  readonly #answers: Map<string, StoredRows>;
  #prepared: { readonly epoch: SinkEpoch; readonly rows: readonly SinkRows[] }[] = [];

  constructor(sinks: readonly SinkSetup[], answers: Map<string, StoredRows>) {
    this.#answers = answers;
    for (const { name, columns } of sinks)
      if (!answers.has(name)) answers.set(name, new StoredRows({ name, columns, eventTime: null, retentionMs: null, hotMs: 0 }));
  }

  async prepare(epoch: SinkEpoch, rows: readonly SinkRows[]): Promise<void> {
    this.#prepared.push({ epoch, rows });
  }

  hurry(): void {}

  async commit({ writer, number }: SinkEpoch): Promise<void> {
    const due = this.#prepared.filter(({ epoch }) => epoch.writer === writer && epoch.number <= number);
    this.#prepared = this.#prepared.filter((each) => !due.includes(each));
    for (const { sink, batch } of due.flatMap(({ rows }) => rows)) this.#answers.get(sink)?.apply(changesOf(decodeBatch(batch)));
  }

  status() {
    return {};
  }

  async close(): Promise<void> {}
}

const begins = Date.UTC(2026, 0, 1);

/**
 * Runs the compiled views in whole engines on this thread, one after the other on the same folder. Rows by view, or why it failed, and
 * of sources whose rows are kept.
 */
export async function engineCase(
  prepared: Prepared,
  tables: Tables,
  feed: EngineFeed,
  /** Compiles what queries are cut into when their rows are spread over the lanes; absent: each query runs in one lane. */
  compiler: Compiler | null = null,
): Promise<Map<string, Row[] | string>> {
  const folder = new MemoryFolder();
  const answers = new Map<string, StoredRows>();
  const failures = new Map<string, string>();
  // By the definition itself: the last fragment of a query has its id.
  const programs = new Map(prepared.compiled.map(({ definition, program }) => [definition, program]));
  const queries = prepared.compiled.map(({ definition }) => definition);
  const catalog = { sources: prepared.sources, queries };
  let begun = begins;
  for (const cut of [...feed.cuts, null]) {
    const timing = new VirtualTiming(begun);
    const connector = new RowsConnector(tables, feed, begins);
    // Made beforehand: virtual time does not wait for what the machine does meanwhile.
    const instances = new Map<QueryProgram, QueryInstance>();
    for (const { definition, program } of prepared.compiled)
      instances.set(program, await instantiateQuery(program, { memoryBytesMax: Math.min(definition.options.memoryBytesMax, 512 << 20) }));
    const instantiate = async (program: QueryProgram, { options }: QueryDefinition) => {
      const made = instances.get(program);
      instances.delete(program);
      const { memoryBytesMax } = options;
      return made ?? timing.waitFor(instantiateQuery(program, { memoryBytesMax: Math.min(memoryBytesMax, 512 << 20) }));
    };
    const engine = await timing.runUntil(
      startEngineWith(
        {
          connectors: new Map([['rows', connector]]),
          compile: async (query) => programs.get(query) ?? timing.waitFor((compiler as Compiler).compile(query)),
          openStore: async () => new RecordingStore(folder, answers),
          openSinks: async ({ sinks }) => new RecordingSinks(sinks, answers),
          startLanes: startLanesInline({ connector: () => connector, instantiate, timing }),
          timing,
        },
        catalog,
        { ...runOptions, lanes: feed.lanes, ...(compiler === null ? {} : { spread: true }) },
      ),
    );
    if (cut !== null) {
      await timing.runTo(begun + cut);
      begun += cut;
      folder.closed = true;
      continue;
    }
    await timing.runUntil(engine.ended);
    const status = await timing.runUntil(engine.stop());
    for (const { id, name } of queries) {
      const error = status.queries[id]?.error ?? null;
      if (error !== null) failures.set(name, error);
    }
    const late = Object.values(status.sources).reduce((rows, source) => rows + source.late, 0);
    if (late > 0) throw new Error(`${late} rows are called late`);
  }
  const recorded = [...catalog.sources.values()].filter(({ retentionMs }) => retentionMs !== null);
  return new Map([...queries, ...recorded].map(({ name }) => [name, failures.get(name) ?? answers.get(name)?.list() ?? []]));
}
