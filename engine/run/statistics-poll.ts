import type { Store, StoreStatistics } from '../store/store.ts';
import type { Timing } from './time/timing.ts';

const everyMs = 1_000;

/** What the store said last of itself, asked once a second. */
export class StatisticsPoll {
  readonly #store: Pick<Store, 'statistics'>;
  readonly #timing: Timing;
  #latest: StoreStatistics;
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(store: Pick<Store, 'statistics'>, timing: Timing, first: StoreStatistics) {
    this.#store = store;
    this.#timing = timing;
    this.#latest = first;
  }

  get latest(): StoreStatistics {
    return this.#latest;
  }

  /** Until `stop`, or until the store does not answer any more. */
  start(): void {
    this.#cancel = this.#timing.after(everyMs, () => {
      this.#store.statistics().then(
        (statistics) => {
          this.#latest = statistics;
          if (!this.#stopped) this.start();
        },
        () => undefined,
      );
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** Asks once more, where there is still an answer. */
  async refresh(): Promise<void> {
    this.#latest = await this.#store.statistics().catch(() => this.#latest);
  }
}
