import duckdb from '@duckdb/node-bindings';
import { batchRowsMax, type Column, type Validity } from '../batch.ts';
import { ByteInterner } from '../columns/byte-interner.ts';
import { RecycledArray } from '../recycled-array.ts';
import { isValid, VectorColumn } from './vector-columns.ts';
import { forgetView, viewVector } from './vector-view.ts';

const inlineBytesMax = 12;
const stringBytes = 16;
const stringWords = 4;

/**
 * DuckDB's strings take 16 bytes each: the length in 4, then up to 12 bytes of text, or 4 of it and an address. Fetching from an
 * address costs a call, so strings that stand next to each other in memory are fetched together.
 */
export class StringVectorColumn extends VectorColumn {
  readonly #interner = new ByteInterner();
  readonly #codes = new RecycledArray<Uint32Array>((length) => new Uint32Array(length), batchRowsMax);
  /** Bytes fetched last, and the address where they stand. Good for one vector only, and empty before it. */
  #heap: Uint8Array = new Uint8Array(0);
  #heapAddress = 0;

  protected override appendValues(vector: duckdb.Vector, start: number, count: number, validity: Validity): void {
    const codes = this.#codes.room(this.rows + count);
    const end = start + count;
    const raw = viewVector(vector, end * stringBytes);
    const words = new Uint32Array(raw.buffer, raw.byteOffset, end * stringWords);
    for (let row = start, to = this.rows; row < end; row++, to++) {
      if (validity !== null && !isValid(validity, row)) codes[to] = 0;
      else {
        const length = words[row * stringWords] as number;
        const text = row * stringBytes + 4;
        codes[to] = length <= inlineBytesMax ? this.#interner.code(raw, text, text + length) : this.#far(raw, words, row, end, validity);
      }
    }
    forgetView(this.#heap);
    forgetView(raw);
  }

  override recycle(column: Column): void {
    if (column.kind === 'string') this.#codes.recycle(column.codes);
  }

  /** Code of a string that stands elsewhere in memory. */
  #far(raw: Uint8Array, words: Uint32Array, row: number, end: number, validity: Validity): number {
    const length = words[row * stringWords] as number;
    const address = addressOf(words, row);
    let offset = address - this.#heapAddress;
    if (offset < 0 || offset + length > this.#heap.length) {
      forgetView(this.#heap);
      const bytes = adjoiningBytes(words, row, end, validity);
      this.#heap = duckdb.get_data_from_pointer(raw.buffer as ArrayBuffer, raw.byteOffset + row * stringBytes + 8, bytes);
      this.#heapAddress = address;
      offset = 0;
    }
    return this.#interner.code(this.#heap, offset, offset + length);
  }

  protected override takeColumn(validity: Validity): Column {
    const { dictionary } = this.#interner;
    if (dictionary.full) this.#interner.restart();
    return { kind: 'string', type: this.type, codes: this.#codes.take(this.rows), dictionary, validity };
  }
}

function addressOf(words: Uint32Array, row: number): number {
  return (words[row * stringWords + 3] as number) * 2 ** 32 + (words[row * stringWords + 2] as number);
}

/** Bytes of the string of `row` and of those of later rows that follow it in memory without a gap. */
function adjoiningBytes(words: Uint32Array, row: number, end: number, validity: Validity): number {
  const address = addressOf(words, row);
  let bytes = words[row * stringWords] as number;
  for (let next = row + 1; next < end; next++) {
    const length = words[next * stringWords] as number;
    if (length <= inlineBytesMax || (validity !== null && !isValid(validity, next))) continue;
    if (addressOf(words, next) !== address + bytes) break;
    bytes += length;
  }
  return bytes;
}
