import type { Membership, MembershipOptions } from '../../../connectors/kafka/group/membership.ts';
import type { GroupMember } from '../../../connectors/kafka/wire/transaction.ts';
import { openMembership } from '../../../connectors/kafka/group/open-membership.ts';
import type { Catalog } from '../../plan/catalog.ts';
import type { Store, StoreStatistics } from '../../store/store.ts';
import { EventLog } from '../event-log.ts';
import { gatherStatus, sourceStatuses } from '../gather-status.ts';
import { SourceWatch } from '../source-watch.ts';
import { StatisticsPoll } from '../statistics-poll.ts';
import { LiveRowsFeed } from '../live-rows.ts';
import type { Engine, EngineEvent, LiveRows, RunOptions, RuntimeStatus } from '../runtime-status.ts';
import { mergeImages } from '../images/merge-images.ts';
import type { Timing } from '../time/timing.ts';
import type { EdgeStatus, GroupSettings } from './group-settings.ts';
import type { LaneOwnerParts } from './lane-owner.ts';
import { LaneOwners } from './lane-owners.ts';
import type { ResultLoader } from './result-loader.ts';

export interface GroupEngineParts {
  readonly catalog: Catalog;
  readonly options: RunOptions;
  readonly settings: GroupSettings;
  readonly lanes: number;
  readonly timing: Timing;
  readonly store: Store;
  readonly statistics: StoreStatistics;
  readonly startedAt: number;
  /** Ends what speaks with the brokers. */
  readonly disconnect: () => void;
}

/** One process of a group, as the rest of the program sees an engine: its lanes come and go, its store holds the results of all. */
export class GroupEngine implements Engine {
  readonly catalog: Catalog;
  readonly options: RunOptions;
  readonly feed: LiveRowsFeed;
  readonly #parts: GroupEngineParts;
  readonly #log = new EventLog();
  readonly #watch: SourceWatch;
  readonly #end = Promise.withResolvers<void>();
  #membership: Membership | null = null;
  #owners: LaneOwners | null = null;
  #edges: ((running: readonly number[]) => readonly EdgeStatus[]) | null = null;
  #loader: ResultLoader | null = null;
  #loading: Promise<void> = Promise.resolve();
  #fences = 0;
  #phase: RuntimeStatus['phase'] = 'starting';
  readonly #statistics: StatisticsPoll;
  #stopping: Promise<RuntimeStatus> | null = null;
  #final: RuntimeStatus | null = null;

  constructor(parts: GroupEngineParts) {
    this.catalog = parts.catalog;
    this.options = parts.options;
    this.feed = new LiveRowsFeed(parts.catalog);
    this.#watch = new SourceWatch(parts.catalog, (event) => this.tell(event));
    this.#parts = parts;
    this.#statistics = new StatisticsPoll(parts.store, parts.timing, parts.statistics);
    this.#end.promise.catch(() => undefined);
  }

  /** Who commits, as the group knows it now; null: brokers are not told. */
  get committer(): GroupMember | null {
    return this.#membership?.committer ?? null;
  }

  get ended(): Promise<void> {
    return this.#end.promise;
  }

