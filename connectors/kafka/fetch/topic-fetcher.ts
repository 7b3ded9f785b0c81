import type { Waiting } from '../../connector.ts';
import type { Cluster } from '../network/cluster.ts';
import type { ConnectionLost, Frame } from '../network/connection.ts';
import type { RecordWalk } from '../records/record-walk.ts';
import { errorCodes, errorName, isRetriable } from '../wire/error-code.ts';
import type { FetchedPartition, FetchPartition, FetchRequest, FetchResponse } from '../wire/fetch.ts';
import type { TopicMetadata } from '../wire/metadata.ts';
import { FetchLoop, type FetchLoopHost, type FetchLoopOptions } from './fetch-loop.ts';
import type { Partition } from './partition.ts';
import type { RecordSet, SetEnd } from './record-set.ts';

const backoffMsMin = 50;
const backoffMsMax = 1_000;

/** Two responses that are read or wait, and the one that comes in. */
const areasPerBroker = 3;
const brokerBytesMin = 1 << 20;

export interface TopicFetcherSettings {
  readonly memoryBytesMax: number;
  readonly fetchBytesMax: number;
  readonly partitionBytesMax: number;
  readonly fetchBytesMin: number;
  readonly fetchWaitMsMax: number;
  readonly committed: boolean;
}

export interface TopicFetcherHost {
  /** There is something in the queue. */
  arrived(): void;
  /** Leaders are others than was known. */
  metadataWanted(): void;
  /** The offset asked for is not there, or what came before it is not what it was: `end` of what is still the same, if known. */
  outOfRange(partition: Partition, end: number | null): void;
  /** The broker refuses for good. */
  refused(partition: Partition, code: number): void;
  fail(error: Error): void;
}

/** Fetches one topic's partitions from the brokers that lead them, into a queue. */
export class TopicFetcher implements FetchLoopHost {
  readonly queue: (RecordSet | SetEnd)[] = [];
  topicId: string;
  readonly #cluster: Cluster;
  readonly #walk: RecordWalk;
  readonly #settings: TopicFetcherSettings;
  readonly #options: Omit<FetchLoopOptions, 'fetchBytesMax'>;
  readonly #host: TopicFetcherHost;
  readonly #loops = new Map<number, FetchLoop>();
  /** Those that brought something last stand at the end, so that each gets its turn. */
  #order: Partition[] = [];
  /** Generation that a partition had when it was last asked for. */
  readonly #asked = new Map<Partition, number>();

  constructor(
    topicId: string,
    cluster: Cluster,
    walk: RecordWalk,
    settings: TopicFetcherSettings,
    options: Omit<FetchLoopOptions, 'fetchBytesMax'>,
    host: TopicFetcherHost,
  ) {
    this.topicId = topicId;
    this.#cluster = cluster;
    this.#walk = walk;
    this.#settings = settings;
    this.#options = options;
    this.#host = host;
  }

  add(partition: Partition): void {
    this.#order.push(partition);
    this.checkEnd(partition);
  }

