import type { Waiting } from '../../connector.ts';

/** A partition as its reader knows it. */
export class Partition {
  readonly number: number;
  readonly name: string;
  /** Next offset to fetch: what is before has been fetched. */
  offset: number;
  /** Where reading began, and rows of the record there that were read before: 0 but for records of many rows. */
  startOffset: number;
  startRow: number;
  /** Epoch of the leader that wrote the record before `offset`; -1: not known. */
  lastEpoch = -1;
  leader = -1;
  leaderEpoch = -1;
  /** Reading stops here; null: never. */
  end: number | null = null;
  ended = false;
  /** Offsets at which a batch of rows ends, ascending. */
  cuts: readonly number[] = [];
  /** The broker said that it is not the leader, or something alike: metadata is to be asked first. */
  stale = false;
  /** Milliseconds since 1970 before which it is not asked for. */
  waitsUntil = 0;
  failures = 0;
  /** Since when (ms since 1970) it cannot be fetched, and why. */
  lost: Waiting | null = null;
  /** Answers to older requests are dropped: raised when reading starts elsewhere. */
  generation = 0;
  asked = false;
  /** Base offset of the batch whose checksum was wrong when it was fetched for the first time; -1: none. */
  suspect = -1;
  /** Where the rows given out so far end, and rows of the record there that are out. */
  readTo: number;
  readRow: number;
  /** Made while reading: it is read from its beginning, wherever that is. */
  fresh = false;
  /** The generation whose end stands in the queue; -1: none. */
  endQueued = -1;

  constructor(number: number, offset: number, row: number) {
    this.number = number;
    this.name = String(number);
    this.offset = offset;
    this.startOffset = offset;
    this.startRow = row;
    this.readTo = offset;
    this.readRow = row;
  }

  /** The next offset at which a batch ends; infinity: any will do. */
  get cut(): number {
    return this.cuts.find((offset) => offset > this.readTo) ?? Number.POSITIVE_INFINITY;
  }

  /** Goes on elsewhere: what was fetched and not read yet is dropped. */
  moveTo(offset: number): void {
    this.generation++;
    this.offset = offset;
    this.startRow = 0;
    this.readTo = offset;
    this.readRow = 0;
    this.lastEpoch = -1;
    this.waitsUntil = 0;
  }
}
