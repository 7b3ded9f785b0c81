import type { Mesh } from '../exchange/mesh.ts';
import type { QueryGraph } from './query-graph.ts';
import type { QueryNode } from './query-node.ts';

/** What a lane has to say when an epoch ends. */
export interface LaneState {
  readonly exhausted: boolean;
  readonly stopping: boolean;
}

/**
 * Ends epochs together with the other lanes of the group: from the first barrier on a lane reads nothing more, and its epoch is over
 * when everything that all lanes had read before is dealt with. So what an epoch commits is what rows up to its positions give.
 */
export class GroupEpochs {
  readonly #mesh: Mesh;
  readonly #graph: QueryGraph;
  #ending: number | null = null;
  #saidExhausted = false;

  constructor(mesh: Mesh, graph: QueryGraph) {
    this.#mesh = mesh;
    this.#graph = graph;
  }

  /** An epoch is ending: nothing is read. */
  get ending(): boolean {
    return this.#ending !== null;
  }

  /** Another lane has begun to end the epoch, or this lane has something to say. */
  isDue(epoch: number, { exhausted }: LaneState): boolean {
    return this.#mesh.epochs.anyBegun(epoch) || (exhausted && !this.#saidExhausted);
  }

  begin(epoch: number, state: LaneState): void {
    this.#ending = epoch;
    this.#saidExhausted = state.exhausted;
    this.#mesh.begin({ epoch, ...state });
  }

  /** True when the epoch is over here; then `release` lets go what came for the next. */
  align(settle: (node: QueryNode) => void = () => undefined, advance = () => this.#graph.advance()): boolean {
    return this.#ending !== null && this.#mesh.align(this.#ending, advance, settle);
  }

  release(): void {
    if (this.#ending !== null) this.#mesh.release(this.#ending);
    this.#ending = null;
  }
}
