import type { Cluster } from '../network/cluster.ts';
import type { Call } from '../wire/call.ts';
import { errorCodes, errorName } from '../wire/error-code.ts';
import { initProducerId, noIdentity, type ProducerIdentity } from '../wire/init-producer-id.ts';
import {
  addOffsetsToTransaction,
  addPartitionsToTransaction,
  type Answer,
  commitOffsetsInTransaction,
  endTransaction,
  type GroupMember,
  type PartitionAnswers,
  type TopicPartition,
} from '../wire/transaction.ts';
import type { Codec } from './compress.ts';
import { CoordinatorLink } from './coordinator.ts';
import { PartitionSender } from './partition-sender.ts';
import { ProducerFenced, RequestRefused, TransactionFailed } from './producer-error.ts';
import { BatchBuilder, type ProducerRecord, recordBytes } from './record-batch.ts';

export interface TransactionalProducerOptions {
  /** Left open by `close`. */
  readonly client: Cluster;
  readonly transactionalId: string;
  /** A transaction that is open for longer is aborted by its coordinator. */
  readonly transactionTimeoutMs: number;
  /** A request that nobody takes for so long is given up. */
  readonly deliveryMsMax?: number;
  readonly compression?: Codec;
  /** A batch is closed at this size, before compression. */
  readonly batchBytes?: number;
}

export interface OffsetInTransaction {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint | number;
  readonly metadata?: string | null;
}

const deliveryMsDefault = 120_000;
const batchBytesDefault = 512 << 10;
/** More than this is sent before the transaction ends. */
const pendingBytesMax = 16 << 20;

/**
 * Writes records and offsets to Kafka in transactions. Calls never overlap. What they reject with says what to do:
 *  - `ProducerFenced`: somebody else has taken over; close.
 *  - `TransactionFailed`: `abort`, then begin anew.
 *  - `RequestRefused`: something has to change; `abort`.
 *  - anything else (`OutcomeUnknown`, `LoginRefused`): whether it was done is not known; open another one, which ends what was open.
 */
export class TransactionalProducer {
  readonly transactionalId: string;
  readonly #options: TransactionalProducerOptions;
  readonly #coordinator: CoordinatorLink;
  readonly #groups = new Map<string, CoordinatorLink>();
  readonly #sender: PartitionSender;
  readonly #builders = new Map<string, { readonly topic: string; readonly partition: number; readonly builder: BatchBuilder }>();
  #identity: ProducerIdentity;
  #open = false;
  /** Of the transaction at hand. */
  readonly #added = new Set<string>();
  readonly #wanted = new Map<string, TopicPartition>();
  readonly #addedGroups = new Set<string>();
  #pendingBytes = 0;
  /** The coordinator must give another epoch before the next transaction. */
  #spent = false;

  private constructor(options: TransactionalProducerOptions, coordinator: CoordinatorLink, identity: ProducerIdentity) {
    this.transactionalId = options.transactionalId;
    this.#options = options;
    this.#coordinator = coordinator;
    this.#identity = identity;
    const { client: cluster, transactionalId } = options;
    this.#sender = new PartitionSender({ cluster, transactionalId, deliveryMsMax: this.#deliveryMsMax }, identity);
  }

  /** Fences whoever had the transactional id, and ends the transaction that was open. */
  static async open(options: TransactionalProducerOptions): Promise<TransactionalProducer> {
    const { client, transactionalId } = options;
    const coordinator = new CoordinatorLink(client, 'transaction', transactionalId, options.deliveryMsMax ?? deliveryMsDefault);
    return new TransactionalProducer(options, coordinator, await identify(coordinator, options, noIdentity));
  }

  get identity(): ProducerIdentity {
    return this.#identity;
  }

