import { StringDictionary } from '../string-dictionary.ts';
import type { DecoderModule } from './decoder-module.ts';
import type { JsonExports } from './json-exports.ts';

/** With more entries than this, of which most came but once, a dictionary is given up. */
const mostlyUniqueEntries = 1 << 16;

/** A dictionary in the module's memory as batches see it: its new entries are copied after each batch. */
export class ByteDictionary {
  readonly #module: DecoderModule<JsonExports>;
  readonly #address: number;
  #dictionary = new StringDictionary();
  #rows = 0;

  constructor(module: DecoderModule<JsonExports>, address: number) {
    this.#module = module;
    this.#address = address;
  }

  /** Code of bytes that lie in the module's memory with 16 readable bytes after them. */
  code(address: number, length: number): number {
    return this.#module.exports.dictionaryCode(this.#address, address, length) >>> 0;
  }

  /** For a batch of `rows` rows whose codes are known. */
  take(rows: number): StringDictionary {
    this.#rows += rows;
    const dictionary = this.#dictionary;
    const { words, bytes } = this.#module;
    const header = this.#address / 4;
    const size = words[header + 2] as number;
    if (size > dictionary.size) {
      const offsets = (words[header + 3] as number) / 4;
      const entries = words.slice(offsets + dictionary.size, offsets + size + 1);
      const first = entries[0] as number;
      const start = (words[header + 5] as number) + first;
      const end = (words[header + 5] as number) + (entries[entries.length - 1] as number);
      for (let entry = 0; entry < entries.length; entry++) entries[entry] = (entries[entry] as number) - first;
      dictionary.appendAll(entries, bytes.subarray(start, end));
    }
    if (dictionary.full || (size > mostlyUniqueEntries && size * 2 > this.#rows)) this.#restart();
    return dictionary;
  }

  #restart(): void {
    this.#module.exports.resetDictionary(this.#address);
    this.#dictionary = new StringDictionary();
    this.#rows = 0;
  }
}
