import type { Call } from './call.ts';

/** What to look for instead of a time (ms): the first offset there is, or the one after the last. */
export const earliestOffset = -2n;
export const latestOffset = -1n;

export interface ListOffsetsRequest {
  readonly topic: string;
  readonly committed: boolean;
  readonly partitions: readonly { readonly partition: number; readonly epoch: number; readonly timestamp: bigint }[];
}

export interface ListedOffset {
  readonly partition: number;
  readonly error: number;
  /** -1: no record is as late as that. */
  readonly offset: number;
}

export const listOffsets: Call<ListOffsetsRequest, { readonly throttleMs: number; readonly partitions: readonly ListedOffset[] }> = {
  name: 'ListOffsets',
  key: 2,
  version: 7,
  flexible: true,
  write(writer, { topic, committed, partitions }) {
    writer.int32(-1).int8(committed ? 1 : 0);
    writer.compactArray([topic], () => {
      writer.compactString(topic);
      writer.compactArray(partitions, ({ partition, epoch, timestamp }) => writer.int32(partition).int32(epoch).int64(timestamp).tags());
      writer.tags();
    });
    writer.tags();
  },
  read(reader) {
    const throttleMs = reader.int32();
    const topics = reader.compactArray(() => {
      reader.compactString();
      const partitions = reader.compactArray(() => {
        const partition = reader.int32();
        const error = reader.int16();
        reader.int64();
        const offset = reader.long();
        reader.int32();
        reader.tags();
        return { partition, error, offset };
      });
      reader.tags();
      return partitions;
    });
    reader.tags();
    return { throttleMs, partitions: topics.flat() };
  },
};
