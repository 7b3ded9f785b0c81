import type { Batch } from '../../connectors/batch.ts';
import { instantiateQuery } from '../compile/instance.ts';
import type { QueryProgram } from '../compile/program.ts';
import type { Catalog, QueryDefinition } from '../plan/catalog.ts';
import { epochMsMax } from '../run/lane/epoch.ts';
import { startLanesInline } from '../run/lane-host.ts';
import type { Engine, EngineEvent } from '../run/runtime-status.ts';
import { startEngineWith } from '../run/start-engine.ts';
import { ResultFolder, ResultStore } from './result-store.ts';
import { TestConnector } from './test-connector.ts';
import type { TestDatabase } from './test-database.ts';
import { testBegins } from './test-time.ts';
import { VirtualTiming } from './virtual-timing.ts';

/** By the clock (ms) after which rows have been polled and taken. */
const takeMs = 60;
/** Programs by query id. */
export type Programs = ReadonlyMap<string, QueryProgram>;

/** A query or a source of the test has stopped. */
export class StreamFailure extends Error {}

/** The engine of one test: whole, on this thread, in virtual time, with the test's rows and a store in memory. */
export class TestEngine {
  readonly catalog: Catalog;
  readonly #programs: Programs;
  readonly #database: TestDatabase;
  readonly #timing = new VirtualTiming(testBegins);
  readonly #connector = new TestConnector();
  readonly #folder = new ResultFolder();
  readonly #failures: string[] = [];
  #engine: Engine | null = null;
  lanes = 1;

  /** `partitions`: names by source; one where there is none. */
  constructor(catalog: Catalog, programs: Programs, database: TestDatabase, partitions: ReadonlyMap<string, readonly string[]>) {
    this.catalog = catalog;
    this.#programs = programs;
    this.#database = database;
    for (const name of catalog.sources.keys()) this.#connector.declare(name, partitions.get(name) ?? ['0']);
  }

  get started(): boolean {
    return this.#engine !== null;
  }

  async give(source: string, partition: string, batches: readonly Batch[]): Promise<void> {
    for (const batch of batches) this.#connector.give(source, partition, { batch });
    // A table to look up in is read before the streams: its rows do not wait for a running engine.
    if (this.catalog.sources.get(source)?.kind !== 'stream' && !this.started) return;
    await this.#pass(takeMs * batches.length);
  }

  /** Event time (microseconds) goes on in every stream. */
  async advance(micros: bigint): Promise<void> {
    for (const { name, kind, eventTime } of this.catalog.sources.values()) {
      if (kind !== 'stream' || eventTime === null) continue;
      for (const partition of this.#connector.partitionsOf(name).keys()) this.#connector.give(name, partition, { reached: micros });
    }
    await this.#pass(takeMs * 2);
  }

  /** Nothing comes for so long by the clock. */
  async idle(ms: number): Promise<void> {
    await this.#pass(ms);
  }

  /** Every source ends: every window closes. */
  async end(): Promise<void> {
    for (const name of this.catalog.sources.keys()) this.#connector.end(name);
    await this.#pass(takeMs * 2);
  }

  /** Stops, and goes on from what was committed. */
  async restart(): Promise<void> {
    await this.#running();
    await this.close();
    await this.#running();
  }

  /** Commits everything and brings it into the database. */
  async flush(): Promise<void> {
    await this.#pass(epochMsMax + takeMs);
    await this.#database.define(this.#folder.streams.values());
    for (const { stream, batch } of this.#folder.take()) this.#database.append(stream, batch);
  }

  async close(): Promise<void> {
    const engine = this.#engine;
    this.#engine = null;
    if (engine !== null) await this.#timing.runUntil(engine.stop());
  }

  async #pass(ms: number): Promise<void> {
    await this.#running();
    await this.#timing.runTo(this.#timing.now() + ms);
    const failure = this.#failures.shift();
    if (failure !== undefined) throw new StreamFailure(failure);
  }

  async #running(): Promise<Engine> {
    if (this.#engine !== null) return this.#engine;
    const engine = await this.#timing.runUntil(this.#start());
    const note = ({ kind, text }: EngineEvent): void => {
      if (kind === 'query_failed' || kind === 'source_failed') this.#failures.push(text);
    };
    // Rows are there before the engine: a query may have stopped by now.
    engine.events().forEach(note);
    engine.onEvent(note);
    this.#engine = engine;
    return engine;
  }

  #start(): Promise<Engine> {
    const timing = this.#timing;
    const connector = this.#connector;
    for (const { kind, name } of this.catalog.sources.values()) if (kind !== 'stream') connector.end(name);
    const parts = {
      connectors: new Map([[connector.name, connector]]),
      compile: async (query: QueryDefinition) => this.#programs.get(query.id) as QueryProgram,
      openStore: async () => new ResultStore(this.#folder),
      startLanes: startLanesInline({
        connector: () => connector,
        instantiate: (program, { options }) => timing.waitFor(instantiateQuery(program, { memoryBytesMax: options.memoryBytesMax })),
        timing,
      }),
      timing,
    };
    const options = { dataDirectory: 'memory', lanes: this.lanes, speed: Number.POSITIVE_INFINITY, untilEnd: false };
    return startEngineWith(parts, this.catalog, options);
  }
}
