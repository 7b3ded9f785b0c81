import type { RecordSpans } from './decoder.ts';
import type { DecoderModule } from './decoder-module.ts';

const padding = 64;
const nullLength = -1;
const noHeaders = new Uint8Array(0);

/** One record to be put into a module's memory. */
export interface PlainRecord {
  readonly value: Uint8Array | null;
  readonly key?: Uint8Array | null;
  /** As Kafka writes them. */
  readonly headers?: Uint8Array;
  readonly offset?: bigint;
  /** Milliseconds since 1970. */
  readonly timestamp?: bigint;
}

/** Copies records from elsewhere into a module's memory, for connectors whose bytes do not arrive there. Filled anew by each `fill`. */
export class SpansBuffer {
  readonly #module: DecoderModule;
  readonly #rowsMax: number;
  readonly #arrays: number;
  readonly #arraysBytes: number;
  #bytes = 0;
  #capacity = 0;

  constructor(module: DecoderModule, rowsMax: number) {
    this.#module = module;
    this.#rowsMax = Math.ceil(rowsMax / 16) * 16;
    this.#arraysBytes = this.#rowsMax * 40;
    this.#arrays = module.allocate(this.#arraysBytes);
  }

  get spans(): RecordSpans {
    const rows = this.#rowsMax;
    const at = this.#arrays;
    return {
      offsets: at,
      timestamps: at + rows * 8,
      values: at + rows * 16,
      valueLengths: at + rows * 20,
      keys: at + rows * 24,
      keyLengths: at + rows * 28,
      headers: at + rows * 32,
      headerLengths: at + rows * 36,
    };
  }

  fill(records: readonly PlainRecord[]): RecordSpans {
    const { spans } = this;
    let total = padding;
    for (const { value, key, headers } of records) total += (value?.length ?? 0) + (key?.length ?? 0) + (headers?.length ?? 0);
    this.#reserve(total);
    const { words, longs, bytes } = this.#module;
    let at = this.#bytes;
    const put = (array: number, lengths: number, row: number, text: Uint8Array | null | undefined) => {
      words[array / 4 + row] = at;
      words[lengths / 4 + row] = text?.length ?? nullLength;
      if (text === null || text === undefined) return;
      bytes.set(text, at);
      at += text.length;
    };
    for (const [row, { value, key, headers = noHeaders, offset = BigInt(row), timestamp = -1n }] of records.entries()) {
      put(spans.values, spans.valueLengths, row, value);
      put(spans.keys, spans.keyLengths, row, key);
      put(spans.headers, spans.headerLengths, row, headers);
      longs[spans.offsets / 8 + row] = offset;
      longs[spans.timestamps / 8 + row] = timestamp;
    }
    return spans;
  }

  close(): void {
    this.#module.release(this.#arrays, this.#arraysBytes);
    if (this.#capacity > 0) this.#module.release(this.#bytes, this.#capacity);
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#capacity) return;
    if (this.#capacity > 0) this.#module.release(this.#bytes, this.#capacity);
    this.#capacity = bytes * 2;
    this.#bytes = this.#module.allocate(this.#capacity);
  }
}
