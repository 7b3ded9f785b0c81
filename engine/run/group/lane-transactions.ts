import type { Position } from '../../../connectors/connector.ts';
import { faultPoint } from '../../../connectors/fault-point.ts';
import type { OwnProducer } from '../../../connectors/kafka/group/own-producer.ts';
import type { GroupMember } from '../../../connectors/kafka/wire/transaction.ts';
import { resumePoint } from '../lane/resume-point.ts';
import type { WireEpoch } from '../lane/protocol.ts';
import type { MergedEpoch } from '../merge-epochs.ts';
import { type RecoveryState, type SourceIdentity, StoreError } from '../../store/store.ts';
import { checkSources } from './group-sources.ts';
import { LaneState } from './lane-state.ts';
import { resultRecords } from './result-record.ts';
import type { EdgeSender } from './edge-sender.ts';
import type { GroupSnapshots } from './group-snapshots.ts';

export interface PartitionOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string;
}

export interface LaneTransactionParts {
  readonly group: string;
  readonly lane: number;
  readonly lanes: number;
  readonly snapshots: GroupSnapshots;
  readonly topics: { readonly lanes: string; readonly results: string };
  /** Ends what others have open under the lane's name, so that nobody else commits for it any more. */
  readonly openProducer: (lane: number) => Promise<OwnProducer>;
  /** What was committed for the lane, once nothing is under way. */
  readonly committed: (lane: number) => Promise<{ readonly offset: number; readonly metadata: string | null } | null>;
  /** Who commits, as the group knows it now; null: brokers are not told. */
  readonly committer?: () => GroupMember | null;
  /** By stream: tells its columns from those of other versions. */
  readonly columns: ReadonlyMap<string, string>;
  /** By source: its topic, for those who watch how far the group has read. */
  readonly sourceTopics: ReadonlyMap<string, string>;
  /** What its sources are: positions of others are not taken up. */
  readonly sources: readonly SourceIdentity[];
  /** Rows that queries write to sinks: sent within the transaction. */
  readonly sendToSinks: (producer: OwnProducer, appends: WireEpoch['appends']) => Promise<void>;
  /** Rows that go to other lanes, and how far this one is: sent within the transaction. */
  readonly edges: Pick<EdgeSender, 'send' | 'streams' | 'committed'>;
  /** Documents that nobody has committed are removed at this age (ms). */
  readonly orphanMs: number;
}

const nothing: RecoveryState = { partitions: [], ranges: [], queries: [], counters: [] };

/**
 * Commits the epochs of one lane: its rows, where it stands, and the name of the document that says so, in one Kafka transaction. The
 * order of opening matters: first nobody else can commit any more, then what was committed is read.
 */
export class LaneTransactions {
  readonly #parts: LaneTransactionParts;
  readonly #producer: OwnProducer;
  readonly #state: LaneState;
  /** Of the last epoch that was committed; 0: none was. */
  readonly epoch: number;
  #document: string | null;

  private constructor(parts: LaneTransactionParts, producer: OwnProducer, state: LaneState, epoch: number, document: string | null) {
    this.#parts = parts;
    this.#producer = producer;
    this.#state = state;
    this.epoch = epoch;
    this.#document = document;
  }

  /** Rejects with StoreError when the lane cannot go on from what is there: another try would not help. */
  static async open(parts: LaneTransactionParts): Promise<LaneTransactions> {
    const { group, lane, lanes, snapshots, sources } = parts;
    const producer = await parts.openProducer(lane);
    faultPoint('lane_fenced');
    try {
      const committed = await parts.committed(lane);
      const copy = await snapshots.pointer(lane);
      const epoch = committed?.offset ?? 0;
      if (copy !== null && copy.epoch > epoch) throw forgotten(lane, copy.epoch, epoch);
      const name = committed?.metadata ?? null;
      if (committed !== null && (name === null || name === ''))
        throw new StoreError(`the commit of lane ${lane} names no snapshot`, 'is the name of the group used by other programs?');
      const document = name === null ? null : await snapshots.read(name, lane, lanes);
      const stored = document?.state ?? nothing;
      checkSources(sources, stored, group, lane);
      const { images = [] } = stored;
      await snapshots.collect(lane, [...(name === null ? [] : [name]), ...images.map((image) => image.name)], parts.orphanMs);
      faultPoint('lane_found');
      const state = new LaneState(stored);
      state.identify(sources);
      return new LaneTransactions(parts, producer, state, epoch, name);
    } catch (error) {
      producer.close();
      throw error;
    }
  }

