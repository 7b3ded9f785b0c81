import type { Column } from '../batch.ts';
import {
  ConnectorError,
  type Idle,
  type OpenContext,
  type PartitionEnd,
  type Polled,
  type Position,
  type SourceReader,
} from '../connector.ts';
import { eventsPerRound } from './event-numbers.ts';
import { EventSequence, type Mark } from './event-sequence.ts';
import type { Settings } from './settings.ts';

/** Events of a stretch: as many rounds as give a batch of bids. Dealt as one, so that a batch needs no event of another partition. */
export const stretchEvents = 178 * eventsPerRound;

/** `event` comes next; the random words up to event `known` have been drawn, and `a` to `d` is what follows them. */
type NexmarkPosition = {
  readonly event: number;
  readonly known: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly seed: number;
  readonly partitions: number;
};

interface Partition {
  readonly name: string;
  event: number;
  mark: Mark;
  ended: boolean;
}

export class NexmarkReader implements SourceReader {
  readonly partitions: readonly string[];
  readonly #context: OpenContext;
  readonly #settings: Settings;
  readonly #sequence: EventSequence;
  readonly #states: readonly Partition[];
  /** By event at which a stretch begins: what whoever made the stretch before it left behind. */
  readonly #marks = new Map<number, Mark>();
  #turn = 0;
  #closed = false;

  constructor(context: OpenContext, settings: Settings) {
    this.#context = context;
    this.#settings = settings;
    this.#sequence = new EventSequence(settings, new Set(context.needed.map((index) => context.columns[index]!.name.toLowerCase())));
    const own = Array.from({ length: settings.partitions }, (_, index) => index).filter(
      (index) => context.owns?.(String(index), index) ?? true,
    );
    this.#states = own.map((index) => {
      const name = String(index);
      const position = context.positions.get(name);
      if (position !== undefined) return { name, ...this.#resume(position as NexmarkPosition), ended: false };
      return { name, event: index * stretchEvents, mark: this.#sequence.beginning, ended: false };
    });
    this.partitions = this.#states.map((state) => state.name);
  }

  async poll(): Promise<Polled | Idle | PartitionEnd> {
    for (let tried = 0; tried < this.#states.length && !this.#closed; tried++) {
      const state = this.#states[this.#turn] as Partition;
      this.#turn = (this.#turn + 1) % this.#states.length;
      if (state.ended) continue;
      const polled = this.#read(state);
      if (polled !== null) return polled;
      state.ended = true;
      return { end: state.name };
    }
    return { idle: true };
  }

  async acknowledge(): Promise<void> {}

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** Rows of the partition's next stretch; null when the limit leaves it none. */
  #read(state: Partition): Polled | null {
    while (state.event < this.#settings.events) {
      const from = this.#position(state);
      const begin = state.event;
      const stretchEnd = (Math.floor(begin / stretchEvents) + 1) * stretchEvents;
      const made = this.#sequence.make(this.#markAt(state), Math.min(stretchEnd, this.#settings.events));
      state.mark = made.mark;
      state.event = stretchEnd + (this.#settings.partitions - 1) * stretchEvents;
      if (this.#settings.partitions > 1) this.#remember(made.mark);
      if (made.rows === 0) continue;
      const batch = { rows: made.rows, columns: this.#columns(made.columns) };
      return { partition: state.name, batch, from, to: this.#position(state), rejected: [] };
    }
    return null;
  }

  #columns(made: ReadonlyMap<string, Column>): Column[] {
    return this.#context.needed.map((index) => made.get(this.#context.columns[index]!.name.toLowerCase()) as Column);
  }

  /** The nearest mark before the partition's next event, brought up to it. */
  #markAt({ event, mark }: Partition): Mark {
    let nearest = mark;
    for (const [at, other] of this.#marks) if (at <= event && at > nearest.event) nearest = other;
    return nearest.event === event ? nearest : this.#sequence.pass(nearest, event);
  }

  #remember(mark: Mark): void {
    const slowest = Math.min(...this.#states.filter((state) => !state.ended).map((state) => state.event));
    for (const at of this.#marks.keys()) if (at < slowest - stretchEvents * this.#settings.partitions) this.#marks.delete(at);
    this.#marks.set(mark.event, mark);
  }

  #position({ event, mark }: Partition): Position {
    const { seed, partitions } = this.#settings;
    return { event, known: mark.event, ...mark.state, seed, partitions };
  }

  #resume({ event, known, a, b, c, d, seed, partitions }: NexmarkPosition): { event: number; mark: Mark } {
    this.#unchanged('seed', seed);
    this.#unchanged('partitions', partitions);
    return { event, mark: { event: known, state: { a, b, c, d } } };
  }

  #unchanged(option: 'seed' | 'partitions', before: number): void {
    if (this.#settings[option] === before) return;
    const message = `it was read with ${option} = ${before} and cannot go on with ${option} = ${this.#settings[option]}`;
    throw new ConnectorError(this.#context.source, message, 'set the option back, or begin with another data folder');
  }
}
