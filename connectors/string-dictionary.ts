const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A dictionary past either limit is replaced by a new one, so that a column of unique strings cannot grow for ever. */
export const dictionaryEntriesMax = 1 << 20;
export const dictionaryBytesMax = 64 << 20;

/**
 * Append-only set of UTF-8 strings with dense codes, in Arrow layout: entry i is bytes[offsets[i] .. offsets[i + 1]).
 * A reader remembers how many entries it has seen; another object means another dictionary.
 */
export class StringDictionary {
  size = 0;
  offsets: Uint32Array = new Uint32Array(65);
  bytes: Uint8Array = new Uint8Array(1024);
  readonly #codes = new Map<string, number>();

  get byteLength(): number {
    return this.offsets[this.size] as number;
  }

  get full(): boolean {
    return this.size >= dictionaryEntriesMax || this.byteLength >= dictionaryBytesMax;
  }

  /** Code of `text`, added if new. */
  intern(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.append(encoder.encode(text));
    this.#codes.set(text, code);
    return code;
  }

  /** Adds an entry without looking for it: for callers that know that it is new. */
  append(utf8: Uint8Array): number {
    const start = this.byteLength;
    const end = start + utf8.length;
    if (end > this.bytes.length) this.bytes = grown(this.bytes, Math.max(end, this.bytes.length * 2));
    if (this.size + 2 > this.offsets.length) {
      const offsets = new Uint32Array(this.offsets.length * 2);
      offsets.set(this.offsets);
      this.offsets = offsets;
    }
    this.bytes.set(utf8, start);
    this.offsets[this.size + 1] = end;
    return this.size++;
  }

  /** Adds entries without looking for them: entry i is bytes[offsets[i] .. offsets[i + 1]). */
  appendAll(offsets: Uint32Array, bytes: Uint8Array): void {
    const start = this.byteLength;
    const count = offsets.length - 1;
    const end = start + bytes.length;
    if (end > this.bytes.length) this.bytes = grown(this.bytes, Math.max(end, this.bytes.length * 2));
    if (this.size + count + 1 > this.offsets.length) {
      const larger = new Uint32Array(Math.max(this.size + count + 1, this.offsets.length * 2));
      larger.set(this.offsets);
      this.offsets = larger;
    }
    this.bytes.set(bytes, start);
    for (let entry = 1; entry <= count; entry++) this.offsets[this.size + entry] = start + (offsets[entry] as number);
    this.size += count;
  }

  text(code: number): string {
    return decoder.decode(this.bytes.subarray(this.offsets[code], this.offsets[code + 1]));
  }
}

function grown(bytes: Uint8Array, length: number): Uint8Array {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}