  get recovery(): RecoveryState {
    return this.#state.recovery();
  }

  keepQueries(ids: ReadonlySet<string>): void {
    this.#state.keepQueries(ids);
  }

  /** Rejects when the epoch may not have been committed: the lane has to be opened anew. */
  async commit(epoch: MergedEpoch): Promise<void> {
    const { group, lane, lanes, snapshots, topics, columns, sendToSinks, edges } = this.#parts;
    this.#state.apply(epoch);
    const document = snapshots.write({ group, lane, lanes, epoch: epoch.epoch, state: this.#state.recovery() });
    document.catch(() => undefined);
    this.#producer.begin();
    const timestamp = Date.now();
    const records = epoch.appends.flatMap(({ stream, batch }) => {
      const hash = columns.get(stream);
      return hash === undefined ? [] : resultRecords(stream, hash, batch).map((value) => ({ key: Buffer.from(stream), value, timestamp }));
    });
    if (records.length > 0) await this.#producer.send(topics.results, lane, records);
    await sendToSinks(
      this.#producer,
      epoch.appends.filter(({ stream }) => !columns.has(stream) && !edges.streams.has(stream)),
    );
    await edges.send(this.#producer, epoch);
    faultPoint('lane_rows_sent');
    const name = await document;
    faultPoint('lane_document_written');
    const pointer = { topic: topics.lanes, partition: lane, offset: epoch.epoch, metadata: name };
    await this.#producer.commitOffsets(group, [pointer, ...this.#sourceOffsets(epoch)], this.#parts.committer);
    faultPoint('lane_positioned');
    await this.#producer.commit();
    edges.committed();
    faultPoint('lane_committed');
    const before = this.#document;
    this.#document = name;
    await snapshots.writePointer(lane, { epoch: epoch.epoch, name });
    faultPoint('lane_pointer_written');
    if (before !== null) await snapshots.remove(before);
    faultPoint('lane_document_dropped');
  }

  /** Where a partition goes on from what was committed last; null: nothing of it was read. */
  position(source: string, partition: string): Position | null {
    return this.#state.position(source, partition);
  }

  /** Offset of the oldest record of a partition that somebody who goes on from what is committed reads; null: none was read. */
  neededFrom(source: string, partition: string): number | null {
    return this.#state.neededFrom(source, partition);
  }

  close(): void {
    this.#producer.close();
  }

  /** Where it stands in its sources, as Kafka's tools understand it; it goes on from the document. */
  #sourceOffsets({ partitions }: MergedEpoch): PartitionOffset[] {
    return partitions.flatMap(({ source, partition, position }) => {
      const topic = this.#parts.sourceTopics.get(source);
      const at = resumePoint(position).position;
      if (topic === undefined || typeof at !== 'object' || typeof at.offset !== 'number') return [];
      return [{ topic, partition: Number(partition), offset: at.offset, metadata: '' }];
    });
  }
}

function forgotten(lane: number, known: number, committed: number): StoreError {
  return new StoreError(
    `lane ${lane} had committed epoch ${known}, and Kafka knows ${committed === 0 ? 'of no commit' : `epoch ${committed} only`}: its results would come twice`,
    'the offsets of the group have expired (offsets.retention.minutes), were deleted, or this is another cluster: use another group name and an empty folder of snapshots to begin anew',
  );
}
