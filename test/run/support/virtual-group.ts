import type { Connector, OpenContext, Polled, Position, SourceReader } from '../../../connectors/connector.ts';
import type { Batch } from '../../../connectors/batch.ts';
import { instantiateQuery } from '../../../engine/compile/instance.ts';
import type { OwnProducer } from '../../../connectors/kafka/group/own-producer.ts';
import { cellValue } from '../../../engine/run/batch/cell-value.ts';
import { decodeBatch } from '../../../engine/run/batch/transfer.ts';
import { edgeConnector, edgeConnectorName } from '../../../engine/run/group/edge-reader.ts';
import { EdgeCounts } from '../../../engine/run/group/edge-counts.ts';
import { EdgeSender } from '../../../engine/run/group/edge-sender.ts';
import { GroupLanes } from '../../../engine/run/group/group-lanes.ts';
import { LaneState } from '../../../engine/run/group/lane-state.ts';
import { type GroupPlan, planEdges } from '../../../engine/run/group/plan-edges.ts';
import { type LaneHost, startLanesInline } from '../../../engine/run/lane-host.ts';
import type { LaneMessage, WireEpoch } from '../../../engine/run/lane/protocol.ts';
import { EpochMerge } from '../../../engine/run/merge-epochs.ts';
import type { RecoveryState } from '../../../engine/store/store.ts';
import type { Random } from '../../connectors/random.ts';
import { buildBatch } from '../../store/build-batch.ts';
import type { Partitions, SpreadQueries } from './spread-case.ts';
import { VirtualTiming } from './virtual-timing.ts';

const begins = Date.UTC(2026, 10, 23);
const nothing: RecoveryState = { partitions: [], ranges: [], queries: [], counters: [] };

export interface VirtualGroupRun {
  readonly lanes: number;
  readonly random: Random;
  readonly batchRowsMax: number;
  readonly pauseMsMax: number;
  /** Commits of a lane take up to so long (ms). */
  readonly commitMsMax: number;
  /** Images of memory are wanted so often (ms). */
  readonly imageEveryMs?: number;
}

/** What is committed in a broker that is not there: topics, and where each lane stands. */
class Committed {
  readonly topics = new Map<string, Uint8Array[][]>();
  readonly lanes = new Map<number, { readonly epoch: number; readonly state: RecoveryState }>();
  readonly appends: { readonly stream: string; readonly batch: Batch }[] = [];

  partition(topic: string, lanes: number, partition: number): Uint8Array[] {
    let found = this.topics.get(topic);
    if (found === undefined) {
      found = Array.from({ length: lanes }, () => []);
      this.topics.set(topic, found);
    }
    return found[partition] as Uint8Array[];
  }
}

interface RunningLane {
  readonly host: LaneHost;
  fenced: boolean;
}

/** Lanes of a group that commit each by itself, all on this thread, in virtual time; any of them may die at any time. */
export class VirtualGroup {
  readonly timing = new VirtualTiming(begins);
  readonly committed = new Committed();
  readonly failures: string[] = [];
  /** Queries that images of memory were taken of. */
  readonly images: string[] = [];
  readonly #queries: SpreadQueries;
  readonly #data: Partitions;
  readonly #run: VirtualGroupRun;
  readonly #plan: GroupPlan;
  readonly #lanes = new Map<number, RunningLane>();
  /** As one process counts that has all lanes. */
  readonly counts: EdgeCounts;

  private constructor(queries: SpreadQueries, plan: GroupPlan, data: Partitions, run: VirtualGroupRun) {
    this.#queries = queries;
    this.#plan = plan;
    this.#data = data;
    this.#run = run;
    this.counts = new EdgeCounts(plan.edges, run.lanes);
  }

  static async create(queries: SpreadQueries, data: Partitions, run: VirtualGroupRun): Promise<VirtualGroup> {
    const context = { group: 'g', lanes: run.lanes, directory: '.', options: (topic: string) => ({ topic }) };
    return new VirtualGroup(queries, await planEdges(queries.catalog, context, queries.compile), data, run);
  }

