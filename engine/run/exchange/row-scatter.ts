import type { Batch, Column, FixedColumn, StringColumn, Validity } from '../../../connectors/batch.ts';
import type { PackedRows } from './frame.ts';
import { lanesMax, type Places, RowPlaces, strideBits } from './row-places.ts';
import { RowBuffer, wordsOf } from './row-buffer.ts';
import { type ExchangeLayout, exchangeRowsMax } from './row-layout.ts';
import { StringMirror } from './string-mirror.ts';

export interface ScatterListener {
  /** A lane's rows are ready to be sent. */
  sealed(lane: number, packed: PackedRows): void;
  /** An unused buffer for rows to a lane. */
  buffer(): ArrayBuffer;
}

const valueBytesMax = 16;

/** Where a column's values are put by lane before they are copied to the lanes' buffers: one for all edges of a thread. */
class Stage {
  #buffer = new ArrayBuffer(0);
  bytes = new Uint8Array(0);
  pairs = new Uint16Array(0);
  words = new Uint32Array(0);
  longs = new BigInt64Array(0);

  reserve(lanes: number): void {
    const bytes = lanes * exchangeRowsMax * valueBytesMax;
    if (this.#buffer.byteLength >= bytes) return;
    this.#buffer = new ArrayBuffer(bytes);
    this.bytes = new Uint8Array(this.#buffer);
    this.pairs = new Uint16Array(this.#buffer);
    this.words = new Uint32Array(this.#buffer);
    this.longs = new BigInt64Array(this.#buffer);
  }
}

const stage = new Stage();

/**
 * Deals rows out to lanes. Each row has a place in the stretch of its lane; a column's values are put there in one pass, and each
 * lane's stretch is then copied to that lane's buffer at once.
 */
export class RowScatter {
  readonly #layout: ExchangeLayout;
  readonly #lanes: number;
  readonly #listener: ScatterListener;
  readonly #buffers: readonly RowBuffer[];
  readonly #mirrors: readonly (StringMirror | null)[];
  readonly #places: RowPlaces;

  constructor(layout: ExchangeLayout, lanes: number, listener: ScatterListener) {
    if (lanes > lanesMax) throw new RangeError(`${lanes} lanes are more than ${lanesMax}`);
    this.#layout = layout;
    this.#lanes = lanes;
    this.#listener = listener;
    this.#places = new RowPlaces(lanes);
    this.#mirrors = layout.columns.map(({ string }) => (string ? new StringMirror(lanes) : null));
    this.#buffers = Array.from({ length: lanes }, () => new RowBuffer(layout));
    stage.reserve(lanes);
  }

  /** Each row to the lane of its hash. Columns beyond the layout's are left out. */
  add(batch: Batch, hashes: Uint32Array): void {
    for (let start = 0; start < batch.rows; ) {
      for (const [lane, { rows }] of this.#buffers.entries()) this.#places.begin(lane, exchangeRowsMax - rows);
      const end = this.#places.byHash(hashes, start, batch.rows);
      this.#range(batch, start, end);
      start = end;
    }
  }

  /** Every row to one lane. */
  addTo(lane: number, batch: Batch): void {
    for (let start = 0; start < batch.rows; ) {
      for (let each = 0; each < this.#lanes; each++) this.#places.begin(each, 0);
      this.#places.begin(lane, exchangeRowsMax - (this.#buffers[lane] as RowBuffer).rows);
      const end = this.#places.inLane(lane, start, batch.rows);
      this.#range(batch, start, end);
      start = end;
    }
  }

  /** Sends what is there. */
  flush(): void {
    for (const [lane, buffer] of this.#buffers.entries()) if (buffer.open && buffer.rows > 0) this.#seal(lane, buffer);
  }

  #seal(lane: number, buffer: RowBuffer): void {
    this.#listener.sealed(lane, buffer.seal(this.#mirrors.map((mirror) => mirror?.delta(lane) ?? null)));
  }

  /** Rows that all have room in the buffers. */
  #range(batch: Batch, start: number, end: number): void {
    const places = this.#places;
    for (const [lane, buffer] of this.#buffers.entries()) {
      if (places.count(lane) > 0 && !buffer.open) buffer.begin(this.#listener.buffer());
    }
    for (let column = 0; column < this.#layout.columns.length; column++) this.#column(column, batch.columns[column] as Column, start, end);
    if (batch.weights !== undefined) this.#weights(batch.weights, start, end);
    for (const [lane, buffer] of this.#buffers.entries()) {
      const count = places.count(lane);
      if (count === 0) continue;
      if (buffer.weighted && batch.weights === undefined) buffer.weights.fill(1, buffer.rows, buffer.rows + count);
      buffer.rows += count;
      if (buffer.rows === exchangeRowsMax) this.#seal(lane, buffer);
    }
  }

  #column(index: number, column: Column, start: number, end: number): void {
    if (column.kind === 'string') this.#strings(index, column, start, end);
    else if (column.kind === 'fixed') this.#values(index, column, start, end);
    if (column.validity !== null) this.#nulls(index, column.validity, start, end);
  }

  #values(index: number, { data }: FixedColumn, start: number, end: number): void {
    const { width } = this.#layout.columns[index] as { width: number };
    const places = this.#places.places;
    const from = wordsOf(width, data.buffer, data.byteOffset, end);
    if (width === 1) putBytes(from as Uint8Array, stage.bytes, places, start, end);
    else if (width === 2) putPairs(from as Uint16Array, stage.pairs, places, start, end);
    else if (width === 4) putWords(from as Uint32Array, stage.words, places, start, end);
    else if (width === 8) putLongs(from as BigInt64Array, stage.longs, places, start, end);
    else putDoubleLongs(from as BigInt64Array, stage.longs, places, start, end);
    this.#unstage(index, width);
  }

  /** From the lanes' stretches of the stage to the end of their buffers. */
  #unstage(index: number, width: number): void {
    const each = width === 16 ? 2 : 1;
    const staged = width === 1 ? stage.bytes : width === 2 ? stage.pairs : width === 4 ? stage.words : stage.longs;
    for (let lane = 0; lane < this.#lanes; lane++) {
      const count = this.#places.count(lane);
      if (count === 0) continue;
      const from = (lane << strideBits) * each;
      (this.#buffers[lane] as RowBuffer).put(index, staged.subarray(from, from + count * each), each);
    }
  }

  #strings(index: number, { codes, dictionary, validity }: StringColumn, start: number, end: number): void {
    const mirror = this.#mirrors[index] as StringMirror;
    const places = this.#places.places;
    const to = stage.words;
    let table = mirror.table(dictionary);
    for (let row = start; row < end; ) {
      row =
        validity === null
          ? putCodes(codes, table, this.#lanes, to, places, row, end)
          : putValidCodes(codes, validity, table, this.#lanes, to, places, row, end);
      if (row === end) break;
      mirror.add((places[row] as number) >>> strideBits, dictionary, codes[row] as number);
      table = mirror.table(dictionary);
    }
    this.#unstage(index, 4);
  }

  #nulls(index: number, validity: Uint8Array, start: number, end: number): void {
    const places = this.#places.places;
    for (let row = start; row < end; row++) {
      const bits = validity[row >> 3] as number;
      if (bits === 255) row |= 7;
      else if ((bits & (1 << (row & 7))) === 0) {
        const place = places[row] as number;
        const buffer = this.#buffers[place >>> strideBits] as RowBuffer;
        buffer.setNull(index, buffer.rows + (place & (exchangeRowsMax - 1)));
      }
    }
  }

  #weights(weights: Int32Array, start: number, end: number): void {
    putWords(new Uint32Array(weights.buffer, weights.byteOffset, end), stage.words, this.#places.places, start, end);
    for (const [lane, buffer] of this.#buffers.entries()) {
      const count = this.#places.count(lane);
      if (count === 0) continue;
      buffer.beginWeights();
      const from = lane << strideBits;
      buffer.weights.set(stage.words.subarray(from, from + count), buffer.rows);
    }
  }
}

/*
 * One function for each width, so that each sees one kind of array only. Values are copied as integers: copying them as doubles could
 * change the bits of a NaN.
 */

function putBytes(from: Uint8Array, to: Uint8Array, places: Places, start: number, end: number): void {
  for (let row = start; row < end; row++) to[places[row] as number] = from[row] as number;
}

function putPairs(from: Uint16Array, to: Uint16Array, places: Places, start: number, end: number): void {
  for (let row = start; row < end; row++) to[places[row] as number] = from[row] as number;
}

function putWords(from: Uint32Array, to: Uint32Array, places: Places, start: number, end: number): void {
  for (let row = start; row < end; row++) to[places[row] as number] = from[row] as number;
}

function putLongs(from: BigInt64Array, to: BigInt64Array, places: Places, start: number, end: number): void {
  for (let row = start; row < end; row++) to[places[row] as number] = from[row] as bigint;
}

function putDoubleLongs(from: BigInt64Array, to: BigInt64Array, places: Places, start: number, end: number): void {
  for (let row = start; row < end; row++) {
    const at = (places[row] as number) << 1;
    to[at] = from[row << 1] as bigint;
    to[at + 1] = from[(row << 1) + 1] as bigint;
  }
}

/** Returns the first row whose string its lane does not have yet. */
function putCodes(
  codes: Uint32Array,
  table: Uint32Array,
  lanes: number,
  to: Uint32Array,
  places: Places,
  start: number,
  end: number,
): number {
  for (let row = start; row < end; row++) {
    const place = places[row] as number;
    const there = table[Math.imul(codes[row] as number, lanes) + (place >>> strideBits)] as number;
    if (there === 0) return row;
    to[place] = there - 1;
  }
  return end;
}

function putValidCodes(
  codes: Uint32Array,
  validity: Exclude<Validity, null>,
  table: Uint32Array,
  lanes: number,
  to: Uint32Array,
  places: Places,
  start: number,
  end: number,
): number {
  for (let row = start; row < end; row++) {
    const place = places[row] as number;
    if (((validity[row >> 3] as number) & (1 << (row & 7))) === 0) {
      to[place] = 0;
      continue;
    }
    const there = table[Math.imul(codes[row] as number, lanes) + (place >>> strideBits)] as number;
    if (there === 0) return row;
    to[place] = there - 1;
  }
  return end;
}
