import type { QueryNode } from '../lane/query-node.ts';
import type { EpochBegin } from './frame.ts';

/** Which epoch the lanes of a group are ending, and what each said when it began to. */
export class EpochAgreement {
  readonly #begins: Map<number, EpochBegin>[];
  /** Queries of this lane that are done with the epoch that is ending. */
  readonly settled = new Set<QueryNode>();
  /** Some lane has gone without ending an epoch. */
  left = false;
  /** In some epoch that is over every lane said that its sources are exhausted, or that it stops. */
  exhausted = false;
  stopping = false;

  constructor(lanes: number) {
    this.#begins = Array.from({ length: lanes }, () => new Map());
  }

  begun(lane: number, begin: EpochBegin): void {
    this.#begins[lane]?.set(begin.epoch, begin);
  }

  anyBegun(epoch: number): boolean {
    return this.#begins.some((begins) => begins.has(epoch));
  }

  allBegun(epoch: number): boolean {
    return this.#begins.every((begins) => begins.has(epoch));
  }

  /** Forgets the epoch. */
  released(epoch: number): void {
    const begins = this.#begins.map((each) => each.get(epoch));
    for (const each of this.#begins) each.delete(epoch);
    this.settled.clear();
    this.exhausted = begins.every((begin) => begin?.exhausted);
    this.stopping = begins.every((begin) => begin?.stopping);
  }
}