  get edges(): GroupPlan['edges'] {
    return this.#plan.edges;
  }

  #connector = (name: string): Connector => {
    if (name === edgeConnectorName) return edgeConnector(this.#log, 0);
    return name === 'kafka' ? this.#log : this.#rows;
  };

  /** Rows of the test's sources: each lane its partitions, in random batches with pauses, and then nothing more. */
  readonly #rows: Connector = {
    ...this.#shape('rows'),
    open: async ({ source, columns, needed, positions, owns, clock }: OpenContext): Promise<SourceReader> => {
      const { random, batchRowsMax, pauseMsMax } = this.#run;
      const rows = this.#data[source] ?? {};
      const own = Object.keys(rows).filter((name, index) => owns?.(name, index) ?? true);
      const next = new Map(own.map((name) => [name, Number(positions.get(name) ?? 0)]));
      const pausedUntil = new Map<string, number>();
      const specs = needed.map((index) => columns[index]!);
      return {
        partitions: own,
        async poll() {
          const ready = own.filter((name) => next.get(name)! < rows[name]!.length && clock.now() >= (pausedUntil.get(name) ?? 0));
          if (ready.length === 0) return { idle: true, retryAt: clock.now() + 40 };
          const partition = ready[random.below(ready.length)]!;
          const from = next.get(partition)!;
          const to = Math.min(rows[partition]!.length, from + 1 + random.below(batchRowsMax));
          next.set(partition, to);
          pausedUntil.set(partition, clock.now() + random.below(random.below(8) === 0 ? pauseMsMax : 120));
          const taken = rows[partition]!.slice(from, to).map((row) => needed.map((index) => row[index]));
          return { partition, batch: buildBatch(specs, taken), from, to, rejected: [] };
        },
        async acknowledge() {},
        async close() {},
      };
    },
  };

  /** Topics between lanes: committed records only. */
  readonly #log: Connector = {
    ...this.#shape('kafka'),
    open: async ({ columns, options, positions, owns, clock }: OpenContext): Promise<SourceReader> => {
      const { lanes, random } = this.#run;
      const own = Array.from({ length: lanes }, (_, lane) => String(lane)).filter((name, index) => owns?.(name, index) ?? true);
      const place = (name: string) => (positions.get(name) as { offset?: number } | undefined)?.offset ?? 0;
      const next = new Map(own.map((name) => [name, place(name)]));
      const topic = String(options.topic);
      const poll = async (): Promise<Polled | { readonly idle: true; readonly retryAt: number }> => {
        for (const partition of own) {
          const records = this.committed.partition(topic, lanes, Number(partition));
          const from = next.get(partition)!;
          const to = Math.min(records.length, from + 1 + random.below(4));
          if (to === from) continue;
          next.set(partition, to);
          const rows = records.slice(from, to).map((value, index) => [value, BigInt(from + index)]);
          const at = (offset: number): Position => ({ topic: 'id', offset });
          return { partition, batch: buildBatch(columns, rows), from: at(from), to: at(to), rejected: [] };
        }
        return { idle: true, retryAt: clock.now() + 20 };
      };
      return { partitions: own, poll, async acknowledge() {}, async close() {} };
    },
  };

  #shape(name: string): Omit<Connector, 'open'> {
    return { name, summary: '', options: {}, replayable: true, paced: false, divisible: true, checkColumns: () => [] };
  }

  /** Begins, or goes on from what is committed. */
  up(lane: number): void {
    const { lanes } = this.#run;
    const stored = this.committed.lanes.get(lane) ?? { epoch: 0, state: nothing };
    const state = new LaneState(structuredClone(stored.state));
    const parts = {
      catalog: this.#queries.catalog,
      group: this.#plan,
      lanes,
      connector: this.#connector,
      decoders: new Map(),
      speed: 1,
      images: { everyMs: this.#run.imageEveryMs ?? null },
      tell: () => {},
    };
    const setup = new GroupLanes(parts as never).setUp(lane, { recovery: state.recovery(), epoch: stored.epoch } as never);
    const sender = new EdgeSender(this.#plan.edges, lane, lanes, this.counts);
    this.counts.opened(lane, (source, partition) => state.position(source, partition));
    const epochs = new EpochMerge(1, [], new Map());
    const { timing } = this;
    const start = startLanesInline({
      connector: this.#connector,
      timing,
      instantiate: (program, { options }) => timing.waitFor(instantiateQuery(program, { memoryBytesMax: options.memoryBytesMax })),
    });
    let commits = Promise.resolve();
    const message = (each: LaneMessage) => {
      if (each.type === 'failed') this.failures.push(`lane ${lane}: ${each.error.message}`);
      if (each.type === 'event' && each.event.level === 'error') this.failures.push(`lane ${lane}: ${each.event.text}`);
      if (each.type === 'image') {
        this.images.push(each.image.about.component);
        running.host.send({ type: 'image_done', component: each.image.about.component, ms: 1 });
      }
      if (each.type === 'epoch') commits = commits.then(() => this.#commit(lane, running, state, sender, epochs, each.epoch));
    };
    const [host] = start([setup], () => ({ message, crashed: (reason) => this.failures.push(reason) })) as [LaneHost];
    const running: RunningLane = { host, fenced: false };
    this.#lanes.set(lane, running);
  }

  async #commit(
    lane: number,
    running: RunningLane,
    state: LaneState,
    sender: EdgeSender,
    epochs: EpochMerge,
    part: WireEpoch,
  ): Promise<void> {
    const epoch = epochs.add(part)!;
    const sent: { topic: string; partition: number; values: Uint8Array[] }[] = [];
    const producer: Pick<OwnProducer, 'send'> = {
      send: async (topic, partition, records) => void sent.push({ topic, partition, values: records.map(({ value }) => value!) }),
    };
    state.apply(epoch);
    await sender.send(producer, epoch);
    await new Promise<void>((resolve) => this.timing.after(this.#run.random.below(this.#run.commitMsMax), resolve));
    if (running.fenced) return;
    sender.committed();
    this.counts.committed(lane, (source, partition) => state.position(source, partition));
    for (const { topic, partition, values } of sent) this.committed.partition(topic, this.#run.lanes, partition).push(...values);
    this.committed.lanes.set(lane, { epoch: epoch.epoch, state: structuredClone(state.recovery()) });
    for (const { stream, batch } of epoch.appends)
      if (!sender.streams.has(stream)) this.committed.appends.push({ stream, batch: decodeBatch(batch) });
    running.host.send({ type: 'committed', epoch: epoch.epoch, queries: epoch.queries });
  }

  /** Nothing that it does from now on counts; it may not know it. */
  kill(lane: number): void {
    const running = this.#lanes.get(lane);
    if (running !== undefined) running.fenced = true;
  }

  async close(): Promise<void> {
    await this.timing.runUntil(Promise.all([...this.#lanes.values()].map(({ host }) => host.close())));
  }

  /** Rows of a stream, those that were taken back left out. */
  rows(stream: string): (readonly unknown[])[] {
    const counts = new Map<string, { row: unknown[]; count: number }>();
    for (const { batch } of this.committed.appends.filter((each) => each.stream === stream)) {
      for (let row = 0; row < batch.rows; row++) {
        const cells = batch.columns.map((column) => cellValue(column, row));
        const key = JSON.stringify(cells);
        const known = counts.get(key) ?? { row: cells, count: 0 };
        known.count += batch.weights?.[row] ?? 1;
        counts.set(key, known);
      }
    }
    return [...counts.values()].flatMap(({ row, count }) => {
      if (count < 0) throw new Error(`${stream}: ${JSON.stringify(row)} was taken back more often than it came`);
      return new Array<unknown[]>(count).fill(row);
    });
  }
}
