import type { Column } from '../batch.ts';
import { coldChannelCount, hotChannelCount } from './channels.ts';
import { type EventContext, type EventMaker, finishColumns } from './event-maker.ts';
import { firstId, newestAuction } from './event-numbers.ts';
import { drawPerson, hotStep, leadMax } from './hot-choice.ts';
import { drawPadding } from './letters.ts';
import { drawPrice } from './price.ts';
import { CodeColumn, LongColumn, TextColumn } from './row-columns.ts';

const auctionsInFlight = 100;
/** auction, bidder, price, date_time of 8 bytes each. */
const fixedBytes = 32;
const recordBytes = 100;
const extraBytesMax = 96;

/** Half of the bids go to the hot auction, three in four come from the hot bidder, half through one of four channels. */
export class BidMaker implements EventMaker {
  readonly #context: EventContext;
  readonly #wanted: ReadonlySet<string>;
  #auction: LongColumn | null = null;
  #bidder: LongColumn | null = null;
  #price: LongColumn | null = null;
  #time: LongColumn | null = null;
  #channel: CodeColumn | null = null;
  #url: CodeColumn | null = null;
  #extra: TextColumn | null = null;

  constructor(context: EventContext, wanted: ReadonlySet<string>) {
    this.#context = context;
    this.#wanted = wanted;
  }

  begin(rows: number): void {
    const long = (name: string): LongColumn | null => (this.#wanted.has(name) ? new LongColumn(rows) : null);
    const { channels } = this.#context;
    this.#auction = long('auction');
    this.#bidder = long('bidder');
    this.#price = long('price');
    this.#time = this.#wanted.has('date_time') ? new LongColumn(rows, 'timestamp') : null;
    this.#channel = this.#wanted.has('channel') ? new CodeColumn(rows, channels.names) : null;
    this.#url = this.#wanted.has('url') ? new CodeColumn(rows, channels.urls) : null;
    this.#extra = this.#wanted.has('extra') ? new TextColumn(rows, extraBytesMax) : null;
  }

  make(event: number, row: number): void {
    const { random, timeOf } = this.#context;
    const newest = newestAuction(event);
    const oldest = Math.max(newest - auctionsInFlight, 0);
    const auction = random.below(2) > 0 ? Math.floor(newest / hotStep) * hotStep : oldest + random.below(newest - oldest + 1 + leadMax);
    this.#auction?.set(row, auction + firstId);
    const bidder = drawPerson(random, event, 1);
    this.#bidder?.set(row, bidder + firstId);
    const price = drawPrice(random);
    this.#price?.set(row, price);
    const channel = random.below(2) > 0 ? random.below(hotChannelCount) : hotChannelCount + random.below(coldChannelCount);
    this.#channel?.set(row, channel);
    this.#url?.set(row, channel);
    this.#time?.set(row, timeOf(event) * 1000);
    const extra = this.#extra;
    const length = drawPadding(random, fixedBytes, recordBytes, extra === null ? null : extra.bytes, extra === null ? 0 : extra.at);
    extra?.add(row, length);
  }

  finish(): ReadonlyMap<string, Column> {
    return finishColumns({
      auction: this.#auction,
      bidder: this.#bidder,
      price: this.#price,
      channel: this.#channel,
      url: this.#url,
      date_time: this.#time,
      extra: this.#extra,
    });
  }
}
