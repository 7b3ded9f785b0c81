import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

export interface SpooledBatch {
  readonly partition: number;
  readonly batch: Buffer;
}

/** An epoch whose rows are on the disk. */
export interface SpooledEpoch {
  readonly writer: string;
  readonly number: number;
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
}

interface SpoolState {
  /** Tells this data folder from any other that has the same sink. */
  readonly identity: string;
  /** Kafka has kept a position of ours. */
  readonly positioned: boolean;
}

const suffix = '.epoch';
const stateName = 'spool.json';
/** Rows, length of what stands before, and a checksum of it: 4 bytes each. */
const trailerBytes = 12;
const headBytes = 8;

/** Epochs that wait to be published, a file each: partition, length and batch, one after the other, then a trailer. */
export class Spool {
  readonly #folder: string;
  #state: SpoolState;
  #bytes = 0;

  private constructor(folder: string, state: SpoolState) {
    this.#folder = folder;
    this.#state = state;
  }

  /** Rejects with an error of the file system. */
  static async open(folder: string): Promise<Spool> {
    await mkdir(folder, { recursive: true });
    const text = await readFile(join(folder, stateName), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text !== null) return new Spool(folder, JSON.parse(text) as SpoolState);
    const spool = new Spool(folder, { identity: randomBytes(12).toString('base64url'), positioned: false });
    await spool.#keepState();
    return spool;
  }

  get identity(): string {
    return this.#state.identity;
  }

  get positioned(): boolean {
    return this.#state.positioned;
  }

  /** Bytes that epochs take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** From now on a position that is not there is a position that was lost. */
  async notePositioned(): Promise<void> {
    if (this.#state.positioned) return;
    this.#state = { ...this.#state, positioned: true };
    await this.#keepState();
  }

  /** Resolves when the rows would survive a crash. */
  async write(writer: string, number: number, batches: readonly SpooledBatch[], rows: number): Promise<SpooledEpoch> {
    const path = join(this.#folder, `${writer}.${number}${suffix}`);
    const pieces: Buffer[] = [];
    for (const { partition, batch } of batches) {
      const head = Buffer.allocUnsafe(headBytes);
      head.writeInt32LE(partition, 0);
      head.writeInt32LE(batch.length, 4);
      pieces.push(head, batch);
    }
    const body = Buffer.concat(pieces);
    const trailer = Buffer.allocUnsafe(trailerBytes);
    trailer.writeUInt32LE(rows, 0);
    trailer.writeUInt32LE(body.length, 4);
    trailer.writeUInt32LE(crc32(body), 8);
    await writeSynced(path, [body, trailer]);
    await syncFolder(this.#folder);
    const bytes = body.length + trailerBytes;
    this.#bytes += bytes;
    return { writer, number, path, bytes, rows };
  }

  /** Epochs that are there, each writer's in order. An epoch that was not written to its end has no rows. */
  async list(): Promise<SpooledEpoch[]> {
    const found: SpooledEpoch[] = [];
    for (const name of await readdir(this.#folder)) {
      const parts = /^(.+)\.(\d+)\.epoch$/.exec(name);
      if (parts === null) continue;
      const path = join(this.#folder, name);
      const { size: bytes } = await stat(path);
      const rows = (await readSpooled(path))?.rows ?? 0;
      this.#bytes += bytes;
      found.push({ writer: parts[1] as string, number: Number(parts[2]), path, bytes, rows });
    }
    return found.sort((a, b) => (a.writer === b.writer ? a.number - b.number : a.writer < b.writer ? -1 : 1));
  }

  /** Throws when the file is damaged. */
  async read({ path }: SpooledEpoch): Promise<readonly SpooledBatch[]> {
    const spooled = await readSpooled(path);
    if (spooled === null) throw new Error(`${path} is damaged: its checksum is wrong`);
    const { body } = spooled;
    const batches: SpooledBatch[] = [];
    for (let at = 0; at < body.length; ) {
      const partition = body.readInt32LE(at);
      const length = body.readInt32LE(at + 4);
      batches.push({ partition, batch: body.subarray(at + headBytes, at + headBytes + length) });
      at += headBytes + length;
    }
    return batches;
  }

  async drop({ path, bytes }: SpooledEpoch): Promise<void> {
    await rm(path, { force: true });
    this.#bytes -= bytes;
  }

  async #keepState(): Promise<void> {
    const path = join(this.#folder, stateName);
    await writeSynced(`${path}.new`, [Buffer.from(JSON.stringify(this.#state))]);
    await rename(`${path}.new`, path);
    await syncFolder(this.#folder);
  }
}

async function readSpooled(path: string): Promise<{ readonly body: Buffer; readonly rows: number } | null> {
  const file = await readFile(path);
  const length = file.length - trailerBytes;
  if (length < 0 || file.readUInt32LE(length + 4) !== length) return null;
  const body = file.subarray(0, length);
  return crc32(body) === file.readUInt32LE(length + 8) ? { body, rows: file.readUInt32LE(length) } : null;
}

async function writeSynced(path: string, pieces: readonly Buffer[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const piece of pieces) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
