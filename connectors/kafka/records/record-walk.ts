import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { DecoderExports, DecoderModule } from '../../formats/decoder-module.ts';
import type { KernelLibrary, RecordSpans } from '../../formats/decoder.ts';

/** Functions of kernels/assembly/kafka/record-set.ts. */
export interface RecordExports extends DecoderExports {
  recordsStart(arenaBytes: number, arenaMax: number): void;
  recordsState(): number;
  recordSpans(array: number): number;
  recordsBegin(address: number, length: number, from: bigint, flags: number, aborted: number, abortedCount: number): void;
  recordsReach(address: number, length: number): bigint;
  recordsRestart(): void;
  recordsWalk(rowsMax: number): number;
  recordsInflated(bytes: number): void;
  recordsRoom(bytes: number): number;
  recordsSkip(): void;
}

export const recordLibrary: KernelLibrary = {
  file: 'kafka/record-set',
  names: [
    'recordsStart',
    'recordsState',
    'recordSpans',
    'recordsBegin',
    'recordsReach',
    'recordsRestart',
    'recordsWalk',
    'recordsInflated',
    'recordsRoom',
    'recordsSkip',
  ],
};

/** Fields of the walk's state, by byte. */
const rowsAt = 12;
const batchAt = 16;
const epochAt = 44;
const nextAt = 56;
const batchesAt = 64;
const abortedAt = 72;

const walkAnswers = ['done', 'more', 'inflate', 'bad checksum', 'damaged', 'bad magic', 'too large'] as const;
const gzip = 1;
const arenaBytesFirst = 2 << 20;
export const checksFlag = 1;
export const committedFlag = 2;

export type WalkFault = 'bad checksum' | 'damaged' | 'bad magic' | 'too large';

export interface Walked {
  readonly rows: number;
  /** Nothing more in these records. */
  readonly done: boolean;
  /** The batch at `faultyBatch` cannot be read; its rows before the fault are among `rows`. */
  readonly fault: WalkFault | null;
}

export interface FaultyBatch {
  readonly first: number;
  /** Offset after its last. */
  readonly reach: number;
  readonly address: number;
  readonly length: number;
}

/** The walk through one partition's record batches, in the memory of the source's module. */
export class RecordWalk {
  readonly spans: RecordSpans;
  readonly #module: DecoderModule<RecordExports>;
  readonly #state: number;
  readonly #batchBytesMax: number;
  #view: DataView;
  /** Records of the batch at hand, decompressed, for which there was no room yet. */
  #inflated: Uint8Array | null = null;

  constructor(module: DecoderModule<RecordExports>, batchBytesMax: number) {
    const { exports } = module;
    this.#module = module;
    this.#batchBytesMax = batchBytesMax;
    exports.recordsStart(Math.min(arenaBytesFirst, batchBytesMax), batchBytesMax);
    this.#state = exports.recordsState() >>> 0;
    this.#view = new DataView(exports.memory.buffer);
    const [values, valueLengths, keys, keyLengths, headers, headerLengths, offsets, timestamps] = Array.from(
      { length: 8 },
      (_, array) => exports.recordSpans(array) >>> 0,
    ) as [number, number, number, number, number, number, number, number];
    this.spans = { values, valueLengths, keys, keyLengths, headers, headerLengths, offsets, timestamps };
  }

  /** `aborted`: address of the entries, in the same memory. */
  begin(address: number, length: number, from: number, flags: number, aborted: number, abortedCount: number): void {
    this.#inflated = null;
    this.#module.exports.recordsBegin(address, length, BigInt(from), flags, aborted, abortedCount);
  }

  /** Offset after the last whole batch of these records and its leader's epoch; null when there is none. */
  reach(address: number, length: number): { offset: number; epoch: number } | null {
    const offset = Number(this.#module.exports.recordsReach(address, length));
    return offset < 0 ? null : { offset, epoch: this.#data.getInt32(this.#state + epochAt, true) };
  }

  /** Notes up to so many records in the spans; those noted before are no more in use. */
  walk(rowsMax: number): Walked {
    const { exports } = this.#module;
    exports.recordsRestart();
    for (;;) {
      const answer = walkAnswers[exports.recordsWalk(rowsMax)] as (typeof walkAnswers)[number];
      if (answer !== 'inflate') {
        const fault = answer === 'done' || answer === 'more' ? null : answer;
        return { rows: this.#rows, done: answer === 'done', fault };
      }
      const fault = this.#inflate();
      if (fault !== null) return { rows: this.#rows, done: false, fault: fault === 'no room' ? null : fault };
    }
  }

  /** The batch that could not be read; goes on behind it with the next walk. */
  skipFaulty(): FaultyBatch {
    const address = this.#data.getUint32(this.#state + batchAt, true);
    const first = this.next;
    const length = this.#data.getInt32(address + 8) + 12;
    this.#inflated = null;
    this.#module.exports.recordsSkip();
    return { first, reach: this.next, address, length: Math.max(0, length) };
  }

  /** Offset of the record after those walked so far. */
  get next(): number {
    return Number(this.#data.getBigInt64(this.#state + nextAt, true));
  }

  get batches(): number {
    return Number(this.#data.getBigInt64(this.#state + batchesAt, true));
  }

  /** Records of aborted transactions that were passed over. */
  get abortedRecords(): number {
    return Number(this.#data.getBigInt64(this.#state + abortedAt, true));
  }

  get #rows(): number {
    return this.#data.getUint32(this.#state + rowsAt, true);
  }

  get #data(): DataView {
    const { buffer } = this.#module.exports.memory;
    if (this.#view.buffer !== buffer) this.#view = new DataView(buffer);
    return this.#view;
  }

  #inflate(): WalkFault | 'no room' | null {
    const { exports } = this.#module;
    if (this.#inflated === null) {
      const address = this.#data.getUint32(this.#state + batchAt, true);
      const end = address + this.#data.getInt32(address + 8) + 12;
      const codec = this.#data.getUint8(address + 22) & 7;
      const compressed = this.#module.bytes.subarray(address + 61, end);
      const options = { maxOutputLength: this.#batchBytesMax };
      try {
        this.#inflated = codec === gzip ? gunzipSync(compressed, options) : zstdDecompressSync(compressed, options);
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too large' : 'damaged';
      }
    }
    const { length } = this.#inflated;
    const room = exports.recordsRoom(length) >>> 0;
    if (room === 0) return this.#rows > 0 ? 'no room' : 'too large';
    this.#module.bytes.set(this.#inflated, room);
    this.#inflated = null;
    exports.recordsInflated(length);
    return null;
  }
}
