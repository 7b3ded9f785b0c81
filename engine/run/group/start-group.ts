import { join } from 'node:path';
import { GroupClient } from '../../../connectors/kafka/group/group-client.ts';
import { type ConnectionSettings, readConnectionSettings, SettingsError } from '../../../connectors/kafka/settings.ts';
import type { Connector } from '../../../connectors/connector.ts';
import type { OptionValues } from '../../../connectors/options.ts';
import type { DecoderProgram } from '../../../connectors/formats/decoder.ts';
import { connectors } from '../../../connectors/registry.ts';
import { ConnectorError } from '../../../connectors/connector.ts';
import { Compiler } from '../../compile/compiler.ts';
import type { Catalog } from '../../plan/catalog.ts';
import { parseDefaults } from '../../sql/options.ts';
import { openStore } from '../../store/open-store.ts';
import { type RecoveryState, type Store, StoreError } from '../../store/store.ts';
import type { StoreNotice } from '../../store/stream-registry.ts';
import { type CompileDecoder, compileDecoders } from '../compile-decoders.ts';
import { startLaneWorkers } from '../lane-host.ts';
import { planRecovery } from '../recovery-plan.ts';
import { version } from '../../version.ts';
import { type Engine, type EngineEvent, snapshotEveryMsDefault } from '../runtime-status.ts';
import type { StartOptions } from '../start-engine.ts';
import { streamsOf } from '../streams.ts';
import { systemTiming } from '../time/timing.ts';
import { checkGroup } from './check-group.ts';
import { edgeConnector, edgeConnectorName } from './edge-reader.ts';
import { EdgeTopics } from './edge-topics.ts';
import { type GroupPlan, planEdges } from './plan-edges.ts';
import { GroupEngine } from './group-engine.ts';
import { groupOfSource, type GroupSettings, groupTopics, lanesOfGroupDefault, loaderName } from './group-settings.ts';
import { checkSourcesAhead, groupSources } from './group-sources.ts';
import { GroupLanes } from './group-lanes.ts';
import { ResultLoader, type ResultLoaderParts } from './result-loader.ts';
import { columnsHash, rowBytesMax } from './result-record.ts';
import { SinkRows } from './sink-rows.ts';
import { GroupSnapshots } from './group-snapshots.ts';

const timing = systemTiming;
const nothing: RecoveryState = { partitions: [], ranges: [], queries: [], counters: [] };

/**
 * One process of a group: its lanes commit in Kafka, its store is filled from the topic of results. Rejects with QueryError (a query
 * cannot run in a group), StoreError (folders) or ConnectorError (Kafka); nothing is left open then.
 */
export async function startGroup(catalog: Catalog, options: StartOptions, settings: GroupSettings): Promise<Engine> {
  const startedAt = timing.now();
  const connection = connectionOf(settings);
  checkGroup(catalog, connection.brokers);
  const client = new GroupClient(connection, settings.name, settings.directory);
  const notices: StoreNotice[] = [];
  let engine: GroupEngine | null = null;
  let store: Store | null = null;
  const compiler = new Compiler({ cacheDirectory: options.kernelDirectory ?? join(options.dataDirectory, 'kernels') });
  try {
    const snapshots = await GroupSnapshots.open(settings.snapshots, settings.name);
    const lanes = await makeTopics(client, settings);
    const sources = groupSources(catalog, connectorOf);
    await checkSourcesAhead(sources, snapshots, settings.name, lanes);
    const sinks = await SinkRows.open(catalog, options.dataDirectory, client.cluster);
    const opened = await openStore({
      directory: options.dataDirectory,
      onNotice: (notice) => (engine === null ? notices.push(notice) : tellOf(engine, notice)),
    });
    store = opened;
    options.onStore?.(opened);
    const before = await store.recover();
    checkFolder(before, settings.name, options.dataDirectory);
    const streams = streamsOf(catalog);
    const columns = new Map(streams.map((stream) => [stream.name, columnsHash(stream.columns)]));
    const compiled = await compileAll(catalog, options, compiler, settings, lanes);
    await EdgeTopics.make(client, settings.name, compiled.group.edges, lanes);
    await store.define(streams, []);
    const statistics = await store.statistics();
    const disconnect = () => client.close();
    engine = new GroupEngine({ catalog, options, settings, lanes, timing, store, statistics, startedAt, disconnect });
    for (const notice of notices) tellOf(engine, notice);
    const loader = await openLoader(engine, { settings, store, before, columns, compileDecoder: decodersOf(compiler) });
    const running = engine;
    const tell = (event: Omit<EngineEvent, 'at'>) => running.tell(event);
    const { speed, snapshotEveryMs = snapshotEveryMsDefault } = options;
    const images = { everyMs: snapshotEveryMs === 0 ? null : snapshotEveryMs, engine: version, timing };
    const group = new GroupLanes({
      ...compiled,
      catalog,
      settings,
      lanes,
      connector: connectorOf,
      speed,
      tell,
      client,
      snapshots,
      columns,
      sources,
      sinks,
      images,
    });
    engine.start(
      loader,
      { cluster: client.cluster, group: settings.name, topic: groupTopics(settings.name).lanes },
      {
        timing,
        streams: new Map(catalog.queries.map((query) => [query.id, query.name])),
        startLanes: startLaneWorkers(),
        open: (lane) => group.open(lane, () => running.committer),
        committed: (lane, transactions) => group.committed(lane, transactions),
        setUp: (lane, transactions) => group.start(lane, transactions),
      },
      (running) => group.edges(running),
    );
    return engine;
  } catch (error) {
    client.close();
    await store?.close().catch(() => undefined);
    throw error;
  } finally {
    await compiler.close();
  }
}

