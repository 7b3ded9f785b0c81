import { endOfTime } from '../time/event-time.ts';
import type { ArrivalClock } from './arrival-clock.ts';
import type { Upstream } from './query-node.ts';
import type { SourceRunner } from './source-runner.ts';

/** A source as queries over arrival see it: its rows come in the order of their times, and time goes on when none come. */
export class ArrivalInput implements Upstream {
  readonly idle = false;
  readonly #source: SourceRunner;
  readonly #clock: ArrivalClock;

  constructor(source: SourceRunner, clock: ArrivalClock) {
    this.#source = source;
    this.#clock = clock;
  }

  get name(): string {
    return this.#source.name;
  }

  get outputWatermark(): bigint | null {
    const { replayArrival, progress } = this.#source;
    if (replayArrival !== undefined) return replayArrival;
    return progress.ended ? endOfTime : this.#clock.micros;
  }

  /** When its newest row came in. */
  lastEventTime(): bigint | null {
    const last = Math.max(0, ...[...this.#source.progress.partitions.values()].map((partition) => partition.arrival));
    return last === 0 ? null : BigInt(last) * 1000n;
  }
}
