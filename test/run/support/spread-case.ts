import { createHash } from 'node:crypto';
import type { ColumnSpec } from '../../../connectors/data-type.ts';
import type { Connector, OpenContext, SourceReader } from '../../../connectors/connector.ts';
import { Compiler } from '../../../engine/compile/compiler.ts';
import { instantiateQuery } from '../../../engine/compile/instance.ts';
import type { QueryProgram } from '../../../engine/compile/program.ts';
import type { QueryInstance } from '../../../engine/compile/query-instance.ts';
import type { Catalog, QueryDefinition } from '../../../engine/plan/catalog.ts';
import { assignTogether } from '../../../engine/run/assign-lanes.ts';
import { cellValue } from '../../../engine/run/batch/cell-value.ts';
import { isPassing } from '../../../engine/run/exchange/pass-program.ts';
import { startLanesInline } from '../../../engine/run/lane-host.ts';
import type { RuntimeStatus } from '../../../engine/run/runtime-status.ts';
import { type LanePlan, planGroup } from '../../../engine/run/set-up-lanes.ts';
import { openSinksInline } from '../../../engine/run/sinks/sink-host.ts';
import { startEngineWith } from '../../../engine/run/start-engine.ts';
import { loadCatalog } from '../../../engine/sql/load-catalog.ts';
import type { Random } from '../../connectors/random.ts';
import { buildBatch } from '../../store/build-batch.ts';
import { memorySink, SinkPlace } from './memory-sink.ts';
import { MemoryFolder, MemoryStore } from './memory-store.ts';
import { VirtualTiming } from './virtual-timing.ts';

/** Cells in declared order. */
export type Cells = readonly (readonly unknown[])[];
/** By source, by partition. */
export type Partitions = Readonly<Record<string, Readonly<Record<string, Cells>>>>;

export interface SpreadRun {
  readonly lanes: number;
  readonly random: Random;
  readonly batchRowsMax: number;
  /** Milliseconds of virtual time after which the engine dies; each is followed by a run with that number of lanes. */
  readonly cuts?: readonly { readonly afterMs: number; readonly lanes: number }[];
  readonly memoryBytesMax?: number;
  /** Longest pause of a partition (milliseconds of virtual time). */
  readonly pauseMsMax?: number;
  /** Pause after every batch of a partition (milliseconds of virtual time), instead of those at random. */
  readonly pausesMs?: Readonly<Record<string, number>>;
  /** All rows are at hand: a source that is ahead waits. */
  readonly paced?: boolean;
  /** Told of every read: the partition, and its rows until then. */
  readonly read?: (partition: string, rows: number) => void;
  /** Where rows of sinks go. */
  readonly place?: SinkPlace;
  /** Views whose doubles are the same to the last bit, whatever order rows come in. */
  readonly exact?: readonly string[];
  /** Of a run before; absent: a new one. */
  readonly folder?: MemoryFolder;
}

/** Partitions of rows, read in random order and batches; every few rows a partition pauses for up to a second. */
class RandomOrder implements Connector {
  readonly name = 'rows';
  readonly summary = 'Rows of a test.';
  readonly options = {};
  readonly replayable = true;
  readonly paced: boolean;
  readonly divisible = true;
  readonly #data: Partitions;
  readonly #run: SpreadRun;

  constructor(data: Partitions, run: SpreadRun) {
    this.#data = data;
    this.#run = run;
    this.paced = run.paced ?? false;
  }

  checkColumns() {
    return [];
  }

  async open({ source, columns, needed, positions, owns, clock }: OpenContext): Promise<SourceReader> {
    const { random, batchRowsMax, pauseMsMax = 1500, pausesMs, read } = this.#run;
    const rows = this.#data[source] ?? {};
    const open = Object.keys(rows).filter((name, index) => owns?.(name, index) ?? true);
    const next = new Map(open.map((name) => [name, Number(positions.get(name) ?? 0)]));
    const specs: ColumnSpec[] = needed.map((index) => columns[index] as ColumnSpec);
    let pausedUntil = 0;
    return {
      partitions: [...open],
      async poll() {
        if (open.length === 0) return { idle: true };
        if (clock.now() < pausedUntil) return { idle: true, retryAt: pausedUntil };
        if (pausesMs === undefined && random.below(6) === 0) pausedUntil = clock.now() + random.below(pauseMsMax);
        const partition = open[random.below(open.length)] as string;
        const cells = rows[partition] as Cells;
        const from = next.get(partition) as number;
        if (from >= cells.length) {
          open.splice(open.indexOf(partition), 1);
          return { end: partition };
        }
        const to = Math.min(cells.length, from + 1 + random.below(batchRowsMax));
        next.set(partition, to);
        read?.(partition, to);
        if (pausesMs !== undefined) pausedUntil = clock.now() + (pausesMs[partition] ?? 0);
        const taken = cells.slice(from, to).map((row) => needed.map((index) => row[index]));
        return { partition, batch: buildBatch(specs, taken), from, to, rejected: [] };
      },
      async acknowledge() {},
      async close() {
        open.length = 0;
      },
    };
  }
}

