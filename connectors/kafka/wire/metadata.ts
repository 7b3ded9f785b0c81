import type { Call } from './call.ts';

export interface BrokerAddress {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

export interface PartitionMetadata {
  readonly error: number;
  readonly partition: number;
  /** -1: none at the moment. */
  readonly leader: number;
  readonly epoch: number;
}

export interface TopicMetadata {
  readonly error: number;
  readonly name: string | null;
  readonly id: string;
  readonly partitions: readonly PartitionMetadata[];
}

export interface Metadata {
  readonly throttleMs: number;
  readonly brokers: readonly BrokerAddress[];
  readonly topics: readonly TopicMetadata[];
}

const noId = '0'.repeat(32);

/** Of topics by name; none are created. */
export const metadata: Call<readonly string[], Metadata> = {
  name: 'Metadata',
  key: 3,
  version: 12,
  flexible: true,
  write(writer, topics) {
    writer.compactArray(topics, (topic) => writer.uuid(noId).compactString(topic).tags());
    writer.boolean(false).boolean(false).tags();
  },
  read(reader) {
    const throttleMs = reader.int32();
    const brokers = reader.compactArray(() => {
      const broker = { id: reader.int32(), host: reader.compactString() ?? '', port: reader.int32() };
      reader.compactString();
      reader.tags();
      return broker;
    });
    reader.compactString();
    reader.int32();
    const topics = reader.compactArray(() => {
      const head = { error: reader.int16(), name: reader.compactString(), id: reader.uuid() };
      reader.boolean();
      const partitions = reader.compactArray(() => {
        const partition = { error: reader.int16(), partition: reader.int32(), leader: reader.int32(), epoch: reader.int32() };
        for (let list = 0; list < 3; list++) reader.compactArray(() => reader.int32());
        reader.tags();
        return partition;
      });
      reader.int32();
      reader.tags();
      return { ...head, partitions };
    });
    reader.tags();
    return { throttleMs, brokers, topics };
  },
};
