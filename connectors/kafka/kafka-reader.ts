import { setTimeout as delay } from 'node:timers/promises';
import type { Batch } from '../batch.ts';
import type { Idle, OpenContext, PartitionEnd, Polled, SourceReader, Waiting } from '../connector.ts';
import { deletedTopic, describeFailure, kafkaFailure, refusedPartition, type Subject } from './failure.ts';
import type { FetchLoopOptions } from './fetch/fetch-loop.ts';
import { lookUpOffsets } from './fetch/offset-lookup.ts';
import { Partition } from './fetch/partition.ts';
import { TopicFetcher, type TopicFetcherHost } from './fetch/topic-fetcher.ts';
import type { Cluster } from './network/cluster.ts';
import { placeAfterLoss } from './lost-records.ts';
import { kafkaPosition } from './position.ts';
import type { RecordWalk } from './records/record-walk.ts';
import type { SetReader } from './records/set-reader.ts';
import { LoginRefused } from './security/log-in.ts';
import type { SourceSettings } from './settings.ts';
import { waitingFor } from './waiting.ts';
import { earliestOffset, latestOffset } from './wire/list-offsets.ts';
import type { TopicMetadata } from './wire/metadata.ts';

/** A poll waits so long (ms) for records before it says that there are none. */
const pollMsMax = 100;
const refreshMsMin = 100;
const refreshMsMax = 2_000;
/** A topic that was there and is not: for so long (ms) it may be a broker that does not know yet. */
const missingMsMax = 30_000;

export interface ReaderParts {
  readonly context: OpenContext;
  readonly settings: SourceSettings;
  readonly cluster: Cluster;
  readonly walk: RecordWalk;
  readonly loops: Omit<FetchLoopOptions, 'fetchBytesMax'>;
  readonly emptyBatch: Batch;
  readonly unknownFields: () => ReadonlyMap<string | null, number>;
  /** Called once, when the reader is closed. */
  readonly onClose: () => void;
}

/** Reads one topic: fetches ahead, watches its partitions and leaders, and makes rows when polled. */
export class KafkaReader implements SourceReader, TopicFetcherHost {
  readonly partitions: string[] = [];
  readonly #parts: ReaderParts;
  readonly #subject: Subject;
  readonly #fetcher: TopicFetcher;
  readonly #sets: SetReader;
  readonly #all = new Map<number, Partition>();
  #topic: TopicMetadata;
  /** Partitions [0, counted) of the topic are known, own or not. */
  #counted = 0;
  #notices: Polled[] = [];
  #reading = false;
  #fault: Error | null = null;
  #closed = false;
  #arrival: (() => void) | null = null;
  #refresh: (() => void) | null = null;
  #refreshWanted = false;
  #missingSince: number | null = null;
  /** Since when brokers cannot be asked for metadata, and why. */
  #unasked: Waiting | null = null;
  #watching: Promise<void> = Promise.resolve();

  constructor(parts: ReaderParts, topic: TopicMetadata, sets: SetReader) {
    this.#parts = parts;
    this.#topic = topic;
    this.#sets = sets;
    this.#subject = { source: parts.context.source, topic: parts.settings.topic };
    this.#fetcher = new TopicFetcher(topic.id, parts.cluster, parts.walk, parts.settings, parts.loops, this);
  }

  get topicId(): string {
    return this.#fetcher.topicId;
  }

  /** Begins with these partitions; others of the topic that are there now are read by other lanes. */
  start(partitions: readonly Partition[], notices: readonly Polled[]): void {
    for (const partition of partitions) this.#add(partition);
    this.#counted = this.#topic.partitions.length;
    this.#notices.push(...notices);
    this.#fetcher.lead(this.#topic);
    this.#watching = this.#watch();
  }

