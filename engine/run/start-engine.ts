import { join } from 'node:path';
import type { Connector } from '../../connectors/connector.ts';
import { connectors } from '../../connectors/registry.ts';
import { Compiler } from '../compile/compiler.ts';
import { QueryError } from '../diagnostic.ts';
import type { Catalog, QueryDefinition } from '../plan/catalog.ts';
import { type OpenedStore, openStore } from '../store/open-store.ts';
import { type RecoveryState, type StoredImage, StoreError } from '../store/store.ts';
import type { StoreNotice } from '../store/stream-registry.ts';
import { compileDecoders } from './compile-decoders.ts';
import { assignLanes, assignTogether } from './assign-lanes.ts';
import { groupOfSource } from './group/group-settings.ts';
import type { LaneSetup } from './lane/protocol.ts';
import { startLaneWorkers } from './lane-host.ts';
import type { EngineParts } from './parts.ts';
import { shapeOfRun } from './begin-run.ts';
import { changeOf, outlookText, restartOutlook } from './restart-outlook.ts';
import { type ChosenImage, chooseImages, noImages } from './images/choose-images.ts';
import { ImageKeeper } from './images/image-keeper.ts';
import { openObjectFolder } from '../objects/folder-store.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { tellOfImages } from './images/tell-of-images.ts';
import { refuseLostRows } from './look-ahead.ts';
import { planRecovery, type RecoveryPlan } from './recovery-plan.ts';
import { RunningEngine } from './running-engine.ts';
import { type Engine, type EngineEvent, type RunOptions, snapshotEveryMsDefault } from './runtime-status.ts';
import { type LanePlan, planGroup, planLane, setUpPlan } from './set-up-lanes.ts';
import { openSinksWorker } from './sinks/sink-host.ts';
import { streamsOf } from './streams.ts';
import { systemTiming } from './time/timing.ts';
import { version } from '../version.ts';

export interface StartOptions extends RunOptions {
  /** Sources whose positions are given up, with what is open in queries that read them. */
  readonly forget?: readonly string[];
  /** Compiled kernels are kept here; null: nowhere. */
  readonly kernelDirectory?: string | null;
  /** Called for every query as soon as its kernel is there. */
  readonly onCompiled?: (query: string) => void;
  /** The store, as soon as it is open: for ad-hoc SQL, and for the address in its lock file. The engine closes it. */
  readonly onStore?: (store: OpenedStore) => void;
}

/** The engine as the command line runs it: connectors of the registry, lanes in worker threads, a DuckDB store. */
export async function startEngine(catalog: Catalog, options: StartOptions): Promise<Engine> {
  const compiler = new Compiler({
    cacheDirectory: options.kernelDirectory === undefined ? join(options.dataDirectory, 'kernels') : options.kernelDirectory,
  });
  const open: EngineParts['openStore'] = async (directory, onNotice) => {
    const store = await openStore({ directory, onNotice });
    options.onStore?.(store);
    return store;
  };
  try {
    const parts: EngineParts = {
      connectors,
      compile: (query) => compiler.compile(query),
      compileDecoder: (source, spec) => compiler.compileDecoder(source, spec),
      openStore: open,
      startLanes: startLaneWorkers(),
      openSinks: openSinksWorker,
      images: { open: (directory) => openObjectFolder(join(directory, 'snapshots')), engine: version },
      timing: systemTiming,
    };
    return await startEngineWith(parts, catalog, options);
  } finally {
    await compiler.close();
  }
}

/**
 * Compiles the queries, opens the data folder, goes on where the last run stopped. Rejects with QueryError (a query cannot run),
 * StoreError (data folder) or ConnectorError (a source cannot be opened); nothing is left open then.
 */
