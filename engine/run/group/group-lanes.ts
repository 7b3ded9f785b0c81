import type { GroupClient } from '../../../connectors/kafka/group/group-client.ts';
import type { Connector } from '../../../connectors/connector.ts';
import type { DecoderProgram } from '../../../connectors/formats/decoder.ts';
import type { Catalog } from '../../plan/catalog.ts';
import type { LaneSetup } from '../lane/protocol.ts';
import { planRecovery } from '../recovery-plan.ts';
import type { EngineEvent } from '../runtime-status.ts';
import { tellOfReplay } from '../start-engine.ts';
import { type LanePlan, setUpPlan } from '../set-up-lanes.ts';
import { type ChosenImage, chooseImages } from '../images/choose-images.ts';
import { ImageKeeper } from '../images/image-keeper.ts';
import { tellOfImages } from '../images/tell-of-images.ts';
import type { Timing } from '../time/timing.ts';
import { type GroupSettings, groupTopics } from './group-settings.ts';
import { LaneImages } from './lane-images.ts';
import { LaneTransactions } from './lane-transactions.ts';
import type { SinkRows } from './sink-rows.ts';
import type { SnapshotFolder } from './snapshot-folder.ts';

/** A transaction that stays open for longer (ms) is ended by the broker; until then it holds back who reads what is committed. */
const transactionMsMax = 60_000;
/** Documents that no transaction can name any more are removed at this age (ms). */
const orphanMs = 2 * transactionMsMax;

export interface GroupLanesParts {
  readonly catalog: Catalog;
  readonly settings: GroupSettings;
  readonly lanes: number;
  readonly plan: LanePlan;
  readonly connector: (name: string) => Connector;
  /** By source. */
  readonly decoders: ReadonlyMap<string, DecoderProgram>;
  readonly speed: number;
  readonly tell: (event: Omit<EngineEvent, 'at'>) => void;
  readonly client: GroupClient;
  readonly folder: SnapshotFolder;
  readonly sinks: SinkRows;
  /** `everyMs`: see LaneSetup; `engine`: the version that images must be of. */
  readonly images: { readonly everyMs: number | null; readonly engine: string; readonly timing: Timing };
  /** By stream: tells its columns from those of other versions. */
  readonly columns: ReadonlyMap<string, string>;
}

/** How a lane of a group is opened and what it runs: all queries, over its own partitions. */
export class GroupLanes {
  readonly #parts: GroupLanesParts;
  readonly #queries: ReadonlySet<string>;
  readonly #sourceTopics: ReadonlyMap<string, string>;

  constructor(parts: GroupLanesParts) {
    this.#parts = parts;
    this.#queries = new Set(parts.catalog.queries.map((query) => query.id));
    this.#sourceTopics = new Map(parts.plan.assignment.sources.map(({ name, options }) => [name, String(options.topic)]));
  }

  async open(lane: number): Promise<LaneTransactions> {
    const { client, settings, lanes, folder, columns, sinks } = this.#parts;
    const topics = groupTopics(settings.name);
    const transactions = await LaneTransactions.open({
      group: settings.name,
      lane,
      lanes,
      folder,
      topics,
      openProducer: (index) => client.producer(`${settings.name}-lane-${index}`, transactionMsMax),
      committed: (index) => client.committed(topics.lanes, index),
      columns,
      sourceTopics: this.#sourceTopics,
      sendToSinks: (producer, appends) => sinks.send(producer, appends),
      orphanMs,
    });
    transactions.keepQueries(this.#queries);
    return transactions;
  }

  async setUp(lane: number, transactions: LaneTransactions): Promise<{ setup: LaneSetup; images: LaneImages | null }> {
    const { catalog, plan, connector, decoders, speed, lanes, tell, folder, images } = this.#parts;
    const stored = transactions.recovery;
    const tellOfLane = (event: Omit<EngineEvent, 'at'>) => tell({ ...event, text: `lane ${lane}: ${event.text}` });
    const planned = (chosen?: readonly ChosenImage[]) => planRecovery(plan.assignment, plan.queries, stored, connector, speed, chosen);
    const files = await folder.images();
    const choice = await chooseImages(planned().queries, stored, images.engine, files);
    tellOfImages({ tell: tellOfLane }, choice);
    const recovery = planned(choice.chosen);
    const kept = stored.images ?? [];
    const keeper = new ImageKeeper(
      { files, prefix: `lane-${lane}-image-`, engine: images.engine, timing: images.timing, tell: tellOfLane },
      kept,
    );
    const drop = images.everyMs === null ? kept : choice.left.map(({ image }) => image);
    tellOfReplay({ catalog, tell: tellOfLane }, recovery, stored);
    const sources = recovery.sources.map((source) => {
      const decoder = decoders.get(source.definition.name);
      const own = source.definition.kind === 'stream' ? { own: { index: lane, count: lanes } } : {};
      return { ...source, ...(decoder === undefined ? {} : { decoder }), ...own };
    });
    const context = { first: lane, speed, openedAt: Date.now(), connector, imageEveryMs: images.everyMs };
    const [setup] = setUpPlan(plan, { ...recovery, sources }, context);
    return { setup: { ...(setup as LaneSetup), firstEpoch: transactions.epoch + 1 }, images: new LaneImages(keeper, drop) };
  }
}
