import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, NoBroker } from '../network/cluster.ts';
import { ConnectionLost } from '../network/connection.ts';
import { errorCodes, errorName, isRetriable } from '../wire/error-code.ts';
import type { ProducerIdentity } from '../wire/init-producer-id.ts';
import { type ProducedPartition, type ProducePartition, produce } from '../wire/produce.ts';
import { OutcomeUnknown, RequestRefused, TransactionFailed } from './producer-error.ts';
import { recordsInBatch, stampBatch } from './record-batch.ts';

const backoffMsMin = 20;
const backoffMsMax = 1_000;
const requestBytesMax = 8 << 20;
/** What a broker may wait for its replicas. */
const replicasMsMax = 25_000;
const sequenceMask = 0x7fffffff;

interface Queue {
  readonly topic: string;
  readonly partition: number;
  readonly batches: Buffer[];
  /** Of the first record of the first batch. */
  sequence: number;
}

export interface SenderOptions {
  readonly cluster: Cluster;
  readonly transactionalId: string | null;
  readonly deliveryMsMax: number;
}

/** Sends batches to the leaders of their partitions, each partition's in order and once: what is sent again has the same number. */
export class PartitionSender {
  readonly #options: SenderOptions;
  readonly #queues = new Map<string, Queue>();
  readonly #leaders = new Map<string, number>();
  readonly #pausedUntil = new Map<number, number>();
  #identity: ProducerIdentity;

  constructor(options: SenderOptions, identity: ProducerIdentity) {
    this.#options = options;
    this.#identity = identity;
  }

  /** Another identity counts from 0 again; what was not sent is dropped. */
  reset(identity: ProducerIdentity): void {
    this.#identity = identity;
    this.#queues.clear();
  }

