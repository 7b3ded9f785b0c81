/** What every generated module exports. Addresses come as signed numbers: `>>> 0` before use. */
export interface KernelExports {
  readonly inputs: WebAssembly.Global<'i32'>;
  readonly counters: WebAssembly.Global<'i32'>;
  readonly allValid: WebAssembly.Global<'i32'>;
  readonly missingRows: WebAssembly.Global<'i32'>;
  readonly memory: WebAssembly.Memory;
  start(first: bigint, second: bigint, pagesMax: number): void;
  push(input: number, rows: number): void;
  advance(watermark: bigint): void;
  clear(input: number): void;
  step(): number;
  resumeFrom(watermark: bigint): void;
  oldestOpen(asked: bigint): bigint;
  outputAddress(k: number): number;
  /** Address of the rows' weights (i32); 0: every row is added once. */
  outputWeights(): number;
  /** Of a plan node. */
  stateRows(node: number): number;
  stateBytes(node: number): number;
  /** Rows of series that max_series left no room for. */
  unlearntRows(): number;
  ensureBuffer(entry: number, bytes: number): number;
  translate(codes: number, rows: number, table: number, capacity: number): number;
  growTranslation(old: number, oldCapacity: number, capacity: number): number;
  releaseTranslation(table: number, capacity: number): void;
  scratchFor(bytes: number): number;
  internScratch(length: number): number;
  internCodes(codes: number, rows: number, count: number, table: number, first: number, last: number): void;
  collectionDue(): number;
  markStrings(): void;
  sweepTranslation(ids: number, count: number): void;
  sweepStrings(): number;
  sweepGeneration(): number;
  liveStrings(): number;
  stringPointer(id: number): number;
  stringLength(id: number): number;
}

/** Views of an instance's memory, made again when it has grown. */
export class KernelMemory {
  readonly memory: WebAssembly.Memory;
  #bytes = new Uint8Array(0);
  #words = new Uint32Array(0);
  #longs = new BigInt64Array(0);

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.#bytes.buffer !== this.memory.buffer) this.#bytes = new Uint8Array(this.memory.buffer);
    return this.#bytes;
  }

  /** By word: address / 4. */
  get words(): Uint32Array<ArrayBuffer> {
    if (this.#words.buffer !== this.memory.buffer) this.#words = new Uint32Array(this.memory.buffer);
    return this.#words;
  }

  get longs(): BigInt64Array<ArrayBuffer> {
    if (this.#longs.buffer !== this.memory.buffer) this.#longs = new BigInt64Array(this.memory.buffer);
    return this.#longs;
  }
}
