import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../network/cluster.ts';
import { RequestRefused } from '../produce/producer-error.ts';
import type { ProducerRecord } from '../produce/record-batch.ts';
import type { OffsetInTransaction, TransactionalProducer } from '../produce/transactional-producer.ts';
import { isStaleEpoch } from '../wire/error-code.ts';
import type { GroupMember } from '../wire/transaction.ts';

/** A member that commits under an epoch that is over hears of the next one with its next heartbeat: so long (ms) it is waited for. */
const nextEpochMsMax = 10_000;
const lookMs = 20;

/** A transactional producer whose connections end with it. */
export class OwnProducer {
  readonly #producer: TransactionalProducer;
  readonly #cluster: Cluster;

  constructor(producer: TransactionalProducer, cluster: Cluster) {
    this.#producer = producer;
    this.#cluster = cluster;
  }

  begin(): void {
    this.#producer.begin();
  }

  send(topic: string, partition: number, records: readonly ProducerRecord[]): Promise<void> {
    return this.#producer.send(topic, partition, records);
  }

  /** A batch that was made before. */
  sendBatch(topic: string, partition: number, batch: Buffer): Promise<void> {
    return this.#producer.sendBatch(topic, partition, batch);
  }

  /** `committer`: who commits, as the group knows it now; null: brokers are not told. */
  async commitOffsets(
    group: string,
    offsets: readonly OffsetInTransaction[],
    committer: () => GroupMember | null = () => null,
  ): Promise<void> {
    const until = Date.now() + nextEpochMsMax;
    for (;;) {
      const member = committer();
      try {
        return await this.#producer.commitOffsets(group, offsets, member);
      } catch (error) {
        if (member === null || !(error instanceof RequestRefused && isStaleEpoch(error.code))) throw error;
        while (committer()?.generation === member.generation) {
          if (Date.now() > until || this.#cluster.closed) throw error;
          await delay(lookMs);
        }
      }
    }
  }

  /** Rejects with ProducerFenced when somebody else has taken over. */
  commit(): Promise<void> {
    return this.#producer.commit();
  }

  /** What was not committed is left to whoever opens the next one, or to the broker. */
  close(): void {
    this.#cluster.close();
  }
}