export async function startEngineWith(parts: EngineParts, catalog: Catalog, options: StartOptions): Promise<Engine> {
  const startedAt = parts.timing.now();
  const connector = connectorsOf(parts, catalog);
  if (parts.openSinks === undefined) refuseSinks(catalog);
  let engine: RunningEngine | null = null;
  const early: StoreNotice[] = [];
  const store = await parts.openStore(options.dataDirectory, (notice) =>
    engine === null ? early.push(notice) : tellOfStore(engine, notice),
  );
  try {
    const plans = await planLanes(parts, catalog, options);
    const before = await store.recover();
    refuseGroupFolder(before, options.dataDirectory);
    await store.define(
      streamsOf(catalog),
      catalog.queries.map((query) => query.id),
      shapeOfRun(catalog, before, connector, options.forget ?? []),
    );
    const recovery = await store.recover();
    engine = new RunningEngine(catalog, options, parts, store, await store.statistics(), startedAt);
    for (const notice of early) tellOfStore(engine, notice);
    if (parts.openSinks !== undefined) await engine.openSinks(parts.openSinks, recovery);
    const images = parts.images === undefined ? null : await startImages(engine, parts, parts.images);
    const setups = await setUpLanes(engine, parts, plans, recovery, connector, startedAt, images);
    await engine.start(setups, recovery);
    const { queries } = catalog;
    const text = `${queries.length} ${queries.length === 1 ? 'query' : 'queries'} started in ${parts.timing.now() - startedAt} ms`;
    engine.tell({ level: 'info', kind: 'start', subject: null, text });
    return engine;
  } catch (error) {
    if (engine === null) await store.close().catch(() => undefined);
    else await engine.stop();
    throw error;
  }
}

async function planLanes(parts: EngineParts, catalog: Catalog, options: StartOptions): Promise<LanePlan[]> {
  const compile = async (definition: QueryDefinition) => {
    const program = await parts.compile(definition);
    options.onCompiled?.(definition.id);
    return program;
  };
  if (options.spread && options.lanes > 1) return [await planGroup(catalog, assignTogether(catalog), options.lanes, compile)];
  return Promise.all(assignLanes(catalog, options.lanes).map((assignment) => planLane(assignment, compile)));
}

interface Images {
  readonly files: ObjectStore;
  readonly engine: string;
  /** Null: none are taken. */
  readonly everyMs: number | null;
  readonly keeper: (kept: readonly StoredImage[]) => ImageKeeper;
}

async function startImages(engine: RunningEngine, { timing }: EngineParts, images: NonNullable<EngineParts['images']>): Promise<Images> {
  const files = await images.open(engine.options.dataDirectory);
  const { snapshotEveryMs = snapshotEveryMsDefault } = engine.options;
  const tell = (event: Omit<EngineEvent, 'at'>) => engine.tell(event);
  return {
    files,
    engine: images.engine,
    everyMs: snapshotEveryMs === 0 ? null : snapshotEveryMs,
    keeper: (kept) => new ImageKeeper({ files, prefix: '', engine: images.engine, timing, tell }, kept),
  };
}

/** Setups of the lanes, by group. */
async function setUpLanes(
  engine: RunningEngine,
  parts: EngineParts,
  plans: readonly LanePlan[],
  stored: RecoveryState,
  connector: (name: string) => Connector,
  openedAt: number,
  images: Images | null,
): Promise<LaneSetup[][]> {
  const { speed } = engine.options;
  const planned = (plan: LanePlan, chosen: readonly ChosenImage[] = []) =>
    planRecovery(plan.assignment, plan.queries, stored, connector, speed, chosen);
  const bare = plans.flatMap((plan) => planned(plan).queries);
  const choice = images === null ? noImages : await chooseImages(bare, stored, images.engine, images.files);
  tellOfImages(engine, choice);
  const all: LaneSetup[][] = [];
  const recoveries: RecoveryPlan[] = [];
  let first = 0;
  for (const plan of plans) {
    const own = choice.chosen.filter(({ image }) =>
      plan.queries.some(({ definition }) => image.queries.some(({ id }) => id === definition.id)),
    );
    const recovery = planned(plan, own);
    recoveries.push(recovery);
    await refuseLostRows(recovery, connector, parts.timing);
    tellOfReplay(engine, recovery, stored);
    const sources = await compileDecoders(recovery.sources, connector, parts.compileDecoder);
    all.push(setUpPlan(plan, { ...recovery, sources }, { first, speed, openedAt, connector, imageEveryMs: images?.everyMs ?? null }));
    first += plan.lanes;
  }
  // Only now is it sure that this run goes on: one that is refused leaves all as it is.
  if (images !== null) {
    const drop = images.everyMs === null ? (stored.images ?? []) : choice.left.map(({ image }) => image);
    await engine.keepImages(images.keeper(stored.images ?? []), drop);
  }
  const text = outlookText(restartOutlook(engine.catalog, recoveries, stored, connector));
  if (text !== null) engine.tell({ level: 'info', kind: 'replay', subject: null, text });
  return all;
}

