import type { Batch } from '../../connectors/batch.ts';
import { ConnectorError } from '../../connectors/connector.ts';
import { instantiateQuery } from '../compile/instance.ts';
import type { QueryProgram } from '../compile/program.ts';
import type { Catalog, QueryDefinition, SourceDefinition } from '../plan/catalog.ts';
import { startLanesInline } from '../run/lane-host.ts';
import type { Engine, RuntimeStatus } from '../run/runtime-status.ts';
import { startEngineWith } from '../run/start-engine.ts';
import type { EpochCommit } from '../store/store.ts';
import { ResultFolder, ResultStore } from '../test-runner/result-store.ts';
import type { Programs } from '../test-runner/test-engine.ts';
import { testCatalog } from '../test-runner/test-catalog.ts';
import { testBegins } from '../test-runner/test-time.ts';
import { VirtualTiming } from '../test-runner/virtual-timing.ts';
import { BacktestError, firstLine } from './backtest-error.ts';
import { RecordedConnector, type RecordedSource } from './recorded-connector.ts';
import type { openReader } from './recorded-file.ts';

/** Virtual time that a run may take (ms): a day reads more rows than a result may have. */
const runMsMax = 24 * 3_600_000;

export interface RecordedRun {
  readonly query: QueryDefinition;
  /** The query and what it reads. */
  readonly catalog: Catalog;
  readonly programs: Programs;
  /** By name of the source. */
  readonly sources: ReadonlyMap<string, RecordedSource>;
  readonly connect: Awaited<ReturnType<typeof openReader>>;
  /** Rows of the query, in order. */
  readonly onRows: (batch: Batch) => void;
  readonly onProgress: (rowsRead: number, rowsTotal: number) => void;
}

export interface RecordedOutcome {
  readonly rowsRead: number;
  readonly rowsLate: number;
  readonly rowsIncomplete: number;
}

/** What a backtest runs: the query and what it reads, over files in place of sources. */
export function recordedCatalog(catalog: Catalog, query: QueryDefinition): Catalog {
  return testCatalog(catalog, [query], recordedSource);
}

function recordedSource(source: SourceDefinition): SourceDefinition {
  return { ...source, connector: 'recorded', options: {}, idleTimeoutMs: null, retentionMs: null, refreshMs: null };
}

/** Gives the rows of one query away as they are committed, and keeps none. */
class PassingStore extends ResultStore {
  readonly #folder: ResultFolder;
  readonly #pass: (epoch: EpochCommit) => void;

  constructor(folder: ResultFolder, pass: (epoch: EpochCommit) => void) {
    super(folder);
    this.#folder = folder;
    this.#pass = pass;
  }

  override async commit(epoch: EpochCommit): Promise<void> {
    this.#pass(epoch);
    this.#folder.add({ ...epoch, appends: [], ranges: [] });
  }
}

/** Runs a query to the end of its files: the whole engine, on this thread, in virtual time. Throws BacktestError. */
export async function runRecorded(run: RecordedRun): Promise<RecordedOutcome> {
  const timing = new VirtualTiming(testBegins);
  const connector = new RecordedConnector(run.connect, run.sources, (work) => timing.waitFor(work));
  let fault: unknown = null;
  const store = new PassingStore(new ResultFolder(), ({ appends }) => {
    for (const { stream, batch } of appends) {
      if (stream !== run.query.name || batch.rows === 0 || fault !== null) continue;
      try {
        run.onRows(batch);
      } catch (error) {
        fault = error;
        stopped.reject(error);
      }
    }
    run.onProgress(connector.rowsRead, connector.rowsTotal);
  });
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => undefined);
  const parts = {
    connectors: new Map([[connector.name, connector]]),
    compile: async (query: QueryDefinition) => run.programs.get(query.id) as QueryProgram,
    openStore: async () => store,
    startLanes: startLanesInline({
      connector: () => connector,
      instantiate: (program, { options }) => timing.waitFor(instantiateQuery(program, { memoryBytesMax: options.memoryBytesMax })),
      timing,
    }),
    timing,
  };
  const options = { dataDirectory: 'memory', lanes: 1, speed: Number.POSITIVE_INFINITY, untilEnd: true };
  let engine: Engine;
  try {
    engine = await timing.runUntil(startEngineWith(parts, run.catalog, options));
  } catch (error) {
    throw told(error);
  }
  const note = ({ kind, text }: { kind: string; text: string }): void => {
    if (kind === 'query_failed' || kind === 'source_failed')
      stopped.reject(connector.failure ?? new BacktestError(text, 'it would have stopped in a run too, at these rows'));
  };
  engine.events().forEach(note);
  engine.onEvent(note);
  try {
    await timing.runUntil(Promise.race([engine.ended, stopped.promise]), runMsMax);
    return outcomeOf(await timing.runUntil(engine.stop()), connector);
  } catch (error) {
    await timing.runUntil(engine.stop());
    throw told(connector.failure ?? error);
  }
}

function outcomeOf(status: RuntimeStatus, { rowsRead, rowsIncomplete }: RecordedConnector): RecordedOutcome {
  const rowsLate = Object.values(status.sources).reduce((sum, { late }) => sum + late, 0);
  return { rowsRead, rowsLate, rowsIncomplete };
}

function told(error: unknown): unknown {
  if (error instanceof BacktestError) return error;
  if (error instanceof ConnectorError) return new BacktestError(`table ${error.source}: ${error.message}`, error.hint);
  return error instanceof Error ? error : new BacktestError(firstLine(error));
}
