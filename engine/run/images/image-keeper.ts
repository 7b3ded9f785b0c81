import { randomUUID } from 'node:crypto';
import { faultPoint } from '../../../connectors/fault-point.ts';
import type { ImageChange, StoredImage } from '../../store/store.ts';
import type { EngineEvent, ImageStatus } from '../runtime-status.ts';
import type { Timing } from '../time/timing.ts';
import { packImage, sha256Of } from './image-file.ts';
import type { ObjectStore } from '../../objects/object-store.ts';
import type { TakenImage } from './taken-image.ts';

/** So many images of the same queries are kept: the newest, and one in case that its file is damaged. */
export const imagesKept = 2;

export interface ImageKeeperParts {
  readonly files: ObjectStore;
  /** All names of ours begin with it, and nobody else's. */
  readonly prefix: string;
  /** Version of the engine. */
  readonly engine: string;
  readonly timing: Timing;
  readonly tell: (event: Omit<EngineEvent, 'at'>) => void;
}

/** Resolves once the change is committed, after all that the lane had done when the image was taken. */
export type CommitImages = (change: ImageChange) => Promise<void>;

/** Writes images as files, has their names committed, and removes the files that no longer count. */
export class ImageKeeper {
  readonly #parts: ImageKeeperParts;
  #kept: readonly StoredImage[];
  readonly #underWay = new Set<Promise<unknown>>();
  #closed = false;
  #taken = 0;
  #failed = 0;
  #failing = false;
  #pauseMs = 0;
  #pauseMsMax = 0;

  /** `kept`: those that are committed. */
  constructor(parts: ImageKeeperParts, kept: readonly StoredImage[]) {
    this.#parts = parts;
    this.#kept = kept;
  }

  /** Those are used no more; and with `collect` files that no commit names are removed. Before anything else is committed. */
  async begin(drop: readonly StoredImage[], commit: CommitImages, collect = true): Promise<void> {
    if (drop.length > 0) await this.#change({ add: [], drop: drop.map(({ name }) => name) }, commit);
    if (!collect) return;
    const { files, prefix } = this.#parts;
    const names = new Set(this.#kept.map(({ name }) => name));
    for (const { name } of await files.list(prefix)) if (!names.has(name)) await files.remove(name);
  }

  /** Gives how long (ms) it took to compress and write; never rejects: the run goes on without the image. */
  async keep(image: TakenImage, commit: CommitImages): Promise<number> {
    const begun = performance.now();
    let busyMs = 0;
    this.#taken++;
    this.#pauseMs += image.pauseMs;
    this.#pauseMsMax = Math.max(this.#pauseMsMax, image.pauseMs);
    const work = this.#write(image).then(async (stored) => {
      busyMs = performance.now() - begun;
      if (stored !== null) await this.#list(stored, commit);
    });
    const settled = work.then(
      () => {
        this.#failing = false;
      },
      (error: unknown) => this.#tellOf(error as Error),
    );
    this.#underWay.add(settled);
    await settled;
    this.#underWay.delete(settled);
    return busyMs === 0 ? performance.now() - begun : busyMs;
  }

  /** Null: it is too late for it. */
  async #write(image: TakenImage): Promise<StoredImage | null> {
    const { files, prefix, engine } = this.#parts;
    const { about } = image;
    const bytes = await packImage(image);
    const name = `${prefix}${about.component}-${about.takenAt}-${randomUUID()}.image`;
    if (this.#closed) return null;
    try {
      await files.write(name, bytes);
    } catch (error) {
      await files.remove(name).catch(() => undefined);
      throw error;
    }
    return { ...about, name, engine, bytes: bytes.length, sha256: await sha256Of(bytes) };
  }

  /** A file whose commit is in doubt stays: the next start knows whether it counts. */
  async #list(stored: StoredImage, commit: CommitImages): Promise<void> {
    const older = this.#kept.filter(({ component }) => component === stored.component).sort((a, b) => b.takenAt - a.takenAt);
    await this.#change({ add: [stored], drop: older.slice(imagesKept - 1).map(({ name }) => name) }, commit);
  }

  async #change(change: ImageChange, commit: CommitImages): Promise<void> {
    await commit(change);
    this.#kept = [...this.#kept.filter(({ name }) => !change.drop.includes(name)), ...change.add];
    faultPoint('snapshot_listed');
    for (const name of change.drop) await this.#parts.files.remove(name);
    faultPoint('snapshot_collected');
  }

  #tellOf(error: Error): void {
    if (this.#closed) return;
    this.#failed++;
    const text = `an image of memory could not be kept in ${this.#parts.files.place}: ${error.message}; a restart goes on from the one before, or reads again what open windows need`;
    if (!this.#failing) this.#parts.tell({ level: 'warning', kind: 'image', subject: null, text });
    this.#failing = true;
  }

  status(): ImageStatus {
    const newest = new Map<string, StoredImage>();
    for (const image of this.#kept) {
      if ((newest.get(image.component)?.takenAt ?? 0) <= image.takenAt) newest.set(image.component, image);
    }
    const images = [...newest.values()];
    return {
      taken: this.#taken,
      failed: this.#failed,
      bytes: images.reduce((sum, { bytes }) => sum + bytes, 0),
      oldestAt: images.length === 0 ? null : Math.min(...images.map(({ takenAt }) => takenAt)),
      pauseMs: this.#pauseMs,
      pauseMsMax: this.#pauseMsMax,
    };
  }

  /** Waits for what is being written; what is not committed by then is not. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
  }
}
