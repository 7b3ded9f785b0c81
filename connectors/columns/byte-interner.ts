import { StringDictionary } from '../string-dictionary.ts';

/** Random, so that nobody outside can choose strings that collide. */
const seed = (Math.random() * 2 ** 32) | 0;
const multiplier = ((Math.random() * 2 ** 31) << 1) | 1;

/** Finds the code of a UTF-8 string in a dictionary straight from its bytes. It must be the dictionary's only writer. */
export class ByteInterner {
  dictionary = new StringDictionary();
  /** Code + 1 by hash slot, 0 when free. */
  #slots = new Int32Array(1024);
  #hashes = new Int32Array(1024);

  /** Code of the string, added if new. */
  code(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end);
    const slot = this.#slot(hash, bytes, start, end);
    const entry = this.#slots[slot] as number;
    if (entry !== 0) return entry - 1;
    const code = this.dictionary.append(bytes.subarray(start, end));
    this.#slots[slot] = code + 1;
    this.#hashes[slot] = hash;
    if ((code + 1) * 2 > this.#slots.length) this.#grow();
    return code;
  }

  /** Code of the string, or -1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return (this.#slots[this.#slot(hashOf(bytes, start, end), bytes, start, end)] as number) - 1;
  }

  /** The slot that holds the string, or the free one where it belongs. */
  #slot(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const entry = this.#slots[slot] as number;
      if (entry === 0 || (this.#hashes[slot] === hash && this.#equals(entry - 1, bytes, start, end))) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** Goes on with an empty dictionary. */
  restart(): void {
    this.dictionary = new StringDictionary();
    this.#slots = new Int32Array(1024);
    this.#hashes = new Int32Array(1024);
  }

  #equals(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { offsets, bytes: known } = this.dictionary;
    const from = offsets[code] as number;
    if ((offsets[code + 1] as number) - from !== end - start) return false;
    for (let i = start, j = from; i < end; i++, j++) if (bytes[i] !== known[j]) return false;
    return true;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const hashes = new Int32Array(slots.length);
    const mask = slots.length - 1;
    for (let old = 0; old < this.#slots.length; old++) {
      const entry = this.#slots[old] as number;
      if (entry === 0) continue;
      const hash = this.#hashes[old] as number;
      let slot = hash & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry;
      hashes[slot] = hash;
    }
    this.#slots = slots;
    this.#hashes = hashes;
  }
}

function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = seed ^ (end - start);
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const word =
      (bytes[i] as number) | ((bytes[i + 1] as number) << 8) | ((bytes[i + 2] as number) << 16) | ((bytes[i + 3] as number) << 24);
    hash = Math.imul(hash ^ word, multiplier);
    hash ^= hash >>> 15;
  }
  for (; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), multiplier);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
