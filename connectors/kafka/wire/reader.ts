/** Reads a response where it lies. Throws RangeError when it ends too early. */
export class Reader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#at;
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (bytes < 0 || at + bytes > this.#bytes.length) throw new RangeError(`a response ends after ${this.#bytes.length} bytes`);
    this.#at = at + bytes;
    return at;
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  /** For offsets and times: exact up to 2^53. */
  long(): number {
    return Number(this.int64());
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#take(1)] as number;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new RangeError('a number in a response has no end');
  }

  /** 32 hexadecimal digits. */
  uuid(): string {
    return Buffer.from(this.raw(16)).toString('hex');
  }

  string(): string | null {
    const length = this.int16();
    return length < 0 ? null : Buffer.from(this.raw(length)).toString();
  }

  compactString(): string | null {
    const length = this.unsignedVarint() - 1;
    return length < 0 ? null : Buffer.from(this.raw(length)).toString();
  }

  /** Where they lie; valid as long as the response is. */
  compactBytes(): Uint8Array {
    const length = this.unsignedVarint() - 1;
    return length < 0 ? new Uint8Array(0) : this.raw(length);
  }

  /** Length of compact bytes that follow: 0 for null. */
  compactLength(): number {
    return Math.max(0, this.unsignedVarint() - 1);
  }

  raw(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  skip(length: number): void {
    this.#take(length);
  }

  compactArray<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let count = this.unsignedVarint() - 1; count > 0; count--) items.push(read());
    return items;
  }

  array<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let count = this.int32(); count > 0; count--) items.push(read());
    return items;
  }

  /** Calls for each tagged field; what is not read of it is passed over. */
  tags(field?: (tag: number) => void): void {
    for (let count = this.unsignedVarint(); count > 0; count--) {
      const tag = this.unsignedVarint();
      const end = this.unsignedVarint() + this.#at;
      field?.(tag);
      this.#take(end - this.#at);
    }
  }
}
