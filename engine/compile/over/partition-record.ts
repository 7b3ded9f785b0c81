import type { GroupKeys } from '../group-keys.ts';

/** Where the fields of a partition lie in its record: hash and state of the table (8 bytes), the key's words, then what is added. */
export class PartitionRecord {
  readonly keys: GroupKeys;
  /** Byte offset of the key, and of its mark, when a key can be NULL. */
  readonly keyAt = 8;
  readonly markAt: number | null;
  #bytes: number;

  constructor(keys: GroupKeys) {
    this.keys = keys;
    this.#bytes = this.keyAt + keys.words * 8;
    this.markAt = keys.nullable ? this.add(4) : null;
  }

  /** Offset of a new field; of at most 8 bytes or a multiple of 8. */
  add(bytes: number): number {
    const align = Math.min(bytes, 8);
    const at = Math.ceil(this.#bytes / align) * align;
    this.#bytes = at + bytes;
    return at;
  }

  get bytes(): number {
    return (this.#bytes + 7) & ~7;
  }
}
