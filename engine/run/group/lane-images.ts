import type { ImageChange, StoredImage } from '../../store/store.ts';
import type { LaneHost } from '../lane-host.ts';
import type { MergedEpoch } from '../merge-epochs.ts';
import type { ImageKeeper } from '../images/image-keeper.ts';
import type { TakenImage } from '../images/taken-image.ts';

interface Waiting {
  readonly change: ImageChange;
  readonly committed: PromiseWithResolvers<void>;
}

/** Images of a lane of a group: their names are committed with the lane's next epoch, in its document. */
export class LaneImages {
  readonly keeper: ImageKeeper;
  #waiting: Waiting[] = [];
  #closed = false;

  /** `drop`: those that the lane does not go on from; they count no more from its first epoch on. */
  constructor(keeper: ImageKeeper, drop: readonly StoredImage[]) {
    this.keeper = keeper;
    keeper.begin(drop, (change) => this.#commit(change), false).catch(() => undefined);
  }

  async keep(image: TakenImage, host: LaneHost): Promise<void> {
    const ms = await this.keeper.keep(image, (change) => this.#commit(change));
    host.send({ type: 'image_done', component: image.about.component, ms });
  }

  #commit(change: ImageChange): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the lane was let go'));
    const committed = Promise.withResolvers<void>();
    this.#waiting.push({ change, committed });
    return committed.promise;
  }

  /** Commits an epoch with all changes that wait. */
  async commit(epoch: MergedEpoch, commit: (epoch: MergedEpoch) => Promise<void>): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const add = waiting.flatMap(({ change }) => change.add);
    const drop = waiting.flatMap(({ change }) => change.drop);
    try {
      await commit(waiting.length === 0 ? epoch : { ...epoch, images: { add, drop } });
      for (const { committed } of waiting) committed.resolve();
    } catch (error) {
      for (const { committed } of waiting) committed.reject(error);
      throw error;
    }
  }

  /** The lane is let go: what waits is not committed. Files that no document names are removed by whoever has the lane next. */
  async close(): Promise<void> {
    this.#closed = true;
    const closing = this.keeper.close();
    for (const { committed } of this.#waiting) committed.reject(new Error('the lane was let go'));
    this.#waiting = [];
    await closing;
  }
}
