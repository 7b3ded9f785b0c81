import type { Call } from './call.ts';
import { byTopic, type GroupMember, type TopicPartition } from './transaction.ts';

export interface CommittedOffset extends TopicPartition {
  readonly error: number;
  /** -1: none was committed. */
  readonly offset: bigint;
  readonly metadata: string | null;
}

export interface OffsetFetchRequest {
  readonly group: string;
  /** Null: all that the group has. */
  readonly partitions: readonly TopicPartition[] | null;
  /** Offsets of a transaction that is being ended are waited for: the answer is UNSTABLE_OFFSET_COMMIT until then. */
  readonly requireStable: boolean;
  /** Who asks: refused when it is in the group no more. */
  readonly member?: GroupMember;
}

export interface OffsetFetchResponse {
  readonly throttleMs: number;
  readonly error: number;
  readonly offsets: readonly CommittedOffset[];
}

/** Whoever asks. */
export const fetchCommittedOffsets = offsetFetch(8);
/** By a member of a group whose lanes the broker shares out. */
export const fetchCommittedOffsetsAsMember = offsetFetch(9);

function offsetFetch(version: 8 | 9): Call<OffsetFetchRequest, OffsetFetchResponse> {
  return {
    name: 'OffsetFetch',
    key: 9,
    version,
    flexible: true,
    write(writer, { group, partitions, requireStable, member }) {
      writer.compactArray([group], () => {
        writer.compactString(group);
        if (version >= 9) writer.compactString(member?.memberId ?? null).int32(member?.generation ?? -1);
        if (partitions === null) writer.unsignedVarint(0);
        else
          writer.compactArray(byTopic(partitions), ([topic, own]) => {
            writer.compactString(topic);
            writer.compactArray(own, ({ partition }) => writer.int32(partition)).tags();
          });
        writer.tags();
      });
      writer.boolean(requireStable).tags();
    },
    read(reader) {
      const throttleMs = reader.int32();
      const [group] = reader.compactArray(() => {
        reader.compactString();
        const topics = reader.compactArray(() => {
          const topic = reader.compactString() ?? '';
          const partitions = reader.compactArray((): CommittedOffset => {
            const partition = reader.int32();
            const offset = reader.int64();
            reader.int32();
            const metadata = reader.compactString();
            const error = reader.int16();
            reader.tags();
            return { topic, partition, error, offset, metadata };
          });
          reader.tags();
          return partitions;
        });
        const error = reader.int16();
        reader.tags();
        return { error, offsets: topics.flat() };
      });
      reader.tags();
      return { throttleMs, error: group?.error ?? 0, offsets: group?.offsets ?? [] };
    },
  };
}