  /** Takes over who leads what. */
  lead(topic: TopicMetadata): void {
    for (const { partition: number, leader, epoch } of topic.partitions) {
      const partition = this.#order.find((each) => each.number === number);
      if (partition === undefined || epoch < partition.leaderEpoch) continue;
      partition.leader = leader;
      partition.leaderEpoch = epoch;
      partition.stale = leader < 0;
      if (leader < 0) partition.lost ??= { since: Date.now(), reason: 'it has no leader' };
    }
    for (const broker of new Set(this.#order.map(({ leader }) => leader))) if (broker >= 0) this.#ensureLoop(broker);
    for (const [broker, loop] of this.#loops) {
      if (this.#order.some(({ leader }) => leader === broker)) loop.wake();
      else this.#stopLoop(broker);
    }
  }

  get anyStale(): boolean {
    return this.#order.some(({ stale, ended }) => stale && !ended);
  }

  wake(): void {
    for (const loop of this.#loops.values()) loop.wake();
  }

  #ensureLoop(broker: number): void {
    const endpoint = this.#cluster.broker(broker);
    if (endpoint === null) return;
    const known = this.#loops.get(broker);
    if (known !== undefined && known.endpoint.host === endpoint.host && known.endpoint.port === endpoint.port) return;
    if (known !== undefined) this.#stopLoop(broker);
    this.#loops.set(broker, new FetchLoop(broker, endpoint, this, { ...this.#options, fetchBytesMax: this.#fetchBytes() }));
  }

  /** Half of the memory is for responses: with many brokers each of them may send less at once. */
  #fetchBytes(): number {
    const { fetchBytesMax, memoryBytesMax } = this.#settings;
    const brokers = new Set(this.#order.map(({ leader }) => leader)).size;
    const share = Math.floor(memoryBytesMax / 2 / (areasPerBroker * Math.max(1, brokers)));
    return Math.min(fetchBytesMax, Math.max(share, brokerBytesMin));
  }

  #stopLoop(broker: number): void {
    this.#loops.get(broker)?.stop();
    this.#loops.delete(broker);
  }

  due(broker: number): readonly Partition[] {
    const now = Date.now();
    return this.#order.filter(
      (each) => each.leader === broker && !each.stale && !each.asked && !this.#atEnd(each) && now >= each.waitsUntil,
    );
  }

  request(partitions: readonly Partition[], bytesMax: number): FetchRequest {
    const { fetchWaitMsMax, fetchBytesMin, partitionBytesMax, committed } = this.#settings;
    return {
      topicId: this.topicId,
      waitMsMax: fetchWaitMsMax,
      bytesMin: fetchBytesMin,
      bytesMax,
      partitionBytesMax: Math.min(partitionBytesMax, bytesMax),
      committed,
      partitions: partitions.map((each) => this.#place(each)),
    };
  }

  #place(partition: Partition): FetchPartition {
    const { number, generation, offset, leaderEpoch, lastEpoch } = partition;
    this.#asked.set(partition, generation);
    return { partition: number, epoch: leaderEpoch, offset, lastEpoch };
  }

  accept(_broker: number, frame: Frame<FetchResponse>, asked: readonly Partition[]): void {
    let held = 1;
    const release = () => {
      held--;
      if (held === 0) frame.release();
    };
    if (frame.response.error !== 0)
      for (const partition of asked) this.#retry(partition, `the broker answers ${errorName(frame.response.error)}`);
    for (const fetched of frame.response.partitions) {
      const partition = asked.find(({ number }) => number === fetched.partition);
      if (partition === undefined || this.#asked.get(partition) !== partition.generation) continue;
      if (this.#takePartition(partition, fetched, frame.body, release)) held++;
    }
    release();
  }

  /** Whether records of it are in the queue now. */
  #takePartition(partition: Partition, fetched: FetchedPartition, body: Uint8Array, release: () => void): boolean {
    const { error, diverging, recordsBytes, aborted } = fetched;
    if (error === errorCodes.OFFSET_OUT_OF_RANGE) this.#outOfRange(partition, null);
    else if (isRetriable(error)) this.#retry(partition, `the broker answers ${errorName(error)}`);
    else if (error !== 0) this.#host.refused(partition, error);
    else if (diverging !== null) this.#outOfRange(partition, diverging.end);
    if (error !== 0 || diverging !== null) return false;
    partition.failures = 0;
    partition.lost = null;
    const address = body.byteOffset + fetched.recordsAt;
    const reach = recordsBytes === 0 ? null : this.#walk.reach(address, recordsBytes);
    if (reach === null) return false;
    const { generation, offset } = partition;
    this.queue.push({ partition, generation, address, length: recordsBytes, from: offset, aborted, release });
    partition.offset = Math.max(offset, reach.offset);
    partition.lastEpoch = reach.epoch;
    this.#order = [...this.#order.filter((each) => each !== partition), partition];
    this.checkEnd(partition);
    this.#host.arrived();
    return true;
  }

  /** Puts the partition's end behind what was fetched of it. */
  checkEnd(partition: Partition): void {
    if (partition.ended || partition.endQueued === partition.generation || !this.#atEnd(partition)) return;
    partition.endQueued = partition.generation;
    this.queue.push({ partition, generation: partition.generation, end: true });
    this.#host.arrived();
  }

  #atEnd({ ended, end, offset }: Partition): boolean {
    return ended || (end !== null && offset >= end);
  }

  #outOfRange(partition: Partition, end: number | null): void {
    // Until it is known where to go on.
    partition.waitsUntil = Number.POSITIVE_INFINITY;
    this.#host.outOfRange(partition, end);
  }

  #retry(partition: Partition, reason: string): void {
    partition.lost ??= { since: Date.now(), reason };
    partition.stale = true;
    partition.waitsUntil = Date.now() + Math.min(backoffMsMax, backoffMsMin * 2 ** partition.failures++);
    this.#host.metadataWanted();
  }

  /** A partition that cannot be fetched now; the longest of them. */
  get lost(): Waiting | null {
    let longest: Waiting | null = null;
    for (const { number, lost, ended } of this.#order) {
      if (lost === null || ended || (longest !== null && longest.since <= lost.since)) continue;
      longest = { since: lost.since, reason: `partition ${number} cannot be read: ${lost.reason}` };
    }
    return longest;
  }

  broken(broker: number, error: ConnectionLost): void {
    for (const partition of this.#order) if (partition.leader === broker) partition.lost ??= { since: Date.now(), reason: error.message };
    for (const partition of this.#order) if (partition.leader === broker) partition.stale = true;
    this.#host.metadataWanted();
  }

  fail(error: Error): void {
    this.#host.fail(error);
  }

  async close(): Promise<void> {
    const loops = [...this.#loops.values()];
    for (const loop of loops) loop.stop();
    this.#loops.clear();
    await Promise.all(loops.map((loop) => loop.finished));
    for (const each of this.queue.splice(0)) if ('release' in each) each.release();
  }
}
