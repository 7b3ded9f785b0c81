import { isUtf8 } from 'node:buffer';
import type { ByteSource } from './byte-source.ts';

const initialBytes = 256 << 10;
const newline = 10;

/** The part of a file that is in memory: bytes[start, end). What lies before `start` has been used. */
export class ByteWindow {
  bytes: Uint8Array = new Uint8Array(initialBytes);
  start = 0;
  end = 0;
  atEnd = false;
  readonly #source: ByteSource;
  /** Offset in the decompressed file of bytes[0]. */
  #base = 0;
  /** Whole lines up to here have been looked at; those of bytes[cleanStart, cleanEnd) are UTF-8. */
  #checked = 0;
  #cleanStart = 0;
  #cleanEnd = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Offset in the decompressed file of bytes[start]. */
  get offset(): number {
    return this.#base + this.start;
  }

  get fileOffset(): number {
    return this.#source.fileOffset;
  }

  /** Reads on, keeping bytes[start, end), and making the window larger when they fill it. Throws what reading throws. */
  async fill(): Promise<void> {
    if (this.start > 0) this.#compact();
    if (this.end === this.bytes.length) {
      const larger = new Uint8Array(this.bytes.length * 2);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    const count = await this.#source.read(this.bytes, this.end);
    if (count === 0) this.atEnd = true;
    this.end += count;
    this.#check();
  }

  #compact(): void {
    const gone = this.start;
    this.bytes.copyWithin(0, gone, this.end);
    this.#base += gone;
    this.end -= gone;
    this.start = 0;
    this.#checked = Math.max(0, this.#checked - gone);
    this.#cleanStart = Math.max(0, this.#cleanStart - gone);
    this.#cleanEnd = Math.max(0, this.#cleanEnd - gone);
  }

  #check(): void {
    const last = this.atEnd ? this.end : this.bytes.subarray(0, this.end).lastIndexOf(newline) + 1;
    const from = this.#checked;
    if (last <= from) return;
    this.#checked = last;
    if (!isUtf8(this.bytes.subarray(from, last))) return;
    if (this.#cleanEnd !== from) this.#cleanStart = from;
    this.#cleanEnd = last;
  }

  /** Whether bytes[start, end) are UTF-8. */
  isText(start: number, end: number): boolean {
    return (start >= this.#cleanStart && end <= this.#cleanEnd) || isUtf8(this.bytes.subarray(start, end));
  }

  /** Goes forward to a byte of the decompressed file; false when the file ends before it. */
  async skipTo(byte: number): Promise<boolean> {
    if (byte > this.#base + this.end && this.#source.seek(byte)) {
      this.start = this.end = 0;
      this.#base = byte;
      this.#checked = this.#cleanStart = this.#cleanEnd = 0;
      return true;
    }
    while (byte > this.#base + this.end) {
      this.start = this.end;
      await this.fill();
      if (this.atEnd) return false;
    }
    this.start = byte - this.#base;
    return true;
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
