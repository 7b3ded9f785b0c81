import type { GroupClient } from '../../../connectors/kafka/group/group-client.ts';
import type { GroupMember } from '../../../connectors/kafka/wire/transaction.ts';
import type { Connector } from '../../../connectors/connector.ts';
import type { DecoderProgram } from '../../../connectors/formats/decoder.ts';
import type { Catalog } from '../../plan/catalog.ts';
import type { LaneSetup } from '../lane/protocol.ts';
import type { SourceIdentity } from '../../store/store.ts';
import { planRecovery } from '../recovery-plan.ts';
import type { EngineEvent } from '../runtime-status.ts';
import { tellOfReplay } from '../start-engine.ts';
import { type ChosenImage, chooseImages, noImages } from '../images/choose-images.ts';
import { ImageKeeper } from '../images/image-keeper.ts';
import { tellOfImages } from '../images/tell-of-images.ts';
import { setUpPlan } from '../set-up-lanes.ts';
import type { Timing } from '../time/timing.ts';
import { EdgeCounts } from './edge-counts.ts';
import { EdgeSender } from './edge-sender.ts';
import { EdgeTopics } from './edge-topics.ts';
import { type EdgeStatus, type GroupSettings, groupTopics } from './group-settings.ts';
import { LaneImages } from './lane-images.ts';
import type { GroupPlan } from './plan-edges.ts';
import { LaneTransactions } from './lane-transactions.ts';
import type { SinkRows } from './sink-rows.ts';
import type { GroupSnapshots } from './group-snapshots.ts';

/** A transaction that stays open for longer (ms) is ended by the broker; until then it holds back who reads what is committed. */
const transactionMsMax = 60_000;
/** Documents that no transaction can name any more are removed at this age (ms). */
const orphanMs = 2 * transactionMsMax;

export interface GroupLanesParts {
  readonly catalog: Catalog;
  readonly settings: GroupSettings;
  readonly lanes: number;
  readonly group: GroupPlan;
  readonly connector: (name: string) => Connector;
  /** By source. */
  readonly decoders: ReadonlyMap<string, DecoderProgram>;
  readonly speed: number;
  readonly tell: (event: Omit<EngineEvent, 'at'>) => void;
  readonly client: GroupClient;
  readonly snapshots: GroupSnapshots;
  readonly sinks: SinkRows;
  /** `everyMs`: see LaneSetup; `engine`: the version that images must be of. */
  readonly images: { readonly everyMs: number | null; readonly engine: string; readonly timing: Timing };
  /** By stream: tells its columns from those of other versions. */
  readonly columns: ReadonlyMap<string, string>;
  readonly sources: readonly SourceIdentity[];
}

/** How a lane of a group is opened and what it runs: all queries, over its own partitions. */
export class GroupLanes {
  readonly #parts: GroupLanesParts;
  readonly #queries: ReadonlySet<string>;
  readonly #topics: EdgeTopics;
  readonly #counts: EdgeCounts;
  readonly #sourceTopics: ReadonlyMap<string, string>;

  constructor(parts: GroupLanesParts) {
    this.#parts = parts;
    const { assignment } = parts.group.plan;
    this.#queries = new Set(assignment.queries.map((query) => query.id));
    this.#topics = new EdgeTopics(parts.group.edges, parts.client, parts.tell);
    this.#counts = new EdgeCounts(parts.group.edges, parts.lanes);
    this.#sourceTopics = new Map(assignment.sources.map(({ name, options }) => [name, String(options.topic)]));
  }

