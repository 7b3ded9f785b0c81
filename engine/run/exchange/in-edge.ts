import type { Batch } from '../../../connectors/batch.ts';
import { decodeBatch } from '../batch/transfer.ts';
import type { EdgeSetup } from '../lane/protocol.ts';
import { earliest, latest } from '../time/extremes.ts';
import type { Item } from './frame.ts';
import { type ExchangeLayout, exchangeLayout } from './row-layout.ts';
import { RowMirror } from './row-mirror.ts';

/** One lane's rows for a fragment here, and how far they have come. */
class Sender {
  readonly queue: Item[] = [];
  readonly mirror: RowMirror | null;
  outputWatermark: bigint | null = null;
  last: bigint | null = null;

  constructor(layout: ExchangeLayout | null) {
    this.mirror = layout === null ? null : new RowMirror(layout);
  }

  /** The epoch whose barrier is next, when it is. */
  get barrier(): number | null {
    const head = this.queue[0];
    return head?.kind === 'barrier' ? head.epoch : null;
  }
}

/** What all lanes send to a fragment in this one: an input like a source, with a partition for each lane. */
export class InEdge {
  readonly name: string;
  readonly setup: EdgeSetup;
  readonly #senders: readonly Sender[];

  constructor(setup: EdgeSetup, lanes: number) {
    this.setup = setup;
    this.name = setup.name;
    const layout = exchangeLayout(setup.columns);
    this.#senders = Array.from({ length: lanes }, () => new Sender(layout));
  }

  receive(lane: number, item: Item): void {
    this.#senders[lane]?.queue.push(item);
  }

  /** Deals with all that lies before the next barriers. `rows` must be done with the batch when it returns. */
  drain(rows: (batch: Batch) => void, done: (lane: number, item: Item) => void): boolean {
    let worked = false;
    for (const [lane, sender] of this.#senders.entries()) {
      for (let item = sender.queue[0]; item !== undefined && item.kind !== 'barrier'; item = sender.queue[0]) {
        sender.queue.shift();
        worked = true;
        if (item.kind === 'mark') {
          sender.outputWatermark = item.watermark;
          sender.last = item.last;
          continue;
        }
        rows(item.kind === 'rows' ? (sender.mirror as RowMirror).read(item.packed) : decodeBatch(item.batch));
        done(lane, item);
      }
    }
    return worked;
  }

  /** Something is there that can be dealt with. */
  get waiting(): boolean {
    return this.#senders.some(({ queue, barrier }) => queue.length > 0 && barrier === null);
  }

  /** Every lane has sent what belongs to the epoch, and it is dealt with. */
  aligned(epoch: number): boolean {
    return this.#senders.every((sender) => sender.barrier === epoch);
  }

  release(): void {
    for (const sender of this.#senders) sender.queue.shift();
  }

  /** The least of all lanes': those whose sources are idle follow the others. */
  get outputWatermark(): bigint | null {
    const watermarks = this.#senders.map((sender) => sender.outputWatermark);
    return watermarks.includes(null) ? null : earliest(watermarks);
  }

  /** Whether nothing comes is known of sources only. */
  get idle(): boolean {
    return false;
  }

  lastEventTime(): bigint | null {
    return latest(this.#senders.map((sender) => sender.last));
  }
}
