import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const digestBytes = 32;
/** Some 12 KB each; those not used for longest go first. */
export const cachedKernelsMax = 2_000;

/** Compiled modules on disk: `<key>.wasm`, a SHA-256 of the module and then the module. What does not fit its hash is not there. */
export class KernelCache {
  readonly #directory: string;
  readonly #entriesMax: number;

  constructor(directory: string, entriesMax = cachedKernelsMax) {
    this.#directory = directory;
    this.#entriesMax = entriesMax;
  }

  async read(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
    let file: Buffer;
    try {
      file = await readFile(this.#path(key));
    } catch {
      return null;
    }
    const wasm = new Uint8Array(file.subarray(digestBytes));
    if (!digest(wasm).equals(file.subarray(0, digestBytes))) return null;
    const now = new Date();
    await utimes(this.#path(key), now, now).catch(() => {});
    return wasm;
  }

  /** A cache that cannot be written to costs time, not answers: failures are ignored. */
  async write(key: string, wasm: Uint8Array): Promise<void> {
    const temporary = `${this.#path(key)}.${randomBytes(6).toString('hex')}`;
    try {
      await mkdir(this.#directory, { recursive: true });
      await writeFile(temporary, Buffer.concat([digest(wasm), wasm]));
      await rename(temporary, this.#path(key));
      await this.#prune();
    } catch {
      await rm(temporary, { force: true }).catch(() => {});
    }
  }

  async #prune(): Promise<void> {
    const names = await readdir(this.#directory);
    if (names.length <= this.#entriesMax) return;
    const used = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(this.#directory, name))).mtimeMs })));
    used.sort((a, b) => a.at - b.at);
    for (const { name } of used.slice(0, names.length - this.#entriesMax)) await rm(join(this.#directory, name), { force: true });
  }

  #path(key: string): string {
    return join(this.#directory, `${key}.wasm`);
  }
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
