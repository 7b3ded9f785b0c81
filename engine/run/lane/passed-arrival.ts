import { endOfTime } from '../time/event-time.ts';
import { latest } from '../time/extremes.ts';
import { jointWatermark } from '../time/joint-watermark.ts';
import type { QueryNode, Upstream } from './query-node.ts';

/** A view that follows event time as queries over arrival see it: its rows come out with the rows that made them, and arrive as those do. */
export class PassedArrival implements Upstream {
  readonly idle = false;
  readonly #view: QueryNode;

  constructor(view: QueryNode) {
    this.#view = view;
  }

  get name(): string {
    return this.#view.name;
  }

  get outputWatermark(): bigint | null {
    return this.#view.ended ? endOfTime : jointWatermark(this.#inputs);
  }

  lastEventTime(): bigint | null {
    return latest(this.#inputs.map((input) => input.lastEventTime()));
  }

  get #inputs(): Upstream[] {
    return this.#view.upstreams.map((upstream) => upstream.byArrival ?? upstream);
  }
}
