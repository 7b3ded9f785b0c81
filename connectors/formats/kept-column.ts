import { batchRowsMax, type Column, type FixedArray } from '../batch.ts';
import { RecycledArray } from '../recycled-array.ts';
import type { ByteDictionary } from './byte-dictionary.ts';
import type { DecoderModule } from './decoder-module.ts';
import { elementsPerRow, fixedArrayMaker } from './fixed-array.ts';
import type { JsonColumn } from './json-layout.ts';
import type { Run } from './refusals.ts';

const arrayRows = 1024;
const emptyDictionaryCode = 0;

/** A column that the module has decoded, copied out of its memory into arrays that are filled again and again. */
export class KeptColumn {
  readonly column: JsonColumn;
  readonly dictionary: ByteDictionary | null;
  readonly #data: RecycledArray<FixedArray>;
  readonly #validity = new RecycledArray((length) => new Uint8Array(length), batchRowsMax / 8);
  readonly #elements: number;

  constructor(column: JsonColumn, dictionary: ByteDictionary | null) {
    this.column = column;
    this.dictionary = dictionary;
    this.#elements = dictionary === null ? elementsPerRow(column.spec.type) : 1;
    const make = dictionary === null ? fixedArrayMaker(column.spec.type) : (length: number) => new Uint32Array(length);
    this.#data = new RecycledArray(make, arrayRows * this.#elements);
  }

  /** The rows in `runs` of the block at `columns`; `rows` in all. `nulls`: some of them may be NULL. */
  take(module: DecoderModule, columns: number, runs: readonly Run[], rows: number, nulls: boolean): Column {
    const { spec, offset, width } = this.column;
    const data = this.#data.room(rows * this.#elements);
    const target = new Uint8Array(data.buffer, data.byteOffset, rows * width);
    const start = columns + offset;
    let at = 0;
    for (const run of runs) {
      target.set(module.bytes.subarray(start + run.start * width, start + run.end * width), at);
      at += (run.end - run.start) * width;
    }
    const validity = nulls ? this.#takeValidity(module, columns, runs, rows) : null;
    const taken = this.#data.take(rows * this.#elements);
    if (this.dictionary === null) return { kind: 'fixed', type: spec.type, data: taken, validity };
    const codes = taken as Uint32Array;
    if (validity !== null) clearNulls(codes, validity);
    return { kind: 'string', type: spec.type, codes, dictionary: this.dictionary.take(rows), validity };
  }

  /** A column that `take` gave: its arrays may be filled again. */
  recycle(column: Column): void {
    if (column.kind === 'fixed') this.#data.recycle(column.data);
    else if (column.kind === 'string') this.#data.recycle(column.codes);
    if (column.validity !== null) this.#validity.recycle(column.validity as Uint8Array<ArrayBuffer>);
  }

  #takeValidity(module: DecoderModule, columns: number, runs: readonly Run[], rows: number): Uint8Array {
    const length = (rows + 7) >> 3;
    const validity = this.#validity.room(length);
    const start = columns + this.column.validity;
    const { bytes } = module;
    if (runs.length === 1 && runs[0]?.start === 0) validity.set(bytes.subarray(start, start + length));
    else {
      validity.fill(0, 0, length);
      let at = 0;
      for (const run of runs) {
        for (let row = run.start; row < run.end; row++, at++) {
          const bit = ((bytes[start + (row >> 3)] as number) >> (row & 7)) & 1;
          validity[at >> 3] = (validity[at >> 3] as number) | (bit << (at & 7));
        }
      }
    }
    return this.#validity.take(length);
  }
}

function clearNulls(codes: Uint32Array, validity: Uint8Array): void {
  for (let row = 0; row < codes.length; row++) {
    if ((((validity[row >> 3] as number) >> (row & 7)) & 1) === 0) codes[row] = emptyDictionaryCode;
  }
}
