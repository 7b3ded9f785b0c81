import { randomBytes } from 'node:crypto';
import { ConnectorError } from '../connector.ts';
import type { DecoderProgram } from './decoder.ts';

const pageBytes = 65_536;

/** What every generated decoder module exports, whatever its format. Addresses come as signed numbers: `>>> 0` before use. */
export interface DecoderExports {
  readonly memory: WebAssembly.Memory;
  /** Called by `open`: two random words for hashing, pages of 64 KiB that the memory may have. */
  start(first: bigint, second: bigint, pagesMax: number): void;
  allocate(bytes: number): number;
  /** `bytes` as asked for. */
  release(address: number, bytes: number): void;
}

/**
 * The one WebAssembly instance of a source: what it receives and what it makes of it lie in its memory. `Exports` names the functions
 * of the format and of the libraries that the spec asked for.
 */
export class DecoderModule<Exports extends DecoderExports = DecoderExports> {
  readonly exports: Exports;
  #bytes = new Uint8Array(0);
  #words = new Uint32Array(0);
  #longs = new BigInt64Array(0);

  private constructor(exports: Exports) {
    this.exports = exports;
  }

  /** `memoryBytesMax`: a decoder that needs more fails with a ConnectorError of `source`. */
  static open<Exports extends DecoderExports>(program: DecoderProgram, source: string, memoryBytesMax: number): DecoderModule<Exports> {
    const exceeded = (bytes: number) => {
      const limit = `${Math.round(memoryBytesMax / (1 << 20))} MiB`;
      throw new ConnectorError(source, `out of memory: ${bytes >>> 0} bytes more do not fit into the source's limit of ${limit}`);
    };
    const instance = new WebAssembly.Instance(new WebAssembly.Module(program.wasm), { host: { memoryExceeded: exceeded } });
    const exports = instance.exports as unknown as Exports;
    const random = randomBytes(16);
    exports.start(random.readBigInt64LE(0), random.readBigInt64LE(8), Math.min(65_535, Math.ceil(memoryBytesMax / pageBytes)));
    return new DecoderModule(exports);
  }

  /** Address of a block of at least `bytes` bytes and 64 readable ones after it, aligned to 64. Views are to be asked for again afterwards. */
  allocate(bytes: number): number {
    return this.exports.allocate(bytes) >>> 0;
  }

  release(address: number, bytes: number): void {
    this.exports.release(address, bytes);
  }

  /** The whole memory. A view dies when the memory grows: ask again after each call of the module. */
  get bytes(): Uint8Array<ArrayBuffer> {
    const { buffer } = this.exports.memory;
    if (this.#bytes.buffer !== buffer) this.#bytes = new Uint8Array(buffer);
    return this.#bytes;
  }

  /** By word: address / 4. */
  get words(): Uint32Array<ArrayBuffer> {
    const { buffer } = this.exports.memory;
    if (this.#words.buffer !== buffer) this.#words = new Uint32Array(buffer);
    return this.#words;
  }

  /** By address / 8. */
  get longs(): BigInt64Array<ArrayBuffer> {
    const { buffer } = this.exports.memory;
    if (this.#longs.buffer !== buffer) this.#longs = new BigInt64Array(buffer);
    return this.#longs;
  }
}
