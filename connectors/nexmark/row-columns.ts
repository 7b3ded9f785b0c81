import type { Column } from '../batch.ts';
import type { DataType } from '../data-type.ts';
import { StringDictionary } from '../string-dictionary.ts';

const bigint: DataType = { kind: 'bigint' };
const timestamp: DataType = { kind: 'timestamp' };
const varchar: DataType = { kind: 'varchar' };

/** Whole numbers below 2^53 as 64-bit integers, without making a BigInt of each. */
export class LongColumn {
  readonly #type: DataType;
  readonly #words: Uint32Array<ArrayBuffer>;

  constructor(rows: number, type: 'bigint' | 'timestamp' = 'bigint') {
    this.#type = type === 'bigint' ? bigint : timestamp;
    this.#words = new Uint32Array(rows * 2);
  }

  set(row: number, value: number): void {
    const high = Math.floor(value / 4294967296);
    this.#words[row * 2] = value - high * 4294967296;
    this.#words[row * 2 + 1] = high;
  }

  finish(): Column {
    return { kind: 'fixed', type: this.#type, data: new BigInt64Array(this.#words.buffer), validity: null };
  }
}

/** Codes into a dictionary that outlives the batch. */
export class CodeColumn {
  readonly #dictionary: StringDictionary;
  readonly #codes: Uint32Array;

  constructor(rows: number, dictionary: StringDictionary) {
    this.#dictionary = dictionary;
    this.#codes = new Uint32Array(rows);
  }

  set(row: number, code: number): void {
    this.#codes[row] = code;
  }

  finish(): Column {
    return { kind: 'string', type: varchar, codes: this.#codes, dictionary: this.#dictionary, validity: null };
  }
}

/** Texts of which hardly any returns: each is an entry of the batch's own dictionary. The maker writes into `bytes` from `at` on. */
export class TextColumn {
  readonly #dictionary = new StringDictionary();
  readonly #codes: Uint32Array;
  readonly bytes: Uint8Array;
  at = 0;

  constructor(rows: number, textBytesMax: number) {
    this.#codes = new Uint32Array(rows);
    this.#dictionary.bytes = new Uint8Array(rows * textBytesMax);
    this.#dictionary.offsets = new Uint32Array(rows + 1);
    this.bytes = this.#dictionary.bytes;
  }

  /** `length` bytes were written at `at`. */
  add(row: number, length: number): void {
    this.at += length;
    this.#codes[row] = this.#dictionary.size++;
    this.#dictionary.offsets[this.#dictionary.size] = this.at;
  }

  finish(): Column {
    return { kind: 'string', type: varchar, codes: this.#codes, dictionary: this.#dictionary, validity: null };
  }
}
