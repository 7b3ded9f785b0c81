import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError, type RecoveryState } from '../../store/store.ts';
import { openObjectFolder } from '../../objects/folder-store.ts';
import type { ObjectStore } from '../../objects/object-store.ts';
import { pack, unpack } from './pack.ts';

const format = 1;

/** Where a lane stood after an epoch: what its next owner goes on from. */
export interface LaneDocument {
  readonly group: string;
  readonly lane: number;
  readonly lanes: number;
  readonly epoch: number;
  readonly state: RecoveryState;
}

/** Which document was committed last. */
export interface Pointer {
  readonly epoch: number;
  readonly name: string;
}

/**
 * The folder that all processes of a group share. A document is written once, under a name that nobody else has, and never changed: which
 * of them counts is said in Kafka alone. The copy of that pointer serves only to find out that Kafka has forgotten its own.
 */
export class SnapshotFolder {
  readonly #directory: string;
  readonly #group: string;

  private constructor(directory: string, group: string) {
    this.#directory = join(directory, group);
    this.#group = group;
  }

  /** Throws StoreError when nothing can be written there. */
  static async open(directory: string, group: string): Promise<SnapshotFolder> {
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(directory)) {
      throw new StoreError(
        `snapshots cannot be kept in ${directory}: only folders are supported`,
        'name a folder that all processes of the group share, such as one of NFS',
      );
    }
    const folder = new SnapshotFolder(directory, group);
    try {
      await mkdir(folder.#directory, { recursive: true });
      const probe = join(folder.#directory, `probe-${randomUUID()}`);
      await writeDurably(probe, new Uint8Array(1));
      await rm(probe);
    } catch (error) {
      throw new StoreError(`nothing can be written to the folder of snapshots ${directory}: ${(error as Error).message}`);
    }
    return folder;
  }

  /** Where lanes keep images of their memory, under names that begin with `lane-<number>-`. */
  images(): Promise<ObjectStore> {
    return openObjectFolder(this.#directory);
  }

  /** Resolves with its name once it is on the disk. */
  async write(document: LaneDocument): Promise<string> {
    const name = `lane-${document.lane}-${document.epoch}-${randomUUID()}.snapshot`;
    await writeDurably(join(this.#directory, name), pack({ format, ...document }));
    await syncFolder(this.#directory);
    return name;
  }

  async read(name: string, lane: number, lanes: number): Promise<LaneDocument> {
    let document: LaneDocument & { format: number };
    try {
      document = unpack(await readFile(join(this.#directory, name))) as typeof document;
    } catch (error) {
      const hint = 'every process of the group needs the same --snapshots folder';
      throw new StoreError(`the snapshot ${name} of lane ${lane} cannot be read: ${(error as Error).message}`, hint);
    }
    if (document.format !== format)
      throw new StoreError(`the snapshot ${name} has format ${document.format}; this version reads ${format}`);
    if (document.group !== this.#group || document.lane !== lane || document.lanes !== lanes)
      throw new StoreError(`the snapshot ${name} is of lane ${document.lane} of ${document.lanes} of group ${document.group}`);
    return document;
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.#directory, name), { force: true });
  }

  async pointer(lane: number): Promise<Pointer | null> {
    try {
      return JSON.parse(await readFile(this.#pointerPath(lane), 'utf8')) as Pointer;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  async writePointer(lane: number, pointer: Pointer): Promise<void> {
    const path = this.#pointerPath(lane);
    const temporary = `${path}-${randomUUID()}`;
    await writeDurably(temporary, Buffer.from(JSON.stringify(pointer)));
    await rename(temporary, path);
  }

  /** Documents of a lane that were never committed, or are no more: what is older than `ageMs` and not `kept` is removed. */
  async collect(lane: number, kept: readonly string[], ageMs: number): Promise<void> {
    const before = Date.now() - ageMs;
    for (const name of await readdir(this.#directory)) {
      const own = name.startsWith(`lane-${lane}-`) || name.startsWith(`lane-${lane}.pointer-`) || name.startsWith('probe-');
      if (!own || kept.includes(name)) continue;
      const path = join(this.#directory, name);
      const age = await stat(path).catch(() => null);
      if (age !== null && age.mtimeMs < before) await rm(path, { force: true });
    }
  }

  #pointerPath(lane: number): string {
    return join(this.#directory, `lane-${lane}.pointer`);
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