  #add(partition: Partition): void {
    this.#all.set(partition.number, partition);
    this.partitions.push(partition.name);
    this.#fetcher.add(partition);
  }

  async poll(): Promise<Polled | Idle | PartitionEnd> {
    const until = Date.now() + pollMsMax;
    for (;;) {
      if (this.#fault !== null) throw this.#fault;
      if (this.#closed) return { idle: true };
      const notice = this.#notices.shift();
      if (notice !== undefined) return notice;
      const polled = await this.#read();
      if (polled !== null) return polled;
      const left = until - Date.now();
      if (this.#fetcher.queue.length > 0 || this.#notices.length > 0) continue;
      if (left <= 0) return { idle: true, retryAt: this.#parts.context.clock.now() };
      await this.#await(left);
    }
  }

  async #read(): Promise<Polled | PartitionEnd | null> {
    if (!this.#reading) {
      const next = this.#fetcher.queue.shift();
      if (next === undefined) return null;
      if ('end' in next) return this.#endOf(next.partition, next.generation);
      this.#sets.begin(next);
      this.#reading = true;
    }
    try {
      const polled = await this.#sets.next();
      if (polled === null) {
        this.#reading = false;
        this.#fetcher.wake();
      }
      return polled;
    } catch (error) {
      throw describeFailure(this.#subject, error);
    }
  }

  #endOf(partition: Partition, generation: number): PartitionEnd | null {
    if (partition.generation !== generation || partition.ended) return null;
    partition.ended = true;
    return { end: partition.name };
  }

  #await(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#arrival = null;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#arrival = done;
    });
  }

  arrived(): void {
    this.#arrival?.();
  }

  metadataWanted(): void {
    this.#refreshWanted = true;
    this.#refresh?.();
  }

  refused(partition: Partition, code: number): void {
    this.fail(refusedPartition(this.#subject, partition.number, partition.offset, code));
  }

  fail(error: Error): void {
    this.#fault ??= describeFailure(this.#subject, error);
    this.arrived();
  }

  outOfRange(partition: Partition, end: number | null): void {
    this.#goOn(partition, end).catch((error: unknown) => {
      const failure = describeFailure(this.#subject, error);
      if (!failure.passing) return this.fail(failure);
      partition.waitsUntil = Date.now() + refreshMsMax;
      partition.lost ??= { since: Date.now(), reason: failure.message };
      this.metadataWanted();
    });
  }

  /** The records that should come next are not there: goes on as the option says, and tells of it. */
  async #goOn(partition: Partition, end: number | null): Promise<void> {
    const { generation } = partition;
    const lookup = async (timestamp: bigint) => {
      const wanted = new Map([[partition.number, timestamp]]);
      const { cluster, settings } = this.#parts;
      const options = { topic: settings.topic, committed: false, wanted, metadata: this.#topic, stopped: () => this.#closed };
      return (await lookUpOffsets(cluster, options)).get(partition.number) ?? 0;
    };
    const [first, last] = [await lookup(earliestOffset), await lookup(latestOffset)];
    if (this.#closed || partition.generation !== generation) return;
    const place = placeAfterLoss({ partition, first, last, end }, this.#parts.settings.onOffsetOutOfRange, this.#subject);
    const from = this.#position(partition);
    partition.moveTo(place.offset);
    if (place.lost !== null) this.#tell(partition, from, place.lost);
    this.#fetcher.checkEnd(partition);
    this.#fetcher.wake();
  }

  #position(partition: Partition): Polled['from'] {
    return kafkaPosition(this.topicId, partition.readTo, partition.readRow);
  }

  #tell(partition: Partition, from: Polled['from'], reason: string): void {
    const { settings, emptyBatch } = this.#parts;
    const at = `${settings.topic}, partition ${partition.number}, offset ${partition.offset}`;
    const rejected = [{ reason, field: null, at, bytes: new Uint8Array(0) }];
    this.#notices.push({ partition: partition.name, batch: emptyBatch, from, to: this.#position(partition), rejected });
    this.arrived();
  }

  /** Asks for metadata now and then, and when something is amiss. */
  async #watch(): Promise<void> {
    const { settings } = this.#parts;
    let failures = 0;
    while (!this.#closed && this.#fault === null) {
      const wait = this.#refreshWanted ? Math.min(refreshMsMax, refreshMsMin * 2 ** failures) : settings.metadataMsMax;
      await this.#rest(wait);
      if (this.#closed) return;
      try {
        this.#refreshWanted = false;
        await this.#update();
        this.#unasked = null;
        failures = this.#fetcher.anyStale ? failures + 1 : 0;
        this.#refreshWanted ||= this.#fetcher.anyStale || this.#missingSince !== null;
      } catch (error) {
        if (error instanceof LoginRefused) this.fail(error);
        failures++;
        this.#unasked ??= { since: Date.now(), reason: describeFailure(this.#subject, error).message };
        this.#refreshWanted = true;
      }
    }
  }

  async #rest(ms: number): Promise<void> {
    const until = Date.now() + ms;
    const soon = Date.now() + refreshMsMin;
    const abort = new AbortController();
    this.#refresh = () => abort.abort();
    await delay(ms, undefined, { signal: abort.signal, ref: false }).catch(() => undefined);
    this.#refresh = null;
    if (!this.#closed && Date.now() < Math.min(until, soon)) await delay(refreshMsMin, undefined, { ref: false });
  }

  async #update(): Promise<void> {
    const { cluster, settings } = this.#parts;
    const topic = await cluster.topic(settings.topic);
    if (this.#closed) return;
    if (topic === null || topic.error !== 0) {
      this.#missingSince ??= Date.now();
      if (!settings.waitsForTopic && Date.now() - this.#missingSince > missingMsMax) this.fail(deletedTopic(this.#subject));
      return;
    }
    this.#missingSince = null;
    if (topic.id !== this.topicId) this.#recreated(topic);
    this.#topic = topic;
    for (; this.#counted < topic.partitions.length; this.#counted++) this.#addLater(this.#counted);
    this.#fetcher.lead(topic);
  }

  #addLater(number: number): void {
    if (!(this.#parts.context.owns?.(String(number), number) ?? true) || this.#all.has(number)) return;
    const partition = new Partition(number, 0, 0);
    partition.fresh = true;
    this.#add(partition);
    const position = this.#position(partition);
    this.#notices.push({ partition: partition.name, batch: this.#parts.emptyBatch, from: position, to: position, rejected: [] });
    this.arrived();
  }

  /** Another topic of the same name: its offsets say nothing about what was read. */
  #recreated(topic: TopicMetadata): void {
    const { onOffsetOutOfRange: policy } = this.#parts.settings;
    if (policy === 'fail') {
      const hint = 'on_offset_out_of_range = earliest or latest reads the new one';
      this.fail(kafkaFailure(this.#subject, 'the topic was deleted and made anew: what was read of it is of another topic', hint));
      return;
    }
    const before = new Map([...this.#all.values()].map((partition) => [partition, this.#position(partition)]));
    this.#fetcher.topicId = topic.id;
    for (const [partition, from] of before) {
      partition.moveTo(0);
      partition.leaderEpoch = -1;
      partition.fresh = true;
      this.#tell(partition, from, 'the topic was deleted and made anew: reading goes on with the new one, from its beginning');
    }
  }

  waiting(): Waiting | null {
    return waitingFor({ unasked: this.#unasked, missingSince: this.#missingSince, lost: this.#fetcher.lost }, this.#subject);
  }

  unknownFields(): ReadonlyMap<string | null, number> {
    return this.#parts.unknownFields();
  }

  async acknowledge(): Promise<void> {}

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.arrived();
    this.#refresh?.();
    this.#parts.cluster.close();
    await this.#fetcher.close();
    await this.#watching;
    this.#parts.onClose();
  }
}
