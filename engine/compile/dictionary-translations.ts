import type { StringDictionary } from '../../connectors/string-dictionary.ts';
import type { KernelExports, KernelMemory } from './kernel-exports.ts';

/** Dictionaries remembered at once; the one that was not used for longest makes room. */
const translationsMax = 64;
/** Codes in all tables together (4 bytes each): a column of unique strings fills one dictionary after the other. */
const translationCodesMax = 8 << 20;
const chunkRows = 8192;
const untranslated = 0xffffffff;

interface Translation {
  table: number;
  capacity: number;
  used: number;
}

/**
 * For each dictionary that batches bring: a table in the module's memory from its codes to the module's string ids, filled in as
 * codes are met. Dictionaries are not kept alive by it.
 */
export class DictionaryTranslations {
  readonly #kernel: KernelExports;
  readonly #memory: KernelMemory;
  readonly #byDictionary = new WeakMap<StringDictionary, Translation>();
  readonly #translations = new Set<Translation>();
  #codes = 0;
  #clock = 0;

  constructor(kernel: KernelExports, memory: KernelMemory) {
    this.#kernel = kernel;
    this.#memory = memory;
  }

  /** Replaces `rows` codes at address `codes` by ids. */
  translate(codes: number, rows: number, dictionary: StringDictionary): void {
    const translation = this.#translationOf(dictionary);
    for (let row = 0; row < rows; row += chunkRows) {
      const at = codes + row * 4;
      const missing = this.#kernel.translate(at, Math.min(chunkRows, rows - row), translation.table, translation.capacity);
      if (missing > 0) this.#intern(at, missing, dictionary, translation);
    }
  }

  /** Forgets ids of strings that are about to be collected; between marking and sweeping. */
  sweep(): void {
    for (const { table, capacity } of this.#translations) this.#kernel.sweepTranslation(table, capacity);
  }

  #intern(codes: number, missing: number, dictionary: StringDictionary, translation: Translation): void {
    const rows = (this.#kernel.missingRows.value >>> 0) / 2;
    const list = new Uint16Array(this.#memory.memory.buffer).slice(rows, rows + missing);
    for (const row of list) {
      const code = this.#memory.words[codes / 4 + row] as number;
      // The code of a NULL row means nothing, and an empty dictionary has none.
      if (code >= dictionary.size) {
        this.#memory.words[codes / 4 + row] = 0;
        continue;
      }
      let id = this.#memory.words[translation.table / 4 + code] as number;
      if (id === untranslated) {
        const start = dictionary.offsets[code] as number;
        const end = dictionary.offsets[code + 1] as number;
        const scratch = this.#kernel.scratchFor(end - start) >>> 0;
        this.#memory.bytes.set(dictionary.bytes.subarray(start, end), scratch);
        id = this.#kernel.internScratch(end - start) >>> 0;
        this.#memory.words[translation.table / 4 + code] = id;
      }
      this.#memory.words[codes / 4 + row] = id;
    }
  }

  #translationOf(dictionary: StringDictionary): Translation {
    const translation = this.#byDictionary.get(dictionary) ?? { table: 0, capacity: 0, used: 0 };
    if (!this.#translations.has(translation)) {
      if (this.#translations.size >= translationsMax) this.#forgetOldest();
      this.#byDictionary.set(dictionary, translation);
      this.#translations.add(translation);
    }
    translation.used = ++this.#clock;
    if (translation.capacity < dictionary.size || translation.capacity === 0) {
      const capacity = Math.max(256, 2 ** Math.ceil(Math.log2(dictionary.size + 1)));
      translation.table = this.#kernel.growTranslation(translation.table, translation.capacity, capacity) >>> 0;
      this.#codes += capacity - translation.capacity;
      translation.capacity = capacity;
      while (this.#codes > translationCodesMax && this.#translations.size > 1) this.#forgetOldest();
    }
    return translation;
  }

  #forgetOldest(): void {
    let oldest: Translation | null = null;
    for (const translation of this.#translations) if (oldest === null || translation.used < oldest.used) oldest = translation;
    if (oldest === null) return;
    this.#translations.delete(oldest);
    if (oldest.capacity > 0) this.#kernel.releaseTranslation(oldest.table, oldest.capacity);
    this.#codes -= oldest.capacity;
    oldest.table = 0;
    oldest.capacity = 0;
  }
}
