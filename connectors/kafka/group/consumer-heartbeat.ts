import type { Call } from '../wire/call.ts';

/** Instead of an epoch. */
export const memberEpochs = { joins: 0, leaves: -1, comesBack: -2 } as const;

export interface TopicLanes {
  /** 32 hexadecimal digits. */
  readonly topic: string;
  readonly lanes: readonly number[];
}

/** Null: as it was in the heartbeat before. */
export interface ConsumerHeartbeat {
  readonly group: string;
  /** Chosen by the member, for as long as its process lives. */
  readonly member: string;
  readonly epoch: number;
  readonly instance: string | null;
  /** So long the group waits until lanes are let go. */
  readonly rebalanceMs: number | null;
  readonly topics: readonly string[] | null;
  /** What it has, and has not let go. */
  readonly owned: readonly TopicLanes[] | null;
}

export interface ConsumerHeartbeatAnswer {
  readonly error: number;
  readonly message: string | null;
  readonly epoch: number;
  readonly everyMs: number;
  /** Null: as it was before. */
  readonly assignment: readonly TopicLanes[] | null;
}

/** Version 1: members choose their ids; brokers from 4.0 on. */
export const consumerHeartbeat: Call<ConsumerHeartbeat, ConsumerHeartbeatAnswer> = {
  name: 'ConsumerGroupHeartbeat',
  key: 68,
  version: 1,
  flexible: true,
  write(writer, { group, member, epoch, instance, rebalanceMs, topics, owned }) {
    writer.compactString(group).compactString(member).int32(epoch).compactString(instance).compactString(null);
    writer.int32(rebalanceMs ?? -1);
    if (topics === null) writer.unsignedVarint(0);
    else writer.compactArray(topics, (topic) => writer.compactString(topic));
    // Neither a pattern of topics nor an assignor: the broker's own.
    writer.compactString(null).compactString(null);
    if (owned === null) writer.unsignedVarint(0);
    else
      writer.compactArray(owned, ({ topic, lanes }) =>
        writer
          .uuid(topic)
          .compactArray(lanes, (lane) => writer.int32(lane))
          .tags(),
      );
    writer.tags();
  },
  read(reader) {
    reader.int32();
    const head = { error: reader.int16(), message: reader.compactString() };
    reader.compactString();
    const [epoch, everyMs] = [reader.int32(), reader.int32()];
    let assignment: TopicLanes[] | null = null;
    // A structure that may be null has a byte in front: -1 for null.
    if (reader.int8() >= 0) {
      assignment = reader.compactArray(() => {
        const each = { topic: reader.uuid(), lanes: reader.compactArray(() => reader.int32()) };
        reader.tags();
        return each;
      });
      reader.tags();
    }
    reader.tags();
    return { ...head, epoch, everyMs, assignment };
  },
};
