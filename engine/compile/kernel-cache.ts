import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const digestBytes = 32;

/** Compiled modules on disk: `<key>.wasm`, a SHA-256 of the module and then the module. What does not fit its hash is not there. */
export class KernelCache {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async read(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
    let file: Buffer;
    try {
      file = await readFile(this.#path(key));
    } catch {
      return null;
    }
    const wasm = new Uint8Array(file.subarray(digestBytes));
    return digest(wasm).equals(file.subarray(0, digestBytes)) ? wasm : null;
  }

  /** A cache that cannot be written to costs time, not answers: failures are ignored. */
  async write(key: string, wasm: Uint8Array): Promise<void> {
    const temporary = `${this.#path(key)}.${randomBytes(6).toString('hex')}`;
    try {
      await mkdir(this.#directory, { recursive: true });
      await writeFile(temporary, Buffer.concat([digest(wasm), wasm]));
      await rename(temporary, this.#path(key));
    } catch {
      await rm(temporary, { force: true }).catch(() => {});
    }
  }

  #path(key: string): string {
    return join(this.#directory, `${key}.wasm`);
  }
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
