import { faultPoint } from '../../fault-point.ts';
import { kafkaFailure, type Subject } from '../failure.ts';
import type { Cluster } from '../network/cluster.ts';
import { committedOffsets } from '../produce/committed-offsets.ts';
import { ProducerFenced } from '../produce/producer-error.ts';
import { TransactionalProducer } from '../produce/transactional-producer.ts';
import { sinkFailure } from './sink-failure.ts';
import { positionText, readPositionText } from './sink-position.ts';
import type { KafkaSinkSettings } from './sink-settings.ts';
import type { Spool, SpooledEpoch } from './spool.ts';

const backoffMsMin = 100;
const backoffMsMax = 5_000;
/** One transaction has the epochs that come to this size, or one larger epoch. */
const transactionBytesMax = 32 << 20;
/** An attempt that gets nowhere for so long is begun anew. */
const deliveryMsMax = 15_000;
/** Brokers forget what is not committed again: positions after days, transactional ids too. */
const refreshMs = 6 * 3_600_000;
const partitionsMs = 30_000;

export interface PublisherParts {
  readonly cluster: Cluster;
  readonly subject: Subject;
  readonly settings: KafkaSinkSettings;
  readonly spool: Spool;
  readonly tell: (level: 'info' | 'warning' | 'error', text: string) => void;
  /** The topic has so many partitions now. */
  readonly onPartitions: (partitions: number) => void;
}

/** Publishes committed epochs, in their order, each in one transaction together with the position after it; again until it is done. */
export class Publisher {
  readonly #parts: PublisherParts;
  #queue: SpooledEpoch[] = [];
  #producer: TransactionalProducer | null = null;
  #position = new Map<string, number>();
  #published = { rows: 0, bytes: 0 };
  #failure: Error | null = null;
  #failedSince = 0;
  #halted = false;
  #stopping = false;
  #running: Promise<void> | null = null;
  #wake = Promise.withResolvers<void>();
  #committedAt = 0;
  #partitionsAt = Date.now();

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  get published(): { readonly rows: number; readonly bytes: number } {
    return this.#published;
  }

