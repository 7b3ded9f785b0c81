import type { WireCommit } from './commit-wire.ts';

interface Waiting {
  readonly commit: WireCommit;
  readonly rows: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The one place that writes: epochs that wait are committed together, and between two transactions tasks (a new segment, the end of a
 * move) run alone.
 */
export class Writer {
  readonly #commit: (commits: readonly WireCommit[]) => Promise<void>;
  readonly #rowsMax: number;
  readonly #commits: Waiting[] = [];
  readonly #tasks: (() => Promise<void>)[] = [];
  #running: Promise<void> | null = null;
  /** By lane: why its last epoch could not be committed. */
  readonly #failures = new Map<number, unknown>();

  constructor(commit: (commits: readonly WireCommit[]) => Promise<void>, rowsMax: number) {
    this.#commit = commit;
    this.#rowsMax = rowsMax;
  }

  commit(commit: WireCommit): Promise<void> {
    const rows = commit.appends.reduce((sum, append) => sum + append.rows, 0);
    return new Promise((resolve, reject) => {
      this.#commits.push({ commit, rows, resolve, reject });
      this.#start();
    });
  }

  alone<Result>(task: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#tasks.push(() => task().then(resolve, reject));
      this.#start();
    });
  }

  /** Resolves when nothing waits any longer. */
  async drained(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  #start(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    await null;
    while (this.#tasks.length > 0 || this.#commits.length > 0) {
      await this.#tasks.shift()?.();
      const group = this.#takeGroup();
      if (group.length > 0) await this.#commitGroup(group);
    }
    // In the same turn as the check above, so that whoever comes next starts anew.
    this.#running = null;
  }

  #takeGroup(): Waiting[] {
    let rows = 0;
    let count = 0;
    while (count < this.#commits.length && (count === 0 || rows + (this.#commits[count] as Waiting).rows <= this.#rowsMax)) {
      rows += (this.#commits[count] as Waiting).rows;
      count++;
    }
    return this.#commits.splice(0, count);
  }

  /**
   * When a group fails, its epochs are tried one by one, so that one bad epoch fails no other lane's. Nothing of a lane is committed
   * after an epoch that was not: its rows would be missing in the middle.
   */
  async #commitGroup(waiting: readonly Waiting[]): Promise<void> {
    const group = waiting.filter((each) => !this.#failures.has(each.commit.lane));
    for (const each of waiting) if (this.#failures.has(each.commit.lane)) each.reject(this.#failures.get(each.commit.lane));
    if (group.length === 0) return;
    try {
      await this.#commit(group.map((waiting) => waiting.commit));
      for (const each of group) each.resolve();
    } catch (error) {
      const [first] = group;
      if (group.length === 1 && first !== undefined) {
        this.#failures.set(first.commit.lane, error);
        first.reject(error);
      } else for (const each of group) await this.#commitGroup([each]);
    }
  }
}
