import type { Call } from './call.ts';

export interface ProducerIdentity {
  /** -1: none yet. */
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

export const noIdentity: ProducerIdentity = { producerId: -1n, producerEpoch: -1 };

export interface InitProducerIdRequest {
  /** Null: idempotent only. */
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
  /** Of a producer that wants its epoch raised; `noIdentity` fences whoever was there. */
  readonly current: ProducerIdentity;
}

export const initProducerId: Call<InitProducerIdRequest, ProducerIdentity & { readonly throttleMs: number; readonly error: number }> = {
  name: 'InitProducerId',
  key: 22,
  version: 4,
  flexible: true,
  write: (writer, { transactionalId, transactionTimeoutMs, current }) =>
    writer.compactString(transactionalId).int32(transactionTimeoutMs).int64(current.producerId).int16(current.producerEpoch).tags(),
  read(reader) {
    const answer = { throttleMs: reader.int32(), error: reader.int16(), producerId: reader.int64(), producerEpoch: reader.int16() };
    reader.tags();
    return answer;
  },
};
