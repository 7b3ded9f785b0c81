import type { Call } from './call.ts';
import { byTopic, type TopicPartition } from './transaction.ts';

/** One record batch for one partition. */
export interface ProducePartition extends TopicPartition {
  readonly batch: Uint8Array;
}

export interface ProduceRequest {
  readonly transactionalId: string | null;
  readonly timeoutMs: number;
  readonly partitions: readonly ProducePartition[];
}

export interface ProducedPartition extends TopicPartition {
  readonly error: number;
  readonly baseOffset: number;
  readonly message: string | null;
}

/** Answered when all replicas in sync have the records. */
export const produce: Call<ProduceRequest, { readonly throttleMs: number; readonly partitions: readonly ProducedPartition[] }> = {
  name: 'Produce',
  key: 0,
  version: 9,
  flexible: true,
  write(writer, { transactionalId, timeoutMs, partitions }) {
    writer.compactString(transactionalId).int16(-1).int32(timeoutMs);
    writer.compactArray(byTopic(partitions), ([topic, own]) => {
      writer.compactString(topic);
      writer.compactArray(own, ({ partition, batch }) => writer.int32(partition).compactBytes(batch).tags());
      writer.tags();
    });
    writer.tags();
  },
  read(reader) {
    const topics = reader.compactArray(() => {
      const topic = reader.compactString() ?? '';
      const partitions = reader.compactArray((): ProducedPartition => {
        const head = { topic, partition: reader.int32(), error: reader.int16(), baseOffset: reader.long() };
        reader.skip(16);
        const faults = reader.compactArray(() => {
          reader.int32();
          const fault = reader.compactString();
          reader.tags();
          return fault;
        });
        const message = reader.compactString();
        reader.tags();
        return { ...head, message: message ?? faults.find((fault) => fault !== null) ?? null };
      });
      reader.tags();
      return partitions;
    });
    const throttleMs = reader.int32();
    reader.tags();
    return { throttleMs, partitions: topics.flat() };
  },
};
