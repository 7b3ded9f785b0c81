import { LaneOwner, type LaneOwnerParts } from './lane-owner.ts';

/** The lanes that this process runs, and those that it has not let go yet. */
export class LaneOwners {
  readonly #parts: LaneOwnerParts;
  readonly #owners = new Map<number, LaneOwner>();
  readonly #leaving = new Map<number, Promise<void>>();
  #share: ReadonlySet<number> = new Set();
  #moves = 0;
  #closed = false;

  constructor(parts: LaneOwnerParts) {
    this.#parts = parts;
  }

  /** Lanes that came or went since the start. */
  get moves(): number {
    return this.#moves;
  }

  get running(): readonly LaneOwner[] {
    return [...this.#owners.values()].sort((a, b) => a.lane - b.lane);
  }

  held(): readonly number[] {
    return [...new Set([...this.#owners.keys(), ...this.#leaving.keys()])].sort((a, b) => a - b);
  }

  /** Starts what is new, and resolves when the others have committed and are let go. */
  async assigned(lanes: readonly number[]): Promise<void> {
    const share = new Set(this.#closed ? [] : lanes);
    this.#share = share;
    for (const lane of [...this.#owners.keys()]) if (!share.has(lane)) this.#leave(lane, (owner) => owner.stop());
    const left = [...this.#leaving.values()];
    for (const lane of share) if (!this.#owners.has(lane)) void this.#take(lane);
    await Promise.all(left);
  }

  /** Lets everything go at once: others have it. */
  lost(): void {
    this.#share = new Set();
    for (const lane of [...this.#owners.keys()]) this.#leave(lane, (owner) => owner.drop());
  }

  /** Commits what was read, and lets everything go. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.assigned([]);
  }

  async #take(lane: number): Promise<void> {
    const before = this.#leaving.get(lane);
    if (before !== undefined) {
      // It comes back before it has quite gone.
      await before;
      if (!this.#share.has(lane) || this.#owners.has(lane) || this.#leaving.has(lane)) return;
    }
    this.#moves++;
    this.#owners.set(lane, new LaneOwner(lane, this.#parts));
  }

  #leave(lane: number, how: (owner: LaneOwner) => Promise<void>): void {
    const owner = this.#owners.get(lane) as LaneOwner;
    this.#owners.delete(lane);
    this.#moves++;
    const going = how(owner).finally(() => {
      if (this.#leaving.get(lane) === going) this.#leaving.delete(lane);
    });
    this.#leaving.set(lane, going);
  }
}