function connector(name: string): Connector {
  const found = connectors.get(name);
  if (found === undefined) throw new Error(`no connector is called "${name}"`);
  return found;
}

/** As lanes know them too. */
function connectorOf(name: string): Connector {
  return name === edgeConnectorName ? edgeConnector(connector('kafka'), 0) : connector(name);
}

function decodersOf(compiler: Compiler): CompileDecoder {
  return (source, spec) => compiler.compileDecoder(source, spec);
}

/** Queries and decoders, once for all lanes that may come. */
async function compileAll(
  catalog: Catalog,
  options: StartOptions,
  compiler: Compiler,
  settings: GroupSettings,
  lanes: number,
): Promise<{ group: GroupPlan; decoders: Map<string, DecoderProgram> }> {
  const edges = { group: settings.name, lanes, directory: settings.directory, options: (topic: string) => ownTopic(settings, topic) };
  const group = await planEdges(catalog, edges, async (definition) => {
    const program = await compiler.compile(definition);
    options.onCompiled?.(definition.id);
    return program;
  });
  const { plan } = group;
  const first = planRecovery(plan.assignment, plan.queries, nothing, connectorOf, options.speed);
  const sources = await compileDecoders(first.sources, connectorOf, decodersOf(compiler));
  const decoders = sources.flatMap(({ definition, decoder }) => (decoder === undefined ? [] : [[definition.name, decoder] as const]));
  return { group, decoders: new Map(decoders) };
}

type LoaderParts = { readonly settings: GroupSettings } & Pick<ResultLoaderParts, 'store' | 'before' | 'columns' | 'compileDecoder'>;

function openLoader(engine: GroupEngine, { settings, ...parts }: LoaderParts): Promise<ResultLoader> {
  const kafka = connector('kafka');
  const options = { ...ownTopic(settings, groupTopics(settings.name).results), on_offset_out_of_range: 'earliest' };
  return ResultLoader.open({
    ...parts,
    group: settings.name,
    connector: kafka,
    options,
    directory: settings.directory,
    timing,
    tell: (event) => engine.tell(event),
    prepare: (appends) => engine.feed.prepare(appends),
  });
}

/** Options of a source that reads a topic of the group's own. */
function ownTopic(settings: GroupSettings, topic: string): OptionValues {
  const defaults = parseDefaults(connector('kafka').options);
  const policy = { format: 'raw', on_offset_out_of_range: 'fail', max_batch_bytes: 2 * rowBytesMax };
  return { ...defaults, ...settings.connection, topic, ...policy };
}

function connectionOf(settings: GroupSettings): ConnectionSettings {
  try {
    return readConnectionSettings(settings.connection);
  } catch (error) {
    if (error instanceof SettingsError) throw new ConnectorError(settings.name, error.fault.message, error.fault.hint);
    throw error;
  }
}

/** How many lanes the group has: that was decided when its topic of lanes was made. */
async function makeTopics(client: GroupClient, { name, lanes: wanted }: GroupSettings): Promise<number> {
  const topics = groupTopics(name);
  const lanes = await client.ensureTopic({ name: topics.lanes, partitions: wanted ?? lanesOfGroupDefault, config: {} });
  if (wanted !== null && wanted !== lanes) {
    throw new StoreError(
      `group ${name} has ${lanes} lanes, and that cannot change: --lanes ${wanted} is another number`,
      `leave out --lanes, or use another group name and an empty folder of snapshots for ${wanted} lanes`,
    );
  }
  const results = await client.ensureTopic({
    name: topics.results,
    partitions: lanes,
    config: { 'max.message.bytes': String(rowBytesMax), 'cleanup.policy': 'delete' },
  });
  if (results !== lanes) throw new StoreError(`topic ${topics.results} has ${results} partitions, but group ${name} has ${lanes} lanes`);
  return lanes;
}

/** Results of a group and those of a process of its own would stand beside each other, twice. */
function checkFolder({ partitions }: RecoveryState, group: string, directory: string): void {
  const strange = partitions.find(({ source }) => source !== loaderName(group));
  if (strange === undefined) return;
  const other = groupOfSource(strange.source);
  throw new StoreError(
    `the data folder ${directory} holds results ${other === null ? 'of a run without --group' : `of group ${other}`}`,
    'give each process of the group a data folder of its own: --data',
  );
}

function tellOf(engine: GroupEngine, { level, stream, text }: StoreNotice): void {
  engine.tell({ level, kind: 'store', subject: stream, text });
}
