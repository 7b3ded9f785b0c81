import type { Cluster } from '../network/cluster.ts';
import { NoBroker } from '../network/cluster.ts';
import { initProducerId, noIdentity } from '../wire/init-producer-id.ts';
import { isRetriable } from '../wire/error-code.ts';
import type { Codec } from './compress.ts';
import { PartitionSender } from './partition-sender.ts';
import { RequestRefused } from './producer-error.ts';
import { BatchBuilder, type ProducerRecord, recordBytes } from './record-batch.ts';

export interface IdempotentProducerOptions {
  readonly client: Cluster;
  readonly compression?: Codec;
  readonly batchBytes?: number;
  readonly deliveryMsMax?: number;
}

const deliveryMsDefault = 120_000;
const batchBytesDefault = 512 << 10;

/** Writes records without transactions; what has to be sent again comes once. After a rejection it must be opened anew. */
export class IdempotentProducer {
  readonly #sender: PartitionSender;
  readonly #options: IdempotentProducerOptions;

  private constructor(sender: PartitionSender, options: IdempotentProducerOptions) {
    this.#sender = sender;
    this.#options = options;
  }

  static async open(options: IdempotentProducerOptions): Promise<IdempotentProducer> {
    const { client, deliveryMsMax = deliveryMsDefault } = options;
    const request = { transactionalId: null, transactionTimeoutMs: 0, current: noIdentity };
    const { error, producerId, producerEpoch } = await client.askAny(initProducerId, request);
    if (isRetriable(error)) throw new NoBroker('no producer id is given out yet');
    if (error !== 0) throw new RequestRefused(error, 'a producer id');
    const sender = new PartitionSender({ cluster: client, transactionalId: null, deliveryMsMax }, { producerId, producerEpoch });
    return new IdempotentProducer(sender, options);
  }

  /** Resolves when all replicas in sync have the records. */
  async send(topic: string, partition: number, records: readonly ProducerRecord[]): Promise<void> {
    const { compression = 'none', batchBytes = batchBytesDefault } = this.#options;
    const builder = new BatchBuilder();
    for (const record of records) {
      if (builder.count > 0 && builder.length + recordBytes(record) > batchBytes)
        this.#sender.enqueue(topic, partition, builder.finish(compression));
      builder.append(record);
    }
    if (builder.count > 0) this.#sender.enqueue(topic, partition, builder.finish(compression));
    await this.#sender.flush();
  }
}
