import { ConnectorError } from '../../connectors/connector.ts';
import { faultPoint } from '../../connectors/fault-point.ts';
import type { Catalog } from '../plan/catalog.ts';
import type { RecoveryState, Store, StoredImage, StoreStatistics } from '../store/store.ts';
import { decodeBatch } from './batch/transfer.ts';
import { EventLog } from './event-log.ts';
import { gatherStatus, sourceStatuses } from './gather-status.ts';
import { changeOfImages } from './images/change-of-images.ts';
import type { ImageKeeper } from './images/image-keeper.ts';
import type { TakenImage } from './images/taken-image.ts';
import type { LaneMessage, LaneSetup, LaneStatus, WireEpoch, WireError } from './lane/protocol.ts';
import type { LaneHost } from './lane-host.ts';
import { LiveRowsFeed } from './live-rows.ts';
import { EpochMerge, type MergedEpoch } from './merge-epochs.ts';
import { PaceAnchors } from './pace-anchors.ts';
import type { EngineParts } from './parts.ts';
import type { OpenSinks, SinkHost, SinkNotice } from './sinks/sink-host.ts';
import { committedEpochs, SinkGate } from './sinks/sink-gate.ts';
import { type SinkSetup, sinkSetups } from './sinks/sink-setup.ts';
import { SourceWatch } from './source-watch.ts';
import { StatisticsPoll } from './statistics-poll.ts';
import type { Engine, EngineEvent, LiveRows, RunOptions, RuntimeStatus } from './runtime-status.ts';

interface LaneState {
  readonly host: LaneHost;
  /** Number of its group's first lane: lanes of a group commit together. */
  readonly group: number;
  readonly epochs: EpochMerge;
  /** Its last epoch that was handed to the store. */
  last: { readonly epoch: number; readonly committed: Promise<unknown> };
  status: LaneStatus | undefined;
  readonly opened: PromiseWithResolvers<void>;
  readonly stopped: PromiseWithResolvers<void>;
  ended: boolean;
}

/** The main thread's side of a run: hands epochs to the store, gathers status, ends everything in order. */
export class RunningEngine implements Engine {
  readonly catalog: Catalog;
  readonly options: RunOptions;
  readonly #parts: EngineParts;
  readonly #store: Store;
  readonly #startedAt: number;
  readonly #log = new EventLog();
  readonly #feed: LiveRowsFeed;
  readonly #anchors: PaceAnchors;
  readonly #watch: SourceWatch;
  readonly #end = Promise.withResolvers<void>();
  #lanes: LaneState[] = [];
  #phase: RuntimeStatus['phase'] = 'starting';
  readonly #statistics: StatisticsPoll;
  #stopping: Promise<RuntimeStatus> | null = null;
  #final: RuntimeStatus | null = null;
  #failedSources: string[] = [];
  #images: ImageKeeper | null = null;
  #sinks: { readonly host: SinkHost; readonly gate: SinkGate } | null = null;

