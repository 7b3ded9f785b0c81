import duckdb from '@duckdb/node-bindings';
import type { WireDictionary } from './commit-wire.ts';
import type { StringHeap } from './string-heap.ts';

/** Strings of one commit, as the columns that are being appended need them. */
export class CommitStrings {
  readonly #dictionaries: readonly WireDictionary[];
  readonly #heap: StringHeap | null;
  readonly #references = new Map<number, Uint32Array>();
  readonly #enumCodes = new Map<string, Uint32Array>();

  /** Without a heap each value is assigned on its own: the documented way, about twice as slow. */
  constructor(dictionaries: readonly WireDictionary[], heap: StringHeap | null) {
    this.#dictionaries = dictionaries;
    this.#heap = heap;
  }

  /** Writes `count` strings from row `start`; NULL rows become empty strings under the mask that the caller sets. */
  write(vector: duckdb.Vector, codes: Uint32Array, dictionary: number, start: number, count: number): void {
    const entries = this.#dictionary(dictionary).offsets.length - 1;
    if (this.#heap === null) {
      for (let row = 0; row < count; row++) this.#assign(vector, row, dictionary, codes[start + row] as number);
      return;
    }
    const references = this.#referencesOf(dictionary, this.#heap);
    const words = new Uint32Array(count * 4);
    for (let row = 0, to = 0; row < count; row++, to += 4) {
      const code = codes[start + row] as number;
      if (code >= entries) continue;
      const from = code << 2;
      words[to] = references[from] as number;
      words[to + 1] = references[from + 1] as number;
      words[to + 2] = references[from + 2] as number;
      words[to + 3] = references[from + 3] as number;
    }
    duckdb.copy_data_to_vector(vector, 0, words.buffer, 0, words.byteLength);
  }

  /** Index among an enum's values of each string of a dictionary. Throws RangeError for a string that is no value of the enum. */
  enumCodes(dictionary: number, values: readonly string[]): Uint32Array {
    const key = `${dictionary} ${values.join('\0')}`;
    let codes = this.#enumCodes.get(key);
    if (codes === undefined) {
      const { offsets, bytes } = this.#dictionary(dictionary);
      const indexes = new Map(values.map((value, index) => [value, index]));
      codes = new Uint32Array(offsets.length - 1);
      for (let entry = 0; entry < codes.length; entry++) {
        const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', offsets[entry], offsets[entry + 1]);
        const index = indexes.get(text);
        if (index === undefined)
          throw new RangeError(`${JSON.stringify(text)} is no value of the enum (${values.slice(0, 5).join(', ')} ...)`);
        codes[entry] = index;
      }
      this.#enumCodes.set(key, codes);
    }
    return codes;
  }

  #referencesOf(dictionary: number, heap: StringHeap): Uint32Array {
    let references = this.#references.get(dictionary);
    if (references === undefined) {
      references = heap.references(this.#dictionary(dictionary));
      this.#references.set(dictionary, references);
    }
    return references;
  }

  #assign(vector: duckdb.Vector, row: number, dictionary: number, code: number): void {
    const { offsets, bytes } = this.#dictionary(dictionary);
    const text = code < offsets.length - 1 ? bytes.subarray(offsets[code], offsets[code + 1]) : new Uint8Array(0);
    duckdb.vector_assign_string_element_len(vector, row, text);
  }

  #dictionary(index: number): WireDictionary {
    const dictionary = this.#dictionaries[index];
    if (dictionary === undefined) throw new RangeError(`string column names dictionary ${index}, which the commit lacks`);
    return dictionary;
  }
}