/** Doubles as they are the same however they were added up. */
function shown(row: readonly unknown[], exact: boolean): string {
  return JSON.stringify(row, (_, cell: unknown) =>
    !exact && typeof cell === 'number' && !Number.isInteger(cell) ? Number(cell.toPrecision(significantDigits)) : cell,
  );
}

/** Rows that were added and not taken back, in no order. */
function foldedRows(folder: MemoryFolder, stream: string, exact: boolean): string[] {
  const counts = new Map<string, number>();
  for (const { batch } of folder.commits.flatMap((commit) => commit.appends.filter((append) => append.stream === stream))) {
    for (let row = 0; row < batch.rows; row++) {
      const text = shown(
        batch.columns.map((column) => cellValue(column, row)),
        exact,
      );
      counts.set(text, (counts.get(text) ?? 0) + (batch.weights?.[row] ?? 1));
    }
  }
  return [...counts].flatMap(([text, count]) => new Array<string>(count).fill(text)).sort();
}

const significantDigits = 11;
const begins = Date.UTC(2026, 10, 23);

/** Queries compiled once, run in whole engines on this thread with any number of lanes. */
export class SpreadQueries {
  readonly #compiler = new Compiler({ cacheDirectory: null });
  readonly #programs = new Map<string, Promise<QueryProgram>>();
  readonly catalog: Catalog;

  private constructor(catalog: Catalog) {
    this.catalog = catalog;
  }

  static async create(sql: string): Promise<SpreadQueries> {
    const { catalog, diagnostics } = await loadCatalog([{ path: 'test.sql', text: sql }], {
      connectors: new Map([['rows', { name: 'rows', options: {} }]]) as never,
      sinks: new Map([['memory', { name: 'memory', options: {}, takesChanges: true }]]),
    });
    const wrong = diagnostics.filter(({ severity }) => severity === 'error');
    if (wrong.length > 0) throw new Error(wrong.map(({ message, line, hint }) => `line ${line}: ${message} ${hint ?? ''}`).join('\n'));
    return new SpreadQueries(catalog);
  }

  compile = (definition: QueryDefinition): Promise<QueryProgram> => {
    const text = JSON.stringify([definition.id, definition.plan], (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
    const key = createHash('sha256').update(text).digest('hex');
    const program = this.#programs.get(key) ?? this.#compiler.compile(definition);
    this.#programs.set(key, program);
    return program;
  };

  plan(lanes: number): Promise<LanePlan> {
    return planGroup(this.catalog, assignTogether(this.catalog), lanes, this.compile);
  }

  async close(): Promise<void> {
    await this.#compiler.close();
  }

  /** Rows by view, in no order, and the last status. */
  async run(data: Partitions, run: SpreadRun): Promise<{ rows: Record<string, string[]>; folder: MemoryFolder; status: RuntimeStatus }> {
    const folder = run.folder ?? new MemoryFolder();
    const starts = [{ lanes: run.lanes, afterMs: 0 }, ...(run.cuts ?? [])];
    const sinks = new Map([['memory', memorySink(run.place ?? new SinkPlace())]]);
    let begun = begins;
    let status: RuntimeStatus | undefined;
    for (const [index, { lanes }] of starts.entries()) {
      const timing = new VirtualTiming(begun);
      const cut = starts[index + 1];
      const instances = await this.#instances(lanes, run.memoryBytesMax);
      const connector = new RandomOrder(data, run);
      const parts = {
        connectors: new Map([['rows', connector]]),
        compile: this.compile,
        openStore: async () => new MemoryStore(folder),
        startLanes: startLanesInline({
          connector: () => connector,
          instantiate: async (program: QueryProgram) => instances.get(program.key)?.pop() as QueryInstance,
          timing,
        }),
        openSinks: (setup: Parameters<typeof openSinksInline>[2], notify: Parameters<typeof openSinksInline>[3]) =>
          openSinksInline(sinks, timing, setup, notify),
        timing,
      };
      const options = { dataDirectory: 'memory', speed: Number.POSITIVE_INFINITY, untilEnd: true, lanes, spread: true };
      const engine = await timing.runUntil(startEngineWith(parts, this.catalog, options));
      if (cut !== undefined) {
        await timing.runTo(begun + cut.afterMs);
        begun += cut.afterMs;
        folder.closed = true;
        continue;
      }
      await timing.runUntil(engine.ended);
      status = await timing.runUntil(engine.stop());
    }
    const rows = Object.fromEntries(
      this.catalog.queries.map(({ name }) => [name, foldedRows(folder, name, run.exact?.includes(name) ?? false)]),
    );
    return { rows, folder, status: status as RuntimeStatus };
  }

  /** Made beforehand: virtual time does not wait for what the machine does meanwhile. */
  async #instances(lanes: number, memoryBytesMax = 256 << 20): Promise<Map<string, QueryInstance[]>> {
    const programs =
      lanes === 1
        ? await Promise.all(this.catalog.queries.map(this.compile))
        : (await this.plan(lanes)).queries.map((query) => query.program).filter((program) => !isPassing(program));
    const made = new Map<string, QueryInstance[]>();
    for (const program of programs) {
      const each = Array.from({ length: lanes }, () => instantiateQuery(program, { memoryBytesMax }));
      made.set(program.key, [...(made.get(program.key) ?? []), ...(await Promise.all(each))]);
    }
    return made;
  }
}
