import { type FileHandle, open } from 'node:fs/promises';
import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Compression } from './settings.ts';

/** The bytes of a file in order, decompressed. */
export interface ByteSource {
  /** Fills target from `at` on; the number of bytes, 0 at the end. Throws what the system or the decompressor says. */
  read(target: Uint8Array, at: number): Promise<number>;
  /** Where in the file itself, compressed or not, reading stands. */
  readonly fileOffset: number;
  /** Goes to a byte of the decompressed text at once, or false when it has to be read up to there. */
  seek(byte: number): boolean;
  close(): Promise<void>;
}

export async function openByteSource(path: string, compression: Compression): Promise<ByteSource> {
  const handle = await open(path, 'r');
  try {
    const method = compression === 'auto' ? await detected(handle) : compression;
    if (method === 'gzip') return new DecompressingSource(handle, createGunzip({ chunkSize: outputChunkBytes }));
    if (method === 'zstd') return new DecompressingSource(handle, createZstdDecompress({ chunkSize: outputChunkBytes }));
    return new PlainSource(handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function detected(handle: FileHandle): Promise<Compression> {
  const magic = new Uint8Array(4);
  const { bytesRead } = await handle.read(magic, 0, 4, 0);
  if (bytesRead >= 2 && magic[0] === 0x1f && magic[1] === 0x8b) return 'gzip';
  if (bytesRead === 4 && magic[0] === 0x28 && magic[1] === 0xb5 && magic[2] === 0x2f && magic[3] === 0xfd) return 'zstd';
  return 'none';
}

class PlainSource implements ByteSource {
  readonly #handle: FileHandle;
  fileOffset = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(target, at, target.length - at, this.fileOffset);
    this.fileOffset += bytesRead;
    return bytesRead;
  }

  seek(byte: number): boolean {
    this.fileOffset = byte;
    return true;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** What is decompressed from one input chunk is held at once, so the input chunk bounds memory. */
const inputChunkBytes = 32 << 10;
const outputChunkBytes = 256 << 10;

class DecompressingSource implements ByteSource {
  readonly #handle: FileHandle;
  readonly #stream: Transform;
  readonly #chunks: Uint8Array[] = [];
  readonly #ended: Promise<void>;
  #chunkOffset = 0;
  #error: Error | undefined;
  #finished = false;
  fileOffset = 0;

  constructor(handle: FileHandle, stream: Transform) {
    this.#handle = handle;
    this.#stream = stream;
    stream.on('data', (chunk: Uint8Array) => this.#chunks.push(chunk));
    this.#ended = new Promise((resolve) => {
      stream.on('end', resolve);
      stream.on('close', resolve);
      stream.on('error', (error: Error) => {
        this.#error = error;
        resolve();
      });
    });
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    while (this.#chunks.length === 0) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#finished) return 0;
      await this.#feed();
    }
    const chunk = this.#chunks[0] as Uint8Array;
    const count = Math.min(chunk.length - this.#chunkOffset, target.length - at);
    target.set(chunk.subarray(this.#chunkOffset, this.#chunkOffset + count), at);
    this.#chunkOffset += count;
    if (this.#chunkOffset === chunk.length) {
      this.#chunks.shift();
      this.#chunkOffset = 0;
    }
    return count;
  }

  async #feed(): Promise<void> {
    const input = new Uint8Array(inputChunkBytes);
    const { bytesRead } = await this.#handle.read(input, 0, inputChunkBytes, this.fileOffset);
    if (bytesRead === 0) {
      this.#stream.end();
      await this.#ended;
      this.#finished = true;
      return;
    }
    this.fileOffset += bytesRead;
    const written = new Promise<void>((resolve) => this.#stream.write(input.subarray(0, bytesRead), () => resolve()));
    await Promise.race([written, this.#ended]);
  }

  seek(): boolean {
    return false;
  }

  async close(): Promise<void> {
    this.#stream.destroy();
    await this.#handle.close();
  }
}
