import { transferables } from '../batch/transfer.ts';
import type { EpochBegin, Frame, Item, SourceMark } from './frame.ts';

/** Rows (bytes) that are on their way to one lane, or wait there: beyond this the sender takes no more rows from its sources. */
export const inFlightBytesMax = 4 << 20;

/** What goes to one lane, and how much of it that lane has not dealt with. */
export class Peer {
  readonly lane: number;
  readonly #post: (frame: Frame, transfer: readonly ArrayBuffer[]) => void;
  #items: Item[] = [];
  #sources: SourceMark[] = [];
  #begin: EpochBegin | null = null;
  #failed: { query: string; message: string }[] = [];
  #left = false;
  #taken = 0;
  #buffers: { edge: number; buffer: ArrayBuffer }[] = [];
  #inFlight = 0;

  constructor(lane: number, post: (frame: Frame, transfer: readonly ArrayBuffer[]) => void) {
    this.lane = lane;
    this.#post = post;
  }

  get full(): boolean {
    return this.#inFlight >= inFlightBytesMax;
  }

  add(item: Item): void {
    this.#items.push(item);
    this.#inFlight += itemBytes(item);
  }

  tell(mark: SourceMark): void {
    this.#sources.push(mark);
  }

  begin(begin: EpochBegin): void {
    this.#begin = begin;
    this.post();
  }

  fail(query: string, message: string): void {
    this.#failed.push({ query, message });
  }

  leave(): void {
    this.#left = true;
    this.post();
  }

  /** The lane's rows are dealt with; a buffer is given back to it. */
  took(item: Item): void {
    this.#taken += itemBytes(item);
    if (item.kind === 'rows') this.#buffers.push({ edge: item.edge, buffer: item.packed.buffer });
  }

  /** That lane has dealt with so much. */
  acknowledged(bytes: number): void {
    this.#inFlight -= bytes;
  }

  /** Sends what there is to send. */
  post(): void {
    if (this.#items.length + this.#sources.length + this.#failed.length + this.#taken === 0 && this.#begin === null && !this.#left) return;
    const frame: Frame = {
      items: this.#items,
      sources: this.#sources,
      begin: this.#begin,
      failed: this.#failed,
      left: this.#left,
      taken: this.#taken,
      buffers: this.#buffers,
    };
    const transfer = new Set(this.#buffers.map(({ buffer }) => buffer));
    for (const item of this.#items) {
      if (item.kind === 'rows') transfer.add(item.packed.buffer);
      else if (item.kind === 'batch') transferables(item.batch, transfer);
    }
    this.#items = [];
    this.#sources = [];
    this.#begin = null;
    this.#failed = [];
    this.#taken = 0;
    this.#buffers = [];
    this.#post(frame, [...transfer]);
  }
}

export function itemBytes(item: Item): number {
  if (item.kind === 'rows') return item.packed.buffer.byteLength;
  return item.kind === 'batch' ? item.bytes : 0;
}
