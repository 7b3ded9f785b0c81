import type { ProducerIdentity } from '../wire/init-producer-id.ts';
import { type Codec, codecs, compress } from './compress.ts';
import { crc32c } from './crc32c.ts';

export interface ProducerRecord {
  readonly key: Uint8Array | null;
  /** Null: a tombstone. */
  readonly value: Uint8Array | null;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly headers?: readonly (readonly [name: string, value: Uint8Array | null])[];
}

/** Bytes of a batch before its records. */
export const batchHeadBytes = 61;
/** What a record takes besides its key, value and headers, at most. */
export const recordExtraBytesMax = 40;
const crcAt = 17;
const attributesAt = 21;
const producerAt = 43;
const sequenceAt = 53;
const countAt = 57;
const transactionalFlag = 16;

/** Puts records into one batch (version 2), to be stamped by whoever sends it. */
export class BatchBuilder {
  #bytes: Buffer;
  #length = batchHeadBytes;
  #count = 0;
  #first = 0;
  #last = 0;

  constructor(bytesFirst = 16_384) {
    this.#bytes = Buffer.allocUnsafe(bytesFirst);
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of the batch so far, uncompressed. */
  get length(): number {
    return this.#length;
  }

  append({ key, value, timestamp, headers = [] }: ProducerRecord): void {
    if (this.#count === 0) this.#first = this.#last = timestamp;
    if (timestamp > this.#last) this.#last = timestamp;
    const delta = timestamp - this.#first;
    const names = headers.map(([name, bytes]) => ({ name: Buffer.from(name), bytes }));
    let length = 1 + varintBytes(zigzag(delta)) + varintBytes(zigzag(this.#count)) + fieldBytes(key) + fieldBytes(value);
    length += varintBytes(zigzag(names.length));
    for (const { name, bytes } of names) length += fieldBytes(name) + fieldBytes(bytes);
    this.#room(length + 5);
    this.#varint(zigzag(length));
    this.#bytes[this.#length++] = 0;
    this.#varint(zigzag(delta));
    this.#varint(zigzag(this.#count));
    this.#field(key);
    this.#field(value);
    this.#varint(zigzag(names.length));
    for (const { name, bytes } of names) {
      this.#field(name);
      this.#field(bytes);
    }
    this.#count++;
  }

  /** The batch, without producer, sequence and checksum; the builder is empty again. */
  finish(codec: Codec): Buffer {
    const plain = this.#bytes.subarray(batchHeadBytes, this.#length);
    const records = compress(codec, plain);
    const batch = Buffer.allocUnsafe(batchHeadBytes + records.length);
    batch.set(records, batchHeadBytes);
    batch.writeBigInt64BE(0n, 0);
    batch.writeInt32BE(batch.length - 12, 8);
    batch.writeInt32BE(-1, 12);
    batch[16] = 2;
    batch.writeUInt32BE(0, crcAt);
    batch.writeInt16BE(codecs.indexOf(codec), attributesAt);
    batch.writeInt32BE(this.#count - 1, 23);
    batch.writeBigInt64BE(BigInt(this.#first), 27);
    batch.writeBigInt64BE(BigInt(this.#last), 35);
    batch.writeInt32BE(this.#count, countAt);
    this.#length = batchHeadBytes;
    this.#count = 0;
    return batch;
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#length + more, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  #field(bytes: Uint8Array | null): void {
    if (bytes === null) {
      this.#varint(1);
      return;
    }
    this.#varint(zigzag(bytes.length));
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Up to 2^53: shifts would cut it. */
  #varint(value: number): void {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) + 128;
    this.#bytes[this.#length++] = rest;
  }
}

/** Who sends a batch and which number its first record has; then its checksum. `batch` is written to. */
export function stampBatch(batch: Buffer, { producerId, producerEpoch }: ProducerIdentity, sequence: number, transactional: boolean): void {
  const attributes = batch.readInt16BE(attributesAt) & ~transactionalFlag;
  batch.writeInt16BE(transactional ? attributes | transactionalFlag : attributes, attributesAt);
  batch.writeBigInt64BE(producerId, producerAt);
  batch.writeInt16BE(producerEpoch, producerAt + 8);
  batch.writeInt32BE(sequence, sequenceAt);
  batch.writeUInt32BE(crc32c(batch, attributesAt), crcAt);
}

export function recordsInBatch(batch: Buffer): number {
  return batch.readInt32BE(countAt);
}

/** Bytes that a record takes in a batch, at most. */
export function recordBytes({ key, value, headers = [] }: ProducerRecord): number {
  const ofHeaders = headers.reduce((sum, [name, bytes]) => sum + 3 * name.length + (bytes?.length ?? 0) + 10, 0);
  return recordExtraBytesMax + (key?.length ?? 0) + (value?.length ?? 0) + ofHeaders;
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

function fieldBytes(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : varintBytes(zigzag(bytes.length)) + bytes.length;
}