function tellOfStore(engine: RunningEngine, { level, stream, text }: StoreNotice): void {
  engine.tell({ level, kind: 'store', subject: stream, text });
}

/** What a restart reads again, and what it cannot. */
export function tellOfReplay(engine: Pick<RunningEngine, 'tell' | 'catalog'>, plan: RecoveryPlan, stored: RecoveryState): void {
  for (const { definition, replay } of plan.sources) {
    const rows = replay.reduce((sum, { from, to }) => sum + to.row - from.row, 0);
    if (rows === 0) continue;
    const since = plan.openSince.get(definition.name);
    const image = plan.images.find((each) => each.image.sources.includes(definition.name));
    const because =
      image !== undefined ? ' that came after the image' : since === undefined ? '' : ` because windows since ${timeText(since)} were open`;
    const text = `replays ${rows.toLocaleString('en-US')} rows${because}`;
    engine.tell({ level: 'info', kind: 'replay', subject: definition.name, text });
  }
  for (const query of plan.changed) {
    const definition = engine.catalog.queries.find(({ id }) => id === query) as QueryDefinition;
    const change = changeOf(definition, stored);
    const text = `${query} is not what it was before (${change}): its open windows are dropped, and it begins with the rows that come now`;
    engine.tell({ level: 'warning', kind: 'replay', subject: query, text });
  }
  for (const { source, queries, since } of plan.lost) {
    const text = `cannot be read again: windows of ${queries.join(', ')} open since ${timeText(since)} lack its rows from before the restart`;
    engine.tell({ level: 'warning', kind: 'replay', subject: source, text });
  }
}

function timeText(micros: bigint): string {
  return new Date(Number(micros / 1000n)).toISOString().replace('.000Z', 'Z');
}

function connectorsOf(parts: EngineParts, catalog: Catalog): (name: string) => Connector {
  const find = (name: string) => {
    const connector = parts.connectors.get(name);
    if (connector === undefined) throw new QueryError('E0601', `no connector is called "${name}"`, { hint: knownConnectors(parts) });
    return connector;
  };
  for (const source of catalog.sources.values()) if (source.role === 'source') find(source.connector);
  return find;
}

/** Results of a group would stand beside those of this run, twice. */
function refuseGroupFolder({ partitions }: RecoveryState, directory: string): void {
  const group = partitions.map(({ source }) => groupOfSource(source)).find((name) => name !== null) ?? null;
  if (group === null) return;
  throw new StoreError(
    `the data folder ${directory} holds results of group ${group}`,
    'run with --group, or name another folder with --data',
  );
}

function knownConnectors(parts: EngineParts): string {
  return `there are: ${[...parts.connectors.keys()].join(', ')}`;
}

function refuseSinks(catalog: Catalog): void {
  const insert = catalog.queries.find((query) => query.kind === 'insert');
  if (insert === undefined) return;
  throw new QueryError('E0602', `nothing can be written to "${insert.name}": this engine has no connectors that take rows`, {
    span: insert.bodySpan,
    hint: 'CREATE MATERIALIZED VIEW keeps the rows in the store, where SQL can read them',
  });
}
