import { batchRowsMax } from '../../../connectors/batch.ts';
import { laneOf } from './key-hash.ts';
import { exchangeRowsMax } from './row-layout.ts';

/** A lane's stretch of places begins at its number shifted by this. */
export const strideBits = Math.log2(exchangeRowsMax);
/** Lanes of a group at most: places and codes by lane stay within 31 bits. */
export const lanesMax = 256;

/** Rows that all lanes have room for, from which on it pays not to look at the room row by row. */
const uncheckedRowsMin = 128;

export type Places = Int32Array;

/** Where each row of a batch goes: the lane, and how many rows of the batch go there before it. */
export class RowPlaces {
  /** By row: the lane's stretch plus the row's place in it. */
  readonly places: Places = new Int32Array(batchRowsMax);
  readonly #lanes: number;
  readonly #next: Int32Array;
  readonly #limits: Int32Array;

  constructor(lanes: number) {
    this.#lanes = lanes;
    this.#next = new Int32Array(lanes);
    this.#limits = new Int32Array(lanes);
  }

  /** The lane takes so many rows now. */
  begin(lane: number, room: number): void {
    this.#next[lane] = lane << strideBits;
    this.#limits[lane] = (lane << strideBits) + room;
  }

  /** Rows that have a place in the lane's stretch. */
  count(lane: number): number {
    return (this.#next[lane] as number) - (lane << strideBits);
  }

  /** Gives rows places until some lane has no room; returns the row after the last. */
  byHash(hashes: Uint32Array, start: number, end: number): number {
    let row = start;
    for (let safe = this.#roomMin(); row < end && safe >= uncheckedRowsMin; safe = this.#roomMin()) {
      const next = Math.min(end, row + safe);
      place(hashes, this.places, this.#next, this.#lanes, row, next);
      row = next;
    }
    return row === end ? end : placeChecked(hashes, this.places, this.#next, this.#limits, this.#lanes, row, end);
  }

  #roomMin(): number {
    let least = exchangeRowsMax;
    for (let lane = 0; lane < this.#lanes; lane++) least = Math.min(least, (this.#limits[lane] as number) - (this.#next[lane] as number));
    return least;
  }

  inLane(lane: number, start: number, end: number): number {
    const first = this.#next[lane] as number;
    const last = Math.min(end, start + (this.#limits[lane] as number) - first);
    for (let row = start; row < last; row++) this.places[row] = first + row - start;
    this.#next[lane] = first + last - start;
    return last;
  }
}

function place(hashes: Uint32Array, places: Places, next: Int32Array, lanes: number, start: number, end: number): void {
  for (let row = start; row < end; row++) {
    const lane = laneOf(hashes[row] as number, lanes);
    const at = next[lane] as number;
    places[row] = at;
    next[lane] = at + 1;
  }
}

function placeChecked(
  hashes: Uint32Array,
  places: Places,
  next: Int32Array,
  limits: Int32Array,
  lanes: number,
  start: number,
  end: number,
): number {
  for (let row = start; row < end; row++) {
    const lane = laneOf(hashes[row] as number, lanes);
    const at = next[lane] as number;
    if (at === limits[lane]) return row;
    places[row] = at;
    next[lane] = at + 1;
  }
  return end;
}
