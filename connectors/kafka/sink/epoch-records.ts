import type { Codec } from '../produce/compress.ts';
import { partitionOfKey } from '../produce/murmur2.ts';
import { BatchBuilder, type ProducerRecord, recordBytes } from '../produce/record-batch.ts';
import type { SpooledBatch } from './spool.ts';

export interface EpochOptions {
  readonly partitions: () => number;
  readonly hashesKeys: boolean;
  readonly compression: Codec;
  readonly batchBytes: number;
  /** Largest batch that the topic takes. Throws when one is larger: `refuse` says so. */
  readonly batchBytesMax: number;
  readonly refuse: (bytes: number) => Error;
}

/** The records of one epoch, as batches by partition. */
export class EpochRecords {
  rows = 0;
  readonly #options: EpochOptions;
  readonly #builders = new Map<number, BatchBuilder>();
  readonly #newest = new Map<string, ProducerRecord>();
  readonly #batches: SpooledBatch[] = [];
  #turn: number;

  /** `turn`: the partition that records without a key go to first. */
  constructor(options: EpochOptions, turn: number) {
    this.#options = options;
    this.#turn = turn;
  }

  append(record: ProducerRecord): void {
    const { batchBytes, hashesKeys } = this.#options;
    const partitions = this.#options.partitions();
    const { key } = record;
    const hashed = hashesKeys && key !== null;
    const partition = hashed ? partitionOfKey(key, partitions) : this.#turn % partitions;
    let builder = this.#builders.get(partition);
    if (builder === undefined) {
      builder = new BatchBuilder();
      this.#builders.set(partition, builder);
    }
    if (builder.count > 0 && builder.length + recordBytes(record) > batchBytes) {
      this.#finish(partition, builder);
      if (!hashed) {
        this.#turn++;
        this.append(record);
        return;
      }
    }
    builder.append(record);
    this.rows++;
  }

  /** Of several records of one key only the last is written. */
  replace(record: ProducerRecord): void {
    const key = Buffer.from(record.key as Uint8Array).toString('latin1');
    this.#newest.delete(key);
    this.#newest.set(key, record);
  }

  /** All batches; nothing can be added afterwards. */
  finish(): readonly SpooledBatch[] {
    for (const record of this.#newest.values()) this.append(record);
    this.#newest.clear();
    for (const [partition, builder] of this.#builders) if (builder.count > 0) this.#finish(partition, builder);
    return this.#batches;
  }

  #finish(partition: number, builder: BatchBuilder): void {
    const batch = builder.finish(this.#options.compression);
    if (batch.length > this.#options.batchBytesMax) throw this.#options.refuse(batch.length);
    this.#batches.push({ partition, batch });
  }
}
