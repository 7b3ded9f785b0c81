import type { Call } from './call.ts';

export interface DeleteRecordsRequest {
  readonly topic: string;
  readonly partition: number;
  /** The first offset that stays. */
  readonly before: number;
  readonly timeoutMs: number;
}

/** To the leader of the partition. Gives the error, or 0. */
export const deleteRecords: Call<DeleteRecordsRequest, number> = {
  name: 'DeleteRecords',
  key: 21,
  version: 2,
  flexible: true,
  write(writer, { topic, partition, before, timeoutMs }) {
    writer.compactArray([topic], () => {
      writer.compactString(topic);
      writer.compactArray([partition], () => writer.int32(partition).int64(BigInt(before)).tags());
      writer.tags();
    });
    writer.int32(timeoutMs).tags();
  },
  read(reader) {
    reader.int32();
    const errors = reader.compactArray(() => {
      reader.compactString();
      const partitions = reader.compactArray(() => {
        reader.int32();
        reader.long();
        const error = reader.int16();
        reader.tags();
        return error;
      });
      reader.tags();
      return partitions;
    });
    reader.tags();
    return errors.flat().find((error) => error !== 0) ?? 0;
  },
};
