/** Where a block compressor puts its bytes. */
export class BlockWriter {
  bytes: Buffer;
  length = 0;

  constructor(bytesFirst: number) {
    this.bytes = Buffer.allocUnsafe(bytesFirst);
  }

  room(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.length + more, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  byte(value: number): void {
    this.room(1);
    this.bytes[this.length++] = value;
  }

  copy(from: Uint8Array, start: number, end: number): void {
    this.room(end - start);
    this.bytes.set(from.subarray(start, end), this.length);
    this.length += end - start;
  }

  whole(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
}

const hashBits = 14;
const places = new Int32Array(1 << hashBits);

/** Bytes alike that begin at `at` again: `from` lies before it. */
export type FoundMatch = (at: number, from: number, length: number) => void;

/**
 * Looks for bytes that come again within one block, `start` to `end`, as LZ4 and Snappy use them: at least 4 alike, at most 65,535 back. No match
 * begins after `lastStart` or reaches beyond `lastEnd`.
 */
export function findMatches(bytes: Uint8Array, view: DataView, start: number, lastStart: number, lastEnd: number, found: FoundMatch): void {
  places.fill(-1);
  let at = start;
  let missed = 0;
  while (at <= lastStart) {
    const word = view.getInt32(at, true);
    const hash = Math.imul(word, 0x9e3779b1) >>> (32 - hashBits);
    const from = places[hash] as number;
    places[hash] = at;
    if (from < start || at - from > 65_535 || view.getInt32(from, true) !== word) {
      // Where nothing comes again, fewer places are looked at.
      at += 1 + (missed++ >>> 6);
      continue;
    }
    missed = 0;
    let length = 4;
    while (at + length < lastEnd && bytes[from + length] === bytes[at + length]) length++;
    found(at, from, length);
    at += length;
  }
}
