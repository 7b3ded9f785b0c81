import { randomUUID } from 'node:crypto';
import type { ObjectStore } from '../../objects/object-store.ts';
import { openObjectStore } from '../../objects/open-object-store.ts';
import { type RecoveryState, StoreError } from '../../store/store.ts';
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
 * The folder or bucket that all processes of a group share. A document is written once, under a name that nobody else has, and never
 * changed: which of them counts is said in Kafka alone. The copy of that pointer serves only to find out that Kafka has forgotten its own.
 */
export class GroupSnapshots {
  /** Lanes keep images of their memory in it, too, under names that begin with `lane-<number>-`. */
  readonly objects: ObjectStore;
  readonly #group: string;

  private constructor(objects: ObjectStore, group: string) {
    this.objects = objects;
    this.#group = group;
  }

  /** `place`: a folder, or s3://bucket/prefix. Rejects with StoreError when nothing can be written there. */
  static async open(place: string, group: string): Promise<GroupSnapshots> {
    try {
      const objects = await openObjectStore(place, group);
      const probe = `probe-${randomUUID()}`;
      await objects.write(probe, new Uint8Array(1));
      await objects.remove(probe);
      return new GroupSnapshots(objects, group);
    } catch (error) {
      const { message, hint } = error as Error & { hint?: string };
      throw new StoreError(`nothing can be written to the snapshots ${place}: ${message}`, hint);
    }
  }

  /** Resolves with its name once it is durable. */
  async write(document: LaneDocument): Promise<string> {
    const name = `lane-${document.lane}-${document.epoch}-${randomUUID()}.snapshot`;
    await this.objects.write(name, pack({ format, ...document }));
    return name;
  }

  async read(name: string, lane: number, lanes: number): Promise<LaneDocument> {
    let document: LaneDocument & { format: number };
    try {
      const bytes = await this.objects.read(name);
      if (bytes === null) throw new Error(`${this.objects.place} does not have it`);
      document = unpack(bytes) as typeof document;
    } catch (error) {
      const hint = 'every process of the group needs the same --snapshots';
      throw new StoreError(`the snapshot ${name} of lane ${lane} cannot be read: ${(error as Error).message}`, hint);
    }
    if (document.format !== format)
      throw new StoreError(`the snapshot ${name} has format ${document.format}; this version reads ${format}`);
    if (document.group !== this.#group || document.lane !== lane || document.lanes !== lanes)
      throw new StoreError(`the snapshot ${name} is of lane ${document.lane} of ${document.lanes} of group ${document.group}`);
    return document;
  }

  remove(name: string): Promise<void> {
    return this.objects.remove(name);
  }

  async pointer(lane: number): Promise<Pointer | null> {
    const bytes = await this.objects.read(pointerName(lane));
    return bytes === null ? null : (JSON.parse(Buffer.from(bytes).toString('utf8')) as Pointer);
  }

  writePointer(lane: number, pointer: Pointer): Promise<void> {
    return this.objects.write(pointerName(lane), Buffer.from(JSON.stringify(pointer)));
  }

  /** Documents and images of a lane that were never committed, or are no more: what is older than `ageMs` and not `kept` is removed. */
  async collect(lane: number, kept: readonly string[], ageMs: number): Promise<void> {
    const before = Date.now() - ageMs;
    for (const prefix of [`lane-${lane}-`, `${pointerName(lane)}-`, 'probe-']) {
      for (const { name, modifiedMs } of await this.objects.list(prefix)) {
        if (modifiedMs < before && !kept.includes(name)) await this.objects.remove(name);
      }
    }
  }
}

function pointerName(lane: number): string {
  return `lane-${lane}.pointer`;
}
