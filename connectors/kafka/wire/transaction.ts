import type { Call } from './call.ts';
import type { ProducerIdentity } from './init-producer-id.ts';
import type { Writer } from './writer.ts';

/** Whose transaction a request is about. */
export interface TransactionOf extends ProducerIdentity {
  readonly transactionalId: string;
}

export interface Answer {
  readonly throttleMs: number;
  readonly error: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface PartitionAnswers {
  readonly throttleMs: number;
  readonly partitions: readonly (TopicPartition & { readonly error: number })[];
}

export const addPartitionsToTransaction: Call<TransactionOf & { readonly partitions: readonly TopicPartition[] }, PartitionAnswers> = {
  name: 'AddPartitionsToTxn',
  key: 24,
  version: 3,
  flexible: true,
  write(writer, { partitions, ...of }) {
    writeOwner(writer, of);
    writer.compactArray(byTopic(partitions), ([topic, numbers]) => {
      writer.compactString(topic);
      writer.compactArray(numbers, ({ partition }) => writer.int32(partition)).tags();
    });
    writer.tags();
  },
  read(reader) {
    const throttleMs = reader.int32();
    const topics = reader.compactArray(() => {
      const topic = reader.compactString() ?? '';
      const partitions = reader.compactArray(() => {
        const each = { topic, partition: reader.int32(), error: reader.int16() };
        reader.tags();
        return each;
      });
      reader.tags();
      return partitions;
    });
    reader.tags();
    return { throttleMs, partitions: topics.flat() };
  },
};

export const addOffsetsToTransaction: Call<TransactionOf & { readonly group: string }, Answer> = {
  name: 'AddOffsetsToTxn',
  key: 25,
  version: 3,
  flexible: true,
  write(writer, { group, ...of }) {
    writeOwner(writer, of);
    writer.compactString(group).tags();
  },
  read(reader) {
    const answer = { throttleMs: reader.int32(), error: reader.int16() };
    reader.tags();
    return answer;
  },
};

export const endTransaction: Call<TransactionOf & { readonly commits: boolean }, Answer> = {
  name: 'EndTxn',
  key: 26,
  version: 3,
  flexible: true,
  write(writer, { commits, ...of }) {
    writeOwner(writer, of);
    writer.boolean(commits).tags();
  },
  read: addOffsetsToTransaction.read,
};

export interface OffsetToCommit extends TopicPartition {
  readonly offset: bigint;
  /** At most offset.metadata.max.bytes of the brokers (4096 by default). */
  readonly metadata: string | null;
}

/** Of the group's member that commits: brokers refuse one that is no longer in it. */
export interface GroupMember {
  readonly memberId: string;
  readonly generation: number;
  readonly instanceId: string | null;
}

export interface OffsetsRequest extends TransactionOf {
  readonly group: string;
  readonly member: GroupMember | null;
  readonly offsets: readonly OffsetToCommit[];
}

export const commitOffsetsInTransaction: Call<OffsetsRequest, PartitionAnswers> = {
  name: 'TxnOffsetCommit',
  key: 28,
  version: 3,
  flexible: true,
  write(writer, { transactionalId, producerId, producerEpoch, group, member, offsets }) {
    writer.compactString(transactionalId).compactString(group).int64(producerId).int16(producerEpoch);
    writer
      .int32(member?.generation ?? -1)
      .compactString(member?.memberId ?? '')
      .compactString(member?.instanceId ?? null);
    writer.compactArray(byTopic(offsets), ([topic, own]) => {
      writer.compactString(topic);
      writer.compactArray(own, ({ partition, offset, metadata }) =>
        writer.int32(partition).int64(offset).int32(-1).compactString(metadata).tags(),
      );
      writer.tags();
    });
    writer.tags();
  },
  read: addPartitionsToTransaction.read,
};

function writeOwner(writer: Writer, { transactionalId, producerId, producerEpoch }: TransactionOf): void {
  writer.compactString(transactionalId).int64(producerId).int16(producerEpoch);
}

export function byTopic<Each extends TopicPartition>(partitions: readonly Each[]): readonly (readonly [string, readonly Each[]])[] {
  const topics = new Map<string, Each[]>();
  for (const each of partitions) {
    const known = topics.get(each.topic);
    if (known === undefined) topics.set(each.topic, [each]);
    else known.push(each);
  }
  return [...topics];
}
