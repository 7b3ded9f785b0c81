import type { StringDictionary } from '../../connectors/string-dictionary.ts';
import type { KernelExports, KernelMemory } from './kernel-exports.ts';

/** Dictionaries remembered at once; the one that was not used for longest makes room. */
const translationsMax = 64;
/** Codes in all tables together (4 bytes each): a column of unique strings fills one dictionary after the other. */
const translationCodesMax = 8 << 20;
const chunkRows = 8192;
const untranslated = 0xffffffff;
/** Rows whose strings are interned together; bytes of the dictionary that are copied for them when most are theirs, and even if few are. */
const rowsTogether = 1024;
const bytesTogetherMax = 4 << 20;
const bytesTogether = 64 << 10;

/** Numbers of rows, u16 each, at an address. */
interface MissingRows {
  readonly at: number;
  readonly count: number;
}

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

  /** Parts of the rows whose strings lie near one another in the dictionary are interned together. */
  #intern(codes: number, missing: number, dictionary: StringDictionary, translation: Translation): void {
    const rows = this.#kernel.missingRows.value >>> 0;
    for (let from = 0; from < missing; from += rowsTogether) {
      const part = { at: rows + from * 2, count: Math.min(rowsTogether, missing - from) };
      const { first, last } = this.#codesOf(codes, part, dictionary.size);
      const { offsets } = dictionary;
      const bytes = first < last ? (offsets[last] as number) - (offsets[first] as number) + (last - first + 1) * 4 : 0;
      if (bytes <= (part.count > (last - first) >> 1 ? bytesTogetherMax : bytesTogether))
        this.#internTogether(codes, part, dictionary, translation, first, last);
      else this.#internEach(codes, part, dictionary, translation);
    }
  }

  /** The lowest code of the rows, and the one past the highest; those that the dictionary does not have mean nothing. */
  #codesOf(codes: number, { at, count }: MissingRows, size: number): { first: number; last: number } {
    const { words } = this.#memory;
    const rows = new Uint16Array(words.buffer, at, count);
    let first = size;
    let last = 0;
    for (let k = 0; k < count; k++) {
      const code = words[codes / 4 + (rows[k] as number)] as number;
      if (code >= size) continue;
      if (code < first) first = code;
      if (code >= last) last = code + 1;
    }
    return first < last ? { first, last } : { first: 0, last: 0 };
  }

  #internTogether(
    codes: number,
    { at, count }: MissingRows,
    { offsets, bytes }: StringDictionary,
    { table }: Translation,
    first: number,
    last: number,
  ): void {
    const entries = offsets.subarray(first, last + 1);
    const strings = bytes.subarray(offsets[first], offsets[last]);
    const scratch = this.#kernel.scratchFor(entries.byteLength + strings.length) >>> 0;
    this.#memory.words.set(entries, scratch / 4);
    this.#memory.bytes.set(strings, scratch + entries.byteLength);
    this.#kernel.internCodes(codes, at, count, table, first, last);
  }

  #internEach(codes: number, { at, count }: MissingRows, dictionary: StringDictionary, translation: Translation): void {
    const list = new Uint16Array(this.#memory.memory.buffer).slice(at / 2, at / 2 + count);
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

  /** Gives all tables back: nobody would know of them in an instance that goes on from an image. */
  forgetAll(): void {
    while (this.#translations.size > 0) this.#forgetOldest();
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
