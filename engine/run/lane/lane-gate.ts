import type { Mesh } from '../exchange/mesh.ts';
import type { Wake } from '../time/timing.ts';
import type { GroupEpochs } from './group-epochs.ts';
import { ReplayStopped } from './lane-replay.ts';
import type { QueryNode } from './query-node.ts';

/** A lane that waits for others looks at least this often (ms) whether it is to stop. */
const lookEveryMs = 100;

/** Holds a lane that replays to the pace of the other lanes of its group. */
export class LaneGate {
  readonly #mesh: Mesh;
  readonly #epochs: GroupEpochs;
  readonly #wake: Wake;

  constructor(mesh: Mesh, epochs: GroupEpochs, wake: Wake) {
    this.#mesh = mesh;
    this.#epochs = epochs;
    this.#wake = wake;
  }

  /** Deals with what others have sent; waits while they have too much to deal with. */
  async pass(advance: () => void, stopping: () => boolean): Promise<void> {
    this.#mesh.pump(advance);
    this.#mesh.flush(false);
    while (this.#mesh.full) {
      this.#stopIf(stopping);
      await this.#wake.sleep(this.#mesh.waiting ? 0 : lookEveryMs);
      this.#mesh.pump(advance);
      this.#mesh.flush(true);
    }
  }

  /** Resolves when all lanes have replayed: each query is settled once all that it is to read again is there. */
  async align(advance: () => void, settle: (node: QueryNode) => void, stopping: () => boolean): Promise<void> {
    this.#epochs.begin(replayEpoch, { exhausted: false, stopping: false });
    while (!this.#epochs.align(settle, advance)) {
      this.#stopIf(stopping);
      this.#mesh.flush(true);
      await this.#wake.sleep(lookEveryMs);
    }
    this.#epochs.release();
  }

  #stopIf(stopping: () => boolean): void {
    if (!stopping() && !this.#mesh.epochs.left) return;
    this.#mesh.leave();
    throw new ReplayStopped();
  }
}

/** The number of what is not an epoch: rows that are read again. */
const replayEpoch = 0;
