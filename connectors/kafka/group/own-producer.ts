import type { Cluster } from '../network/cluster.ts';
import type { ProducerRecord } from '../produce/record-batch.ts';
import type { OffsetInTransaction, TransactionalProducer } from '../produce/transactional-producer.ts';

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

  commitOffsets(group: string, offsets: readonly OffsetInTransaction[]): Promise<void> {
    return this.#producer.commitOffsets(group, offsets);
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
