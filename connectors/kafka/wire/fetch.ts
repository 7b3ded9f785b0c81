import type { Call } from './call.ts';
import type { Reader } from './reader.ts';

/** The oldest version with topic ids (Kafka 3.1) and the newest that is known here. */
export const fetchVersionMin = 13;
export const fetchVersionMax = 17;
export const fetchKey = 1;

export interface FetchPartition {
  readonly partition: number;
  readonly epoch: number;
  readonly offset: number;
  /** Epoch of the leader that wrote the record before `offset`; -1: not known. */
  readonly lastEpoch: number;
}

export interface FetchRequest {
  readonly topicId: string;
  readonly waitMsMax: number;
  readonly bytesMin: number;
  readonly bytesMax: number;
  readonly partitionBytesMax: number;
  readonly committed: boolean;
  readonly partitions: readonly FetchPartition[];
}

export interface FetchedPartition {
  readonly partition: number;
  readonly error: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStart: number;
  /** Where the list of aborted transactions lies in the response, by first offset: producer and first offset each. */
  readonly aborted: readonly { readonly producer: bigint; readonly first: bigint }[];
  /** Where its record batches lie in the response. */
  readonly recordsAt: number;
  readonly recordsBytes: number;
  /** Set when the log has lost what came before the fetch's offset: the epoch and its end. */
  readonly diverging: { readonly epoch: number; readonly end: number } | null;
}

export interface FetchResponse {
  readonly throttleMs: number;
  readonly error: number;
  readonly partitions: readonly FetchedPartition[];
}

const calls = new Map<number, Call<FetchRequest, FetchResponse>>();

export function fetchCall(version: number): Call<FetchRequest, FetchResponse> {
  let call = calls.get(version);
  if (call === undefined) {
    call = { name: 'Fetch', key: fetchKey, version, flexible: true, write: writerOf(version), read };
    calls.set(version, call);
  }
  return call;
}

function writerOf(version: number): Call<FetchRequest, FetchResponse>['write'] {
  return (writer, request) => {
    if (version < 15) writer.int32(-1);
    writer
      .int32(request.waitMsMax)
      .int32(request.bytesMin)
      .int32(request.bytesMax)
      .int8(request.committed ? 1 : 0);
    // No fetch session: every request names its partitions.
    writer.int32(0).int32(-1);
    writer.compactArray([request.topicId], (id) => {
      writer.uuid(id);
      writer.compactArray(request.partitions, ({ partition, epoch, offset, lastEpoch }) => {
        writer.int32(partition).int32(epoch).int64(BigInt(offset)).int32(lastEpoch).int64(-1n).int32(request.partitionBytesMax).tags();
      });
      writer.tags();
    });
    writer
      .compactArray([], () => {})
      .compactString('')
      .tags();
  };
}

function read(reader: Reader): FetchResponse {
  const throttleMs = reader.int32();
  const error = reader.int16();
  reader.int32();
  const topics = reader.compactArray(() => {
    reader.skip(16);
    const partitions = reader.compactArray(() => readPartition(reader));
    reader.tags();
    return partitions;
  });
  reader.tags();
  return { throttleMs, error, partitions: topics.flat() };
}

function readPartition(reader: Reader): FetchedPartition {
  const head = {
    partition: reader.int32(),
    error: reader.int16(),
    highWatermark: reader.long(),
    lastStableOffset: reader.long(),
    logStart: reader.long(),
    aborted: reader.compactArray(() => {
      const each = { producer: reader.int64(), first: reader.int64() };
      reader.tags();
      return each;
    }),
  };
  reader.int32();
  const recordsBytes = reader.compactLength();
  const recordsAt = reader.position;
  reader.skip(recordsBytes);
  let diverging: FetchedPartition['diverging'] = null;
  reader.tags((tag) => {
    if (tag !== 0) return;
    diverging = { epoch: reader.int32(), end: reader.long() };
    reader.tags();
  });
  head.aborted.sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  return { ...head, recordsAt, recordsBytes, diverging };
}