  async open(lane: number, committer: () => GroupMember | null): Promise<LaneTransactions> {
    const { client, settings, lanes, snapshots, columns, sinks, group } = this.#parts;
    const topics = groupTopics(settings.name);
    const transactions = await LaneTransactions.open({
      group: settings.name,
      lane,
      lanes,
      snapshots,
      topics,
      openProducer: (index) => client.producer(`${settings.name}-lane-${index}`, transactionMsMax),
      committed: (index) => client.committed(topics.lanes, index, committer),
      committer,
      columns,
      sourceTopics: this.#sourceTopics,
      sources: this.#parts.sources,
      sendToSinks: (producer, appends) => sinks.send(producer, appends),
      edges: new EdgeSender(group.edges, lane, lanes, this.#counts),
      orphanMs,
    });
    transactions.keepQueries(this.#queries);
    this.#counts.opened(lane, (source, partition) => transactions.position(source, partition));
    return transactions;
  }

  /** After a commit: what nobody needs any more is removed now and then. */
  committed(lane: number, transactions: LaneTransactions): void {
    this.#topics.trim(lane, transactions);
    this.#counts.committed(lane, (source, partition) => transactions.position(source, partition));
  }

  /** Topics between lanes. `running`: the lanes that run here now. */
  edges(running: readonly number[]): readonly EdgeStatus[] {
    return this.#counts.status(running);
  }

  /** Null: none are taken. Rows that go through topics between lanes are not known whole by the stretches of one lane. */
  get #imageEveryMs(): number | null {
    const { group, images } = this.#parts;
    return group.edges.length === 0 ? (images?.everyMs ?? null) : null;
  }

  /** What the lane goes on from, and who keeps its images from now on. */
  async start(lane: number, transactions: LaneTransactions): Promise<{ setup: LaneSetup; images: LaneImages }> {
    const { group, connector, speed, snapshots, images } = this.#parts;
    const { plan, edges } = group;
    const stored = transactions.recovery;
    const files = snapshots.objects;
    const bare = planRecovery(plan.assignment, plan.queries, stored, connector, speed);
    const choice = edges.length === 0 ? await chooseImages(bare.queries, stored, images.engine, files) : noImages;
    const tell = this.#tellOf(lane);
    tellOfImages({ tell }, choice);
    const kept = stored.images ?? [];
    const keeper = new ImageKeeper({ files, prefix: `lane-${lane}-image-`, engine: images.engine, timing: images.timing, tell }, kept);
    const drop = this.#imageEveryMs === null ? kept : choice.left.map(({ image }) => image);
    return { setup: this.setUp(lane, transactions, choice.chosen), images: new LaneImages(keeper, drop) };
  }

  #tellOf(lane: number): (event: Omit<EngineEvent, 'at'>) => void {
    return (event) => this.#parts.tell({ ...event, text: `lane ${lane}: ${event.text}` });
  }

  setUp(lane: number, transactions: LaneTransactions, chosen: readonly ChosenImage[] = []): LaneSetup {
    const { catalog, group, connector, decoders, speed, lanes } = this.#parts;
    const { plan, edges, followed, together } = group;
    const stored = transactions.recovery;
    const recovery = planRecovery(plan.assignment, plan.queries, stored, connector, speed, chosen);
    tellOfReplay({ catalog: { ...catalog, queries: plan.assignment.queries }, tell: this.#tellOf(lane) }, recovery, stored);
    const sources = recovery.sources.map((source) => {
      const decoder = decoders.get(source.definition.name);
      const own = source.definition.kind === 'stream' ? { own: { index: lane, count: lanes } } : {};
      const follows = followed.has(source.definition.name) ? { follows: true as const } : {};
      return { ...source, ...(decoder === undefined ? {} : { decoder }), ...own, ...follows };
    });
    const context = { first: lane, speed, openedAt: Date.now(), connector, imageEveryMs: this.#imageEveryMs };
    const [setup] = setUpPlan(plan, { ...recovery, sources }, context);
    const outputs = Object.fromEntries(edges.map(({ fragment, source }) => [fragment, source.name]));
    const apart = edges.length === 0 ? {} : { apart: { lane, lanes, outputs, together } };
    return { ...(setup as LaneSetup), ...apart, firstEpoch: transactions.epoch + 1 };
  }
}
