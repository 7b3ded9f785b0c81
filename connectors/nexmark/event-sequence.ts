import type { Column } from '../batch.ts';
import { AuctionMaker } from './auction-maker.ts';
import { BidMaker } from './bid-maker.ts';
import { type Channels, drawChannels } from './channels.ts';
import { placesOf } from './disorder.ts';
import type { EventMaker } from './event-maker.ts';
import { type EventName, eventKind, rowsBetween } from './event-numbers.ts';
import { PersonMaker } from './person-maker.ts';
import { NexmarkRandom, type RandomState } from './random.ts';
import type { Settings } from './settings.ts';

const makers = { person: PersonMaker, auction: AuctionMaker, bid: BidMaker };

/** The random words up to an event are drawn. */
export interface Mark {
  readonly event: number;
  readonly state: RandomState;
}

/** All events in order of number; those of one kind can be made into rows, the others are passed over. */
export class EventSequence {
  /** Before the first event. */
  readonly beginning: Mark;
  readonly #settings: Settings;
  readonly #random: NexmarkRandom;
  readonly #channels: Channels;
  readonly #wanted: EventMaker;
  readonly #unseen: Readonly<Record<EventName, EventMaker>>;

  constructor(settings: Settings, wanted: ReadonlySet<string>) {
    this.#settings = settings;
    this.#random = NexmarkRandom.fromSeed(settings.seed);
    this.#channels = drawChannels(this.#random);
    this.beginning = { event: 0, state: this.#random.state };
    const context = { random: this.#random, channels: this.#channels, timeOf: this.timeOf };
    const nothing: ReadonlySet<string> = new Set();
    this.#wanted = new makers[settings.event](context, wanted);
    this.#unseen = {
      person: new PersonMaker(context, nothing),
      auction: new AuctionMaker(context, nothing),
      bid: new BidMaker(context, nothing),
    };
  }

  /** Milliseconds since 1970. */
  readonly timeOf = (event: number): number => this.#settings.baseMs + Math.floor((event * 1000) / this.#settings.rate);

  /** Passes over the events up to `to`. */
  pass(mark: Mark, to: number): Mark {
    this.#random.restore(mark.state);
    for (let event = mark.event; event < to; event++) this.#unseen[eventKind(event)].make(event, 0);
    return { event: to, state: this.#random.state };
  }

  /** Rows of the wanted kind among the events up to `to`. */
  make(mark: Mark, to: number): { rows: number; columns: ReadonlyMap<string, Column>; mark: Mark } {
    const kind = this.#settings.event;
    const rows = rowsBetween(kind, mark.event, to);
    const places = this.#settings.disorderMs === 0 ? null : this.#places(mark.event, to);
    this.#random.restore(mark.state);
    this.#wanted.begin(rows);
    let row = 0;
    for (let event = mark.event; event < to; event++) {
      const found = eventKind(event);
      if (found !== kind) this.#unseen[found].make(event, 0);
      else {
        this.#wanted.make(event, places === null ? row : (places[row] as number));
        row++;
      }
    }
    return { rows, columns: this.#wanted.finish(), mark: { event: to, state: this.#random.state } };
  }

  #places(from: number, to: number): Uint32Array {
    const events: number[] = [];
    for (let event = from; event < to; event++) if (eventKind(event) === this.#settings.event) events.push(event);
    return placesOf(events, this.timeOf, this.#settings.seed, this.#settings.disorderMs);
  }
}