  get waitingRows(): number {
    return this.#queue.reduce((sum, { rows }) => sum + rows, 0);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** By writer, the last epoch that is in Kafka. */
  get position(): ReadonlyMap<string, number> {
    return this.#position;
  }

  /** Takes the transactional id over and reads the position. Rejects with whatever stands against it. */
  async open(): Promise<void> {
    const { cluster, settings } = this.#parts;
    const { transactionalId, transactionTimeoutMs } = settings;
    this.#producer = await TransactionalProducer.open({ client: cluster, transactionalId, transactionTimeoutMs, deliveryMsMax });
    await this.#findPosition();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** The epochs count from now on. */
  add(epochs: readonly SpooledEpoch[]): void {
    this.#queue.push(...epochs);
    this.#stir();
  }

  /** Resolves at the next change: something was published, or it failed. */
  async change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#watchers.push(resolve);
    await promise;
  }

  /** Publishes what waits; gives up when that fails for `msMax`. Rejects with the failure then. */
  async finish(msMax: number): Promise<void> {
    const since = Date.now();
    this.#hurries = true;
    this.#hurried.resolve();
    this.#stir();
    while (this.#queue.length > 0 && !this.#halted) {
      if (this.#failure !== null && Date.now() - Math.max(since, this.#failedSince) >= msMax) break;
      await Promise.race([this.change(), pause(backoffMsMin)]);
      if (Date.now() - since >= msMax && this.#failure !== null) break;
    }
    this.#stopping = true;
    this.#stir();
    // Nothing is open between two transactions; one that hangs is ended by its coordinator.
    if (this.#queue.length > 0) this.#parts.cluster.close();
    await this.#running;
    await this.#producer?.close();
    if (this.#queue.length > 0 && this.#failure !== null) throw this.#failure;
  }

  readonly #watchers: (() => void)[] = [];
  readonly #hurried = Promise.withResolvers<void>();
  #hurries = false;

  #stir(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  #changed(): void {
    for (const watch of this.#watchers.splice(0)) watch();
  }

  async #run(): Promise<void> {
    let backoffMs = backoffMsMin;
    while (!this.#stopping && !this.#halted) {
      const wake = this.#wake.promise;
      const refreshes = this.#committedAt > 0 && Date.now() - this.#committedAt >= refreshMs;
      if (this.#queue.length === 0 && !refreshes) {
        await Promise.race([wake, pause(partitionsMs)]);
        continue;
      }
      const { lingerMs } = this.#parts.settings;
      if (lingerMs > 0 && this.#failure === null) await this.#pause(lingerMs, 0);
      try {
        await this.#publish();
        backoffMs = backoffMsMin;
        this.#went();
        await this.#lookAtPartitions();
      } catch (error) {
        this.#failed(error);
        if (this.#halted || this.#stopping) return;
        await this.#pause(backoffMs, backoffMsMin);
        backoffMs = Math.min(backoffMs * 2, backoffMsMax);
      }
    }
  }

  /** Waits so long, or `hurriedMs` when it is to end. */
  async #pause(ms: number, hurriedMs: number): Promise<void> {
    if (this.#hurries) await pause(hurriedMs);
    else await Promise.race([this.#hurried.promise, pause(ms)]);
  }

  async #publish(): Promise<void> {
    const { spool, subject } = this.#parts;
    if (this.#producer === null) await this.open();
    const producer = this.#producer as TransactionalProducer;
    const epochs = await this.#nextEpochs();
    producer.begin();
    faultPoint('publish_begun');
    for (const epoch of epochs) {
      for (const { partition, batch } of await spool.read(epoch)) await producer.sendBatch(subject.topic, partition, batch);
    }
    await producer.flush();
    faultPoint('publish_sent');
    const position = new Map(this.#position);
    for (const { writer, number } of epochs) position.set(writer, number);
    await this.#keepPosition(producer, position);
    faultPoint('publish_positioned');
    await producer.commit();
    faultPoint('publish_committed');
    this.#position = position;
    this.#committedAt = Date.now();
    await this.#drop(epochs);
    faultPoint('publish_dropped');
  }

  /** The next of the queue, without those that are in Kafka already. */
  async #nextEpochs(): Promise<SpooledEpoch[]> {
    await this.#drop(this.#queue.filter(({ writer, number }) => number <= (this.#position.get(writer) ?? 0)));
    const epochs: SpooledEpoch[] = [];
    let bytes = 0;
    for (const epoch of this.#queue) {
      if (bytes > 0 && bytes + epoch.bytes > transactionBytesMax) break;
      epochs.push(epoch);
      bytes += epoch.bytes;
    }
    return epochs;
  }

  async #drop(epochs: readonly SpooledEpoch[]): Promise<void> {
    for (const epoch of epochs) {
      await this.#parts.spool.drop(epoch);
      this.#queue = this.#queue.filter((each) => each !== epoch);
      this.#published = { rows: this.#published.rows + epoch.rows, bytes: this.#published.bytes + epoch.bytes };
    }
  }

  async #keepPosition(producer: TransactionalProducer, epochs: ReadonlyMap<string, number>): Promise<void> {
    const { settings, spool, subject } = this.#parts;
    const metadata = positionText({ identity: spool.identity, epochs });
    const offset = [...epochs.values()].reduce((sum, number) => sum + number, 0);
    await producer.commitOffsets(settings.transactionalId, [{ topic: subject.topic, partition: 0, offset, metadata }]);
  }

  /** What Kafka has of it; where it has none, or that of another data folder, ours is put there before any row. */
  async #findPosition(): Promise<void> {
    const { cluster, settings, spool, subject } = this.#parts;
    const [found] = await committedOffsets(cluster, settings.transactionalId, [{ topic: subject.topic, partition: 0 }], deliveryMsMax);
    const position = readPositionText(found?.metadata ?? null);
    if (position !== null && position.identity === spool.identity) {
      this.#position = new Map(position.epochs);
    } else {
      if (spool.positioned && this.#queue.length > 0) await this.#positionLost();
      const producer = this.#producer as TransactionalProducer;
      producer.begin();
      await this.#keepPosition(producer, this.#position);
      await producer.commit();
    }
    this.#committedAt = Date.now();
    await spool.notePositioned();
  }

  /** Whether the first epochs of the queue are in Kafka is not known. */
  async #positionLost(): Promise<void> {
    const { settings, spool, subject } = this.#parts;
    const rows = this.waitingRows;
    switch (settings.onLostPosition) {
      case 'publish':
        this.#parts.tell(
          'warning',
          `the cluster has forgotten the position of ${settings.transactionalId}: ${rows} rows are published, perhaps again`,
        );
        return;
      case 'drop':
        this.#parts.tell(
          'warning',
          `the cluster has forgotten the position of ${settings.transactionalId}: ${rows} rows that waited are dropped`,
        );
        for (const epoch of this.#queue.splice(0)) await spool.drop(epoch);
        return;
      case 'fail':
        throw kafkaFailure(
          subject,
          `the cluster has forgotten the position of ${settings.transactionalId}, so whether ${rows} rows that wait are in the topic is not known`,
          'on_lost_position = publish writes them, perhaps again; drop leaves them out; raise offsets.retention.minutes above the longest stop',
        );
    }
  }

  async #lookAtPartitions(): Promise<void> {
    if (Date.now() - this.#partitionsAt < partitionsMs) return;
    this.#partitionsAt = Date.now();
    const topic = await this.#parts.cluster.topic(this.#parts.subject.topic).catch(() => null);
    if (topic !== null && topic.error === 0 && topic.partitions.length > 0) this.#parts.onPartitions(topic.partitions.length);
  }

  #went(): void {
    if (this.#failure !== null) this.#parts.tell('info', 'rows are published again');
    this.#failure = null;
    this.#changed();
  }

  #failed(error: unknown): void {
    const { subject, settings, tell } = this.#parts;
    const failure = sinkFailure(subject, settings.transactionalId, error);
    // Opening anew ends what is open, and asks Kafka what is there.
    this.#producer = null;
    if (error instanceof ProducerFenced) this.#halted = true;
    if (this.#failure?.message !== failure.message && !this.#stopping) {
      const wait = this.#halted ? '' : '; it is tried again, and what is committed waits in the data folder';
      tell(this.#halted ? 'error' : 'warning', `${failure.message}${wait}${failure.hint === undefined ? '' : ` (${failure.hint})`}`);
    }
    if (this.#failure === null) this.#failedSince = Date.now();
    this.#failure = failure;
    this.#changed();
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