  /** Joins the group, and loads results. `edges`: what it says of topics between its lanes. */
  start(
    loader: ResultLoader,
    membership: Omit<MembershipOptions, 'lanes' | 'sessionMs' | 'instance'>,
    owner: Omit<LaneOwnerParts, 'acknowledgedAt' | 'tell' | 'event' | 'statusChanged' | 'fenced' | 'failed'>,
    edges: (running: readonly number[]) => readonly EdgeStatus[],
  ): void {
    const { settings, lanes } = this.#parts;
    const owners = new LaneOwners({
      ...owner,
      acknowledgedAt: () => this.#membership?.acknowledgedAt ?? 0,
      tell: (event) => this.tell(event),
      event: (event) => this.#log.add(event),
      statusChanged: () => this.#watch.look(sourceStatuses(owners.running.map(({ status }) => status)), this.#parts.timing.now()),
      fenced: () => this.#fences++,
      failed: (error) => this.fail(error),
    });
    this.#owners = owners;
    this.#edges = edges;
    this.#loader = loader;
    this.#loading = loader.run().catch((error: unknown) => this.fail(error as Error));
    this.#membership = openMembership(
      settings.protocol,
      { ...membership, lanes, sessionMs: settings.sessionMs, instance: settings.member },
      {
        held: () => owners.held(),
        assigned: (share) => {
          this.tell({ level: 'info', kind: 'lane', subject: null, text: assignmentText(share, lanes) });
          return owners.assigned(share);
        },
        lost: () => {
          this.tell({
            level: 'warning',
            kind: 'lane',
            subject: null,
            text: 'the group went on without this process: its lanes are let go',
          });
          owners.lost();
        },
        waits: (reason) => this.tell({ level: 'warning', kind: 'lane', subject: null, text: `not in the group yet: ${reason}` }),
        failed: (error) => this.fail(error),
      },
    );
    this.#membership.start();
    this.#phase = 'running';
    this.#statistics.start();
  }

  tell(event: Omit<EngineEvent, 'at'>): void {
    this.#log.add({ at: this.#parts.timing.now(), ...event });
  }

  /** The run cannot go on; what was committed stays. */
  fail(error: Error): void {
    if (this.#phase === 'failed' || this.#phase === 'stopped' || this.#phase === 'stopping') return;
    this.#phase = 'failed';
    this.tell({ level: 'error', kind: 'stop', subject: null, text: error.message });
    this.#end.reject(error);
  }

  status(): RuntimeStatus {
    if (this.#final !== null) return this.#final;
    const { settings, lanes, startedAt, timing } = this.#parts;
    const running = this.#owners?.running ?? [];
    const status = gatherStatus({
      startedAt,
      now: timing.now(),
      phase: this.#phase,
      lanes: running.map((owner) => owner.status),
      store: this.#statistics.latest,
      sinks: {},
      watch: this.#watch,
      images: mergeImages(running.flatMap(({ images }) => (images === undefined ? [] : [images]))),
    });
    const group = {
      name: settings.name,
      member: settings.member ?? this.#membership?.memberId ?? '',
      lanes: running.map(({ lane }) => lane),
      lanesTotal: lanes,
      moves: this.#owners?.moves ?? 0,
      fences: this.#fences,
      rebalances: this.#membership?.rebalances ?? 0,
      acknowledgedAt: this.#membership?.acknowledgedAt || null,
      loadedRecords: this.#loader?.records ?? 0,
      edges: this.#edges?.(running.map(({ lane }) => lane)) ?? [],
    };
    return { ...status, group };
  }

  events(): readonly EngineEvent[] {
    return this.#log.all();
  }

  onEvent(listener: (event: EngineEvent) => void): () => void {
    return this.#log.listen(listener);
  }

  onRows(query: string, listener: (rows: LiveRows) => void): () => void {
    return this.feed.listen(query, listener);
  }

  stop(): Promise<RuntimeStatus> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<RuntimeStatus> {
    const failed = this.#phase === 'failed';
    if (!failed) this.#phase = 'stopping';
    this.#statistics.stop();
    await this.#owners?.close();
    await this.#membership?.close();
    await this.#loader?.close().catch(() => undefined);
    await this.#loading;
    this.#parts.disconnect();
    await this.#statistics.refresh();
    await this.#parts.store.close().catch((error: unknown) => this.#end.reject(error));
    if (!failed) {
      this.#phase = 'stopped';
      this.tell({ level: 'info', kind: 'stop', subject: null, text: 'stopped; everything that was read is committed' });
    }
    this.#final = this.status();
    this.#end.resolve();
    return this.#final;
  }
}

function assignmentText(share: readonly number[], lanes: number): string {
  if (share.length === 0) return `has none of the group's ${lanes} lanes now`;
  return `has ${share.length} of the group's ${lanes} lanes now: ${[...share].sort((a, b) => a - b).join(', ')}`;
}
