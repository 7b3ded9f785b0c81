import type { Connector, OpenContext, PartitionEnd, Polled, SourceReader } from '../../connectors/connector.ts';
import { instantiateQuery } from '../../engine/compile/instance.ts';
import type { QueryProgram } from '../../engine/compile/program.ts';
import type { QueryInstance } from '../../engine/compile/query-instance.ts';
import type { QueryDefinition } from '../../engine/plan/catalog.ts';
import { startLaneInline } from '../../engine/run/lane-host.ts';
import { startEngineWith } from '../../engine/run/start-engine.ts';
import type { EpochCommit } from '../../engine/store/store.ts';
import { buildBatch } from '../store/build-batch.ts';
import { MemoryFolder, MemoryStore } from '../run/support/memory-store.ts';
import { runOptions } from '../run/support/start.ts';
import { VirtualTiming } from '../run/support/virtual-timing.ts';
import type { Row } from './compare-rows.ts';
import { appendRows } from './reference-values.ts';
import type { Prepared, Values } from './run-case.ts';

export interface EngineFeed {
  readonly lanes: number;
  readonly partitions: number;
  readonly batchRows: number;
  /** Rows of a partition after which it waits for a second; a run that is cut off ends in such a wait. */
  readonly pauseEvery: number;
  /** Milliseconds of virtual time after which the engine dies, without a last commit; each is followed by a new one on the same folder. */
  readonly cuts: readonly number[];
}

/** Partitions of rows, read in turn; a position is the number of rows read. */
class RowsConnector implements Connector {
  readonly name = 'rows';
  readonly summary = 'Rows of a test.';
  readonly options = {};
  readonly replayable = true;
  readonly paced = false;
  readonly #partitions: readonly Values[];
  readonly #feed: EngineFeed;
  readonly #begun: number;

  constructor(values: Values, feed: EngineFeed, begun: number) {
    this.#partitions = Array.from({ length: feed.partitions }, (_, k) => values.filter((_row, row) => row % feed.partitions === k));
    this.#feed = feed;
    this.#begun = begun;
  }

  checkColumns() {
    return [];
  }

  async open({ columns, needed, positions, clock }: OpenContext): Promise<SourceReader> {
    const { batchRows, pauseEvery } = this.#feed;
    const names = this.#partitions.map((_, index) => `p${index}`);
    const next = new Map(names.map((name) => [name, Number(positions.get(name) ?? 0)]));
    const open = [...names];
    const begun = this.#begun;
    const all = this.#partitions;
    const specs = needed.map((index) => columns[index] as (typeof columns)[number]);
    return {
      partitions: names,
      async poll(): Promise<Polled | { idle: true; retryAt: number } | PartitionEnd> {
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
  readonly #answers: Map<string, Row[]>;

  constructor(folder: MemoryFolder, answers: Map<string, Row[]>) {
    super(folder);
    this.#answers = answers;
  }

  override async commit(epoch: EpochCommit): Promise<void> {
    const appends = epoch.appends.map(({ stream, batch }) => {
      const rows: Row[] = [];
      appendRows(batch, rows);
      return { stream, rows };
    });
    await super.commit(epoch);
    for (const { stream, rows } of appends) this.#answers.set(stream, [...(this.#answers.get(stream) ?? []), ...rows]);
  }
}

const begins = Date.UTC(2026, 0, 1);

/** Runs the compiled views in whole engines on this thread, one after the other on the same folder. Rows by view, or why it failed. */
export async function engineCase(prepared: Prepared, values: Values, feed: EngineFeed): Promise<Map<string, Row[] | string>> {
  const folder = new MemoryFolder();
  const answers = new Map<string, Row[]>();
  const failures = new Map<string, string>();
  const programs = new Map(prepared.compiled.map(({ definition, program }) => [definition.id, program]));
  const queries = prepared.compiled.map(({ definition }) => definition);
  const catalog = { sources: new Map([['t', prepared.source]]), queries };
  let begun = begins;
  for (const cut of [...feed.cuts, null]) {
    const timing = new VirtualTiming(begun);
    const connector = new RowsConnector(values, feed, begins);
    // Made beforehand: virtual time does not wait for what the machine does meanwhile.
    const instances = new Map<string, QueryInstance>();
    for (const { definition, program } of prepared.compiled)
      instances.set(
        definition.id,
        await instantiateQuery(program, { memoryBytesMax: Math.min(definition.options.memoryBytesMax, 512 << 20) }),
      );
    const instantiate = async (_program: QueryProgram, { id }: QueryDefinition) => instances.get(id) as QueryInstance;
    const engine = await timing.runUntil(
      startEngineWith(
        {
          connectors: new Map([['rows', connector]]),
          compile: async (query) => programs.get(query.id) as QueryProgram,
          openStore: async () => new RecordingStore(folder, answers),
          startLane: startLaneInline({ connector: () => connector, instantiate, timing }),
          timing,
        },
        catalog,
        { ...runOptions, lanes: feed.lanes },
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
    const late = status.sources.t?.late ?? 0;
    if (late > 0) throw new Error(`${late} rows are called late`);
  }
  return new Map(queries.map(({ name }) => [name, failures.get(name) ?? answers.get(name) ?? []]));
}
