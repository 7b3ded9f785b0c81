import type { Accumulator } from './aggregates/accumulator.ts';
import type { GroupKeys } from './group-keys.ts';

/** Where everything lies in one group's slot: key words, fields of 8 bytes, fields of 4, mark. No padding but to 8 bytes. */
export class GroupLayout {
  readonly keys: GroupKeys;
  readonly bytes: number;
  readonly #mark: number | null;

  constructor(keys: GroupKeys, accumulators: readonly Accumulator[]) {
    this.keys = keys;
    let offset = keys.words * 8;
    for (const size of [8, 4]) {
      for (const accumulator of accumulators) {
        accumulator.fields.forEach((bytes, k) => {
          if (bytes !== size) return;
          accumulator.offsets[k] = offset;
          offset += bytes;
        });
      }
    }
    this.#mark = keys.nullable ? offset : null;
    this.bytes = Math.max(8, (offset + (keys.nullable ? 4 : 0) + 7) & ~7);
  }

  /** Where the mark lies in a slot; null when there is none. */
  get markAt(): number | null {
    return this.#mark;
  }

  /** Which keys are NULL, as stored in a slot. */
  mark(slot: string): string {
    return this.#mark === null ? '1' : `load<u32>(${slot}, ${this.#mark})`;
  }

  /** Slot `p` holds this key. */
  matches(words: readonly string[], mark: string): string {
    const same = words.map((word, k) => `load<u64>(p, ${k * 8}) == ${word}`);
    const all = this.#mark === null ? same : [...same, `${this.mark('p')} == ${mark}`];
    return all.length === 0 ? 'true' : all.join(' && ');
  }

  /** Makes slot `p` a new one: its key, and zeros. */
  writeKey(words: readonly string[], mark: string): string[] {
    const stores = Array.from({ length: this.bytes / 8 }, (_, k) => `store<u64>(p, ${words[k] ?? '0'}, ${k * 8});`);
    return this.#mark === null ? stores : [...stores, `store<u32>(p, ${mark}, ${this.#mark});`];
  }

  /** Copies slot `q` to slot `p`. */
  copy(): string {
    return Array.from({ length: this.bytes / 8 }, (_, k) => `store<u64>(p, load<u64>(q, ${k * 8}), ${k * 8});`).join(' ');
  }

  /** Hash of these words: its high bits choose the slot. The mark, of few bits, goes into the last word. */
  hash(hashWord: string, hashMore: string, words: readonly string[], mark: string, multiplier: string): string {
    const folded = words.map((word, k) => (this.keys.nullable && k === words.length - 1 ? `${word} ^ (<u64>${mark} << 32)` : word));
    const [first, ...more] = folded;
    if (first === undefined) return '<u64>0';
    return more.reduce((hash, word) => `${hashMore}(${hash}, ${word}, ${multiplier})`, `${hashWord}(${first}, ${multiplier})`);
  }
}