  get #deliveryMsMax(): number {
    return this.#options.deliveryMsMax ?? deliveryMsDefault;
  }

  begin(): void {
    if (this.#open) throw new Error(`a transaction of ${this.transactionalId} is open`);
    this.#open = true;
  }

  /** Rejects when there is no open transaction. Records may still wait here when it resolves: `commit` sends them all. */
  async send(topic: string, partition: number, records: readonly ProducerRecord[]): Promise<void> {
    this.#expectOpen();
    const key = `${topic}/${partition}`;
    let entry = this.#builders.get(key);
    if (entry === undefined) {
      entry = { topic, partition, builder: new BatchBuilder() };
      this.#builders.set(key, entry);
    }
    const { batchBytes = batchBytesDefault } = this.#options;
    for (const record of records) {
      if (entry.builder.count > 0 && entry.builder.length + recordBytes(record) > batchBytes) this.#finish(entry);
      entry.builder.append(record);
    }
    if (this.#pendingBytes > pendingBytesMax) await this.flush();
  }

  /** A batch that was made before (`BatchBuilder`); it is written to when it is sent. */
  async sendBatch(topic: string, partition: number, batch: Buffer): Promise<void> {
    this.#expectOpen();
    this.#enqueue(topic, partition, batch);
    if (this.#pendingBytes > pendingBytesMax) await this.flush();
  }

  /** Resolves when all that was sent is with the brokers. */
  async flush(): Promise<void> {
    this.#expectOpen();
    for (const entry of this.#builders.values()) if (entry.builder.count > 0) this.#finish(entry);
    if (this.#pendingBytes === 0) return;
    this.#pendingBytes = 0;
    const fresh = [...this.#wanted].filter(([key]) => !this.#added.has(key));
    this.#wanted.clear();
    if (fresh.length > 0) {
      const partitions = fresh.map(([, each]) => each);
      await this.#ask(addPartitionsToTransaction, { ...this.#owner, partitions }, firstError);
      for (const [key] of fresh) this.#added.add(key);
    }
    try {
      await this.#sender.flush();
    } catch (error) {
      // A batch that is left out would leave a gap in the numbers.
      this.#spent = true;
      throw error instanceof TransactionFailed ? await this.#judge(error.message) : error;
    }
  }

  /** Offsets of a group, kept when the transaction is committed; a group that only keeps positions has no members. */
  async commitOffsets(group: string, offsets: readonly OffsetInTransaction[], member: GroupMember | null = null): Promise<void> {
    this.#expectOpen();
    if (!this.#addedGroups.has(group)) {
      await this.#ask(addOffsetsToTransaction, { ...this.#owner, group }, ({ error }) => error);
      this.#addedGroups.add(group);
    }
    let link = this.#groups.get(group);
    if (link === undefined) {
      link = new CoordinatorLink(this.#options.client, 'group', group, this.#deliveryMsMax);
      this.#groups.set(group, link);
    }
    const rows = offsets.map(({ topic, partition, offset, metadata }) => ({
      topic,
      partition,
      offset: BigInt(offset),
      metadata: metadata ?? null,
    }));
    await this.#ask(commitOffsetsInTransaction, { ...this.#owner, group, member, offsets: rows }, firstError, link);
  }

  async commit(): Promise<void> {
    await this.flush();
    await this.#end(true);
  }

  /** What was sent since `begin` will not be seen by whoever reads committed records only. */
  async abort(): Promise<void> {
    this.#expectOpen();
    this.#drop();
    const spent = this.#spent;
    await this.#end(false);
    if (spent) await this.#renew();
  }

  /** An open transaction is aborted, where a broker can be asked; waits for nobody for long. */
  async close(): Promise<void> {
    if (this.#open) await this.abort().catch(() => undefined);
    this.#open = false;
  }

  get #owner(): { transactionalId: string } & ProducerIdentity {
    return { transactionalId: this.transactionalId, ...this.#identity };
  }

  #expectOpen(): void {
    if (!this.#open) throw new Error(`no transaction of ${this.transactionalId} is open`);
  }

  #finish({ topic, partition, builder }: { topic: string; partition: number; builder: BatchBuilder }): void {
    this.#enqueue(topic, partition, builder.finish(this.#options.compression ?? 'none'));
  }

  #enqueue(topic: string, partition: number, batch: Buffer): void {
    this.#sender.enqueue(topic, partition, batch);
    this.#wanted.set(`${topic}/${partition}`, { topic, partition });
    this.#pendingBytes += batch.length;
  }

  #drop(): void {
    this.#builders.clear();
    this.#wanted.clear();
    this.#sender.clear();
    this.#pendingBytes = 0;
  }

  async #end(commits: boolean): Promise<void> {
    this.#expectOpen();
    if (this.#added.size > 0 || this.#addedGroups.size > 0) {
      await this.#ask(endTransaction, { ...this.#owner, commits }, ({ error }) => error);
    }
    this.#finished();
  }

  #finished(): void {
    this.#open = false;
    this.#added.clear();
    this.#addedGroups.clear();
    this.#wanted.clear();
  }

  async #ask<Request, Response>(
    call: Call<Request, Response>,
    request: Request,
    errorOf: (response: Response) => number,
    link: CoordinatorLink = this.#coordinator,
  ): Promise<void> {
    const error = errorOf(await link.ask(call, request, errorOf));
    if (error === 0) return;
    const what = `${call.name} for ${this.transactionalId}: the broker answers ${errorName(error)}`;
    if (ownersFault.has(error)) throw await this.#judge(what);
    if (error === errorCodes.INVALID_TXN_STATE || error === errorCodes.TRANSACTION_ABORTABLE) {
      this.#spent = true;
      throw new TransactionFailed(what);
    }
    throw new RequestRefused(error, `${call.name} for ${this.transactionalId}`);
  }

  /** A transaction that took too long looks to a producer as if somebody had taken over: the coordinator knows which of both it is. */
  async #judge(what: string): Promise<Error> {
    try {
      await this.#renew();
    } catch (error) {
      return error as Error;
    }
    this.#added.clear();
    this.#addedGroups.clear();
    this.#drop();
    return new TransactionFailed(what);
  }

  async #renew(): Promise<void> {
    this.#identity = await identify(this.#coordinator, this.#options, this.#identity);
    this.#sender.reset(this.#identity);
    this.#spent = false;
  }
}

/** Not known by this id and epoch, or no longer. */
const ownersFault: ReadonlySet<number> = new Set([
  errorCodes.PRODUCER_FENCED,
  errorCodes.INVALID_PRODUCER_EPOCH,
  errorCodes.INVALID_PRODUCER_ID_MAPPING,
]);

async function identify(
  coordinator: CoordinatorLink,
  { transactionalId, transactionTimeoutMs }: TransactionalProducerOptions,
  current: ProducerIdentity,
): Promise<ProducerIdentity> {
  const request = { transactionalId, transactionTimeoutMs, current };
  const { error, producerId, producerEpoch } = await coordinator.ask(initProducerId, request, (answer: Answer) => answer.error);
  if (error === 0) return { producerId, producerEpoch };
  if (ownersFault.has(error)) throw new ProducerFenced(`another producer has taken over the transactional id ${transactionalId}`);
  throw new RequestRefused(error, `transactional id ${transactionalId}`);
}

function firstError({ partitions }: PartitionAnswers): number {
  const errors = partitions.map(({ error }) => error).filter((error) => error !== 0);
  // Where one partition is refused, the others are not even tried.
  return errors.find((error) => error !== errorCodes.OPERATION_NOT_ATTEMPTED) ?? errors[0] ?? 0;
}
