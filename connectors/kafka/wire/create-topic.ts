import type { Call } from './call.ts';

export interface CreateTopicRequest {
  readonly topic: string;
  /** -1: as the brokers are set. */
  readonly partitions: number;
  readonly replicas: number;
  readonly configs: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface CreatedTopic {
  readonly error: number;
  readonly message: string | null;
}

export const createTopic: Call<CreateTopicRequest, CreatedTopic | null> = {
  name: 'CreateTopics',
  key: 19,
  version: 7,
  flexible: true,
  write(writer, { topic, partitions, replicas, configs, timeoutMs }) {
    writer.compactArray([topic], () => {
      writer
        .compactString(topic)
        .int32(partitions)
        .int16(replicas)
        .compactArray([], () => {});
      writer.compactArray(Object.entries(configs), ([name, value]) => writer.compactString(name).compactString(value).tags());
      writer.tags();
    });
    writer.int32(timeoutMs).boolean(false).tags();
  },
  read(reader) {
    reader.int32();
    const topics = reader.unsignedVarint() - 1;
    if (topics < 1) return null;
    reader.compactString();
    reader.uuid();
    return { error: reader.int16(), message: reader.compactString() };
  },
};