  /** Nothing of it is sent before `flush`. */
  enqueue(topic: string, partition: number, batch: Buffer): void {
    const key = keyOf(topic, partition);
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = { topic, partition, batches: [], sequence: 0 };
      this.#queues.set(key, queue);
    }
    queue.batches.push(batch);
  }

  /** Drops what was not sent. */
  clear(): void {
    for (const queue of this.#queues.values()) queue.batches.length = 0;
  }

  /** Resolves when all batches are in the logs of all replicas in sync. */
  async flush(): Promise<void> {
    const until = Date.now() + this.#options.deliveryMsMax;
    for (let backoffMs = backoffMsMin; ; ) {
      const waiting = [...this.#queues.values()].filter(({ batches }) => batches.length > 0);
      if (waiting.length === 0) return;
      const before = waiting.reduce((sum, { batches }) => sum + batches.length, 0);
      const reasons = await this.#round(waiting);
      const after = waiting.reduce((sum, { batches }) => sum + batches.length, 0);
      if (reasons.length === 0) continue;
      if (Date.now() >= until || this.#options.cluster.closed)
        throw new OutcomeUnknown(`records were not taken in ${this.#options.deliveryMsMax / 1000} s: ${reasons.join('; ')}`);
      backoffMs = after < before ? backoffMsMin : Math.min(backoffMs * 2, backoffMsMax);
      await delay(backoffMs);
    }
  }

  /** One request to each leader. Gives the reasons why something is still to be sent, other than that there was more. */
  async #round(waiting: readonly Queue[]): Promise<string[]> {
    const reasons: string[] = [];
    await this.#findLeaders(waiting, reasons);
    const byLeader = new Map<number, Queue[]>();
    for (const queue of waiting) {
      const leader = this.#leaders.get(keyOf(queue.topic, queue.partition));
      if (leader !== undefined) byLeader.set(leader, [...(byLeader.get(leader) ?? []), queue]);
    }
    const outcomes = await Promise.allSettled([...byLeader].map(([leader, queues]) => this.#send(leader, queues, reasons)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    return reasons;
  }

  async #findLeaders(waiting: readonly Queue[], reasons: string[]): Promise<void> {
    const { cluster } = this.#options;
    const missing = new Set(
      waiting.filter(({ topic, partition }) => !this.#leaders.has(keyOf(topic, partition))).map(({ topic }) => topic),
    );
    for (const topic of missing) {
      try {
        const found = await cluster.topic(topic);
        if (found !== null && found.error !== 0 && !isRetriable(found.error)) throw new RequestRefused(found.error, `topic ${topic}`);
        if (found === null) reasons.push(`topic ${topic} is not there`);
        for (const { partition, leader } of found?.partitions ?? []) {
          if (leader >= 0 && cluster.broker(leader) !== null) this.#leaders.set(keyOf(topic, partition), leader);
          else reasons.push(`topic ${topic}, partition ${partition} has no leader`);
        }
        for (const each of waiting) {
          const known = each.topic !== topic || found === null || found.partitions.some(({ partition }) => partition === each.partition);
          if (!known) reasons.push(`topic ${topic} has no partition ${each.partition}`);
        }
      } catch (error) {
        if (!(error instanceof NoBroker)) throw error;
        reasons.push(error.message);
      }
    }
  }

  async #send(leader: number, queues: readonly Queue[], reasons: string[]): Promise<void> {
    const { cluster, transactionalId } = this.#options;
    const endpoint = cluster.broker(leader);
    const pause = (this.#pausedUntil.get(leader) ?? 0) - Date.now();
    if (pause > 0) await delay(pause);
    const sent: { queue: Queue; batch: Buffer }[] = [];
    let bytes = 0;
    for (const queue of queues) {
      const batch = queue.batches[0] as Buffer;
      if (bytes > 0 && bytes + batch.length > requestBytesMax) break;
      stampBatch(batch, this.#identity, queue.sequence, transactionalId !== null);
      sent.push({ queue, batch });
      bytes += batch.length;
    }
    try {
      if (endpoint === null) throw new ConnectionLost(`broker ${leader} is not known`);
      const partitions: ProducePartition[] = sent.map(({ queue: { topic, partition }, batch }) => ({ topic, partition, batch }));
      const { throttleMs, partitions: answers } = await cluster.ask(endpoint, produce, {
        transactionalId,
        timeoutMs: replicasMsMax,
        partitions,
      });
      if (throttleMs > 0) this.#pausedUntil.set(leader, Date.now() + throttleMs);
      for (const { queue, batch } of sent) {
        const answer = answers.find(({ topic, partition }) => topic === queue.topic && partition === queue.partition);
        this.#take(queue, batch, answer, reasons);
      }
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      for (const { queue } of sent) this.#leaders.delete(keyOf(queue.topic, queue.partition));
      reasons.push(error.message);
    }
  }

  #take(queue: Queue, batch: Buffer, answer: ProducedPartition | undefined, reasons: string[]): void {
    const where = `topic ${queue.topic}, partition ${queue.partition}`;
    const error = answer?.error ?? errorCodes.NETWORK_EXCEPTION;
    if (error === 0 || error === errorCodes.DUPLICATE_SEQUENCE_NUMBER) {
      queue.batches.shift();
      queue.sequence = (queue.sequence + recordsInBatch(batch)) & sequenceMask;
      return;
    }
    if (isRetriable(error)) {
      this.#leaders.delete(keyOf(queue.topic, queue.partition));
      reasons.push(`${where}: ${errorName(error)}`);
      return;
    }
    if (failsTransaction.has(error)) throw new TransactionFailed(`${where}: the broker answers ${errorName(error)}`);
    const bytes =
      error === errorCodes.MESSAGE_TOO_LARGE || error === errorCodes.RECORD_LIST_TOO_LARGE ? `a batch of ${batch.length} bytes` : null;
    throw new RequestRefused(error, where, bytes ?? answer?.message ?? null);
  }
}

/** The producer is not known as it thinks it is: who is to blame, the coordinator knows. */
const failsTransaction: ReadonlySet<number> = new Set([
  errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER,
  errorCodes.INVALID_PRODUCER_EPOCH,
  errorCodes.INVALID_PRODUCER_ID_MAPPING,
  errorCodes.INVALID_TXN_STATE,
  errorCodes.UNKNOWN_PRODUCER_ID,
  errorCodes.PRODUCER_FENCED,
  errorCodes.TRANSACTION_ABORTABLE,
]);

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