  constructor(catalog: Catalog, options: RunOptions, parts: EngineParts, store: Store, statistics: StoreStatistics, startedAt: number) {
    this.catalog = catalog;
    this.options = options;
    this.#parts = parts;
    this.#store = store;
    this.#statistics = new StatisticsPoll(store, parts.timing, statistics);
    this.#startedAt = startedAt;
    this.#feed = new LiveRowsFeed(catalog);
    this.#watch = new SourceWatch(catalog, (event) => this.tell(event));
    this.#anchors = new PaceAnchors(parts.timing, (source, eventMs, wallMs) => {
      for (const lane of this.#lanes) lane.host.send({ type: 'anchor', source, eventMs, wallMs });
    });
    this.#end.promise.catch(() => undefined);
  }

  get ended(): Promise<void> {
    return this.#end.promise;
  }

  /** What queries write to, before the first of them runs; rejects when it cannot be written to. */
  async openSinks(open: OpenSinks, before: RecoveryState): Promise<void> {
    const sinks = sinkSetups(this.catalog, this.options.dataDirectory);
    if (sinks.length === 0) return;
    const committed = committedEpochs(before);
    const host = await open({ sinks, committed }, (notice) => this.#tellOfSink(sinks, notice));
    const names = sinks.map((sink) => sink.name);
    this.#sinks = { host, gate: new SinkGate(host, names, committed) };
  }

  /** `drop`: those that this run does not go on from. Before the lanes start. */
  async keepImages(images: ImageKeeper, drop: readonly StoredImage[]): Promise<void> {
    this.#images = images;
    await images.begin(drop, (change) => this.#store.commit(changeOfImages(0, 0, change)));
  }

  #tellOfSink(sinks: readonly SinkSetup[], { sink, level, text, failed }: SinkNotice): void {
    this.tell({ level, kind: 'sink', subject: sink, text });
    if (!failed) return;
    for (const query of sinks.find((each) => each.name === sink)?.queries ?? []) {
      this.tell({ level: 'error', kind: 'query_failed', subject: query, text: `${query} has stopped: ${text}` });
      for (const lane of this.#lanes) lane.host.send({ type: 'fail_query', query, error: text });
    }
  }

  /** Starts the lanes of each group; rejects when one of them cannot open its sources. */
  async start(groups: readonly (readonly LaneSetup[])[], before: RecoveryState): Promise<void> {
    for (const setup of groups.flat()) this.#anchors.expect(pacedSources(setup));
    const streams = new Map(this.catalog.queries.map((query) => [query.id, query.name]));
    for (const setups of groups) {
      const first = this.#lanes.length;
      const epochs = new EpochMerge(setups.length, before.queries, streams);
      const opened = setups.map(() => Promise.withResolvers<void>());
      for (const each of opened) each.promise.catch(() => undefined);
      const hosts = this.#parts.startLanes(setups, (index) => ({
        message: (message) => this.#receive(first + index, message),
        crashed: (reason) =>
          this.#fail({ name: 'Error', message: `lane ${first + index} has crashed: ${reason}`, hint: undefined, source: undefined }),
      }));
      for (const [index, host] of hosts.entries()) {
        const last = { epoch: 0, committed: Promise.resolve() };
        const lane = { last, opened: opened[index] as PromiseWithResolvers<void>, stopped: Promise.withResolvers<void>(), ended: false };
        this.#lanes.push({ host, epochs, group: first, status: undefined, ...lane });
      }
    }
    await Promise.all(this.#lanes.map((lane) => lane.opened.promise));
    this.#phase = 'running';
    this.#statistics.start();
  }

  #receive(index: number, message: LaneMessage): void {
    const lane = this.#lanes[index] as LaneState;
    switch (message.type) {
      case 'opened':
        lane.opened.resolve();
        return;
      case 'status':
        lane.status = message.status;
        this.#watch.look(sourceStatuses(this.#statuses()), this.#parts.timing.now());
        return;
      case 'event':
        this.#log.add(message.event);
        return;
      case 'first_event':
        this.#anchors.report(message.source, message.eventMs);
        return;
      case 'epoch':
        this.#commit(lane, message.epoch);
        return;
      case 'image':
        void this.#keepImage(lane, message.image);
        return;
      case 'ended':
        this.#laneEnded(lane, message.failed);
        return;
      case 'stopped':
        lane.stopped.resolve();
        return;
      case 'failed':
        this.#fail(message.error);
    }
  }

  #commit(lane: LaneState, part: WireEpoch): void {
    const epoch = lane.epochs.add(part);
    if (epoch === null) return;
    faultPoint('epoch_ended');
    let tell = (): void => undefined;
    const store = (whole: MergedEpoch): Promise<void> => {
      const appends = whole.appends.map(({ stream, batch }) => ({ stream, batch: decodeBatch(batch) }));
      tell = this.#feed.prepare(appends);
      return this.#store.commit({ ...whole, appends });
    };
    const committed = this.#sinks === null ? store(epoch) : this.#sinks.gate.commit(epoch, store);
    lane.last = { epoch: epoch.epoch, committed };
    committed.then(
      () => {
        for (const each of this.#lanes) {
          if (each.group === lane.group) each.host.send({ type: 'committed', epoch: epoch.epoch, queries: epoch.queries });
        }
        tell();
      },
      (error: unknown) => this.#fail(asWireError(error)),
    );
  }

  /** Not before all is committed that it holds. */
  async #keepImage(lane: LaneState, image: TakenImage): Promise<void> {
    const ms = await this.#images?.keep(image, async (change) => {
      await lane.last.committed;
      await this.#store.commit(changeOfImages(this.#lanes.indexOf(lane), lane.last.epoch, change));
    });
    lane.host.send({ type: 'image_done', component: image.about.component, ms: ms ?? 0 });
  }

  #laneEnded(lane: LaneState, failed: readonly string[]): void {
    lane.ended = true;
    this.#failedSources = [...new Set([...this.#failedSources, ...failed])];
    if (!this.options.untilEnd || !this.#lanes.every((each) => each.ended)) return;
    if (this.#failedSources.length === 0) this.#end.resolve();
    else this.#end.reject(new Error(`not every source came to its end: ${this.#failedSources.join(', ')} failed`));
  }

  /** The run cannot go on; what was committed stays. */
  #fail(error: WireError): void {
    if (this.#phase === 'failed' || this.#phase === 'stopped') return;
    this.#phase = 'failed';
    const cause = thrown(error);
    this.tell({ level: 'error', kind: 'stop', subject: error.source ?? null, text: error.message });
    this.#end.reject(cause);
    for (const lane of this.#lanes) {
      lane.opened.reject(cause);
      lane.stopped.resolve();
    }
  }

  tell(event: Omit<EngineEvent, 'at'>): void {
    this.#log.add({ at: this.#parts.timing.now(), ...event });
  }

  status(): RuntimeStatus {
    if (this.#final !== null) return this.#final;
    return gatherStatus({
      startedAt: this.#startedAt,
      now: this.#parts.timing.now(),
      phase: this.#phase,
      lanes: this.#statuses(),
      watch: this.#watch,
      store: this.#statistics.latest,
      sinks: this.#sinks?.host.status() ?? {},
      ...(this.#images === null ? {} : { images: this.#images.status() }),
    });
  }

  #statuses(): readonly (LaneStatus | undefined)[] {
    return this.#lanes.map((lane) => lane.status);
  }

  events(): readonly EngineEvent[] {
    return this.#log.all();
  }

  onEvent(listener: (event: EngineEvent) => void): () => void {
    return this.#log.listen(listener);
  }

  onRows(query: string, listener: (rows: LiveRows) => void): () => void {
    return this.#feed.listen(query, listener);
  }

  stop(): Promise<RuntimeStatus> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<RuntimeStatus> {
    const failed = this.#phase === 'failed';
    if (!failed) this.#phase = 'stopping';
    this.#statistics.stop();
    this.#anchors.close();
    this.#sinks?.host.hurry();
    if (!failed) {
      for (const lane of this.#lanes) lane.host.send({ type: 'stop' });
      await Promise.all(this.#lanes.map((lane) => lane.stopped.promise));
    }
    await Promise.allSettled(this.#lanes.map((lane) => lane.host.close()));
    await this.#images?.close();
    await this.#sinks?.host.close();
    await this.#statistics.refresh();
    await this.#store.close().catch((error: unknown) => {
      if (this.#phase !== 'failed') this.#fail(asWireError(error));
    });
    if (this.#phase === 'stopping') {
      this.#phase = 'stopped';
      this.tell({ level: 'info', kind: 'stop', subject: null, text: 'stopped; everything that was read is committed' });
    }
    this.#final = this.status();
    this.#end.resolve();
    return this.#final;
  }
}

function pacedSources({ sources }: LaneSetup): string[] {
  return sources.filter((source) => source.paced).map((source) => source.definition.name);
}

function asWireError(error: unknown): WireError {
  const { name, message, hint } = error as { name?: string; message?: string; hint?: string };
  return { name: name ?? 'Error', message: message ?? String(error), hint, source: undefined };
}

function thrown({ name, message, hint, source }: WireError): Error {
  if (source !== undefined) return new ConnectorError(source, message, hint);
  const error = new Error(message) as Error & { hint?: string };
  error.name = name;
  if (hint !== undefined) error.hint = hint;
  return error;
}
