import type { Column } from '../batch.ts';
import { type EventContext, type EventMaker, finishColumns } from './event-maker.ts';
import { auctionsPerRound, eventsPerRound, firstId, newestAuction } from './event-numbers.ts';
import { drawPerson } from './hot-choice.ts';
import { drawPadding, drawText } from './letters.ts';
import { drawPrice } from './price.ts';
import { LongColumn, TextColumn } from './row-columns.ts';

const firstCategory = 10;
const categories = 5;
const auctionsInFlight = 100;
/** An auction lasts as long as this many further events at most twice over. */
const horizonEvents = Math.floor((auctionsInFlight * eventsPerRound) / auctionsPerRound);
const nameLengthMax = 20;
const descriptionLengthMax = 100;
/** Six numbers and times of 8 bytes each. */
const fixedBytes = 48;
const recordBytes = 500;
const extraBytesMax = 600;
const space = 32;

/** Three in four auctions are the hot seller's. */
export class AuctionMaker implements EventMaker {
  readonly #context: EventContext;
  readonly #wanted: ReadonlySet<string>;
  readonly #unseen = new Uint8Array(descriptionLengthMax);
  #longs = new Map<string, LongColumn>();
  #name: TextColumn | null = null;
  #description: TextColumn | null = null;
  #extra: TextColumn | null = null;

  constructor(context: EventContext, wanted: ReadonlySet<string>) {
    this.#context = context;
    this.#wanted = wanted;
  }

  begin(rows: number): void {
    this.#longs = new Map();
    for (const name of ['id', 'initial_bid', 'reserve', 'seller', 'category'])
      if (this.#wanted.has(name)) this.#longs.set(name, new LongColumn(rows));
    for (const name of ['date_time', 'expires']) if (this.#wanted.has(name)) this.#longs.set(name, new LongColumn(rows, 'timestamp'));
    const text = (name: string, bytesMax: number): TextColumn | null => (this.#wanted.has(name) ? new TextColumn(rows, bytesMax) : null);
    this.#name = text('item_name', nameLengthMax);
    this.#description = text('description', descriptionLengthMax);
    this.#extra = text('extra', extraBytesMax);
  }

  make(event: number, row: number): void {
    const { random, timeOf } = this.#context;
    const time = timeOf(event);
    this.#longs.get('id')?.set(row, newestAuction(event) + firstId);
    // Drawn before it is known whether anybody wants it: `?.` would leave its argument out.
    const seller = drawPerson(random, event, 0) + firstId;
    this.#longs.get('seller')?.set(row, seller);
    this.#longs.get('date_time')?.set(row, time * 1000);
    const category = firstCategory + random.below(categories);
    this.#longs.get('category')?.set(row, category);
    const initial = drawPrice(random);
    this.#longs.get('initial_bid')?.set(row, initial);
    const horizon = timeOf(event + horizonEvents) - time;
    const expires = time + 1 + random.below(Math.max(horizon * 2, 1));
    this.#longs.get('expires')?.set(row, expires * 1000);
    const nameBytes = this.#text(this.#name, nameLengthMax, row);
    const descriptionBytes = this.#text(this.#description, descriptionLengthMax, row);
    const reserve = initial + drawPrice(random);
    this.#longs.get('reserve')?.set(row, reserve);
    const extra = this.#extra;
    const current = fixedBytes + nameBytes + descriptionBytes;
    const length = drawPadding(random, current, recordBytes, extra === null ? null : extra.bytes, extra === null ? 0 : extra.at);
    extra?.add(row, length);
  }

  #text(column: TextColumn | null, lengthMax: number, row: number): number {
    const { random } = this.#context;
    if (column === null) return drawText(random, lengthMax, space, this.#unseen, 0);
    const length = drawText(random, lengthMax, space, column.bytes, column.at);
    column.add(row, length);
    return length;
  }

  finish(): ReadonlyMap<string, Column> {
    return finishColumns({
      ...Object.fromEntries(this.#longs),
      item_name: this.#name,
      description: this.#description,
      extra: this.#extra,
    });
  }
}
