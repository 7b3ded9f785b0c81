const bytesFirst = 1 << 12;
const encoder = new TextEncoder();

/** Writes Avro's binary form. */
export class AvroOutput {
  #bytes = new Uint8Array(bytesFirst);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;

  reset(): void {
    this.#end = 0;
  }

  /** A copy of what was written since the last reset. */
  taken(): Uint8Array {
    return this.#bytes.slice(0, this.#end);
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.#end++] = value;
  }

  /** int and long. */
  long(value: bigint | number): void {
    this.#room(10);
    if (typeof value === 'number' && value >= -0x4000_0000 && value < 0x4000_0000) {
      let rest = (value << 1) ^ (value >> 31);
      for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#end++] = (rest & 0x7f) | 0x80;
      this.#bytes[this.#end++] = rest;
      return;
    }
    const whole = BigInt(value);
    let rest = BigInt.asUintN(64, (whole << 1n) ^ (whole >> 63n));
    for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#end++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#end++] = Number(rest);
  }

  float(value: number): void {
    this.#room(4);
    this.#view.setFloat32(this.#end, value, true);
    this.#end += 4;
  }

  double(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#end, value, true);
    this.#end += 8;
  }

  /** With their length before them. */
  sized(bytes: Uint8Array): void {
    this.long(bytes.byteLength);
    this.#room(bytes.byteLength);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.byteLength;
  }

  text(text: string): void {
    this.sized(encoder.encode(text));
  }

  /** The shortest two's complement, highest byte first, as a decimal's bytes are. */
  unscaled(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    do {
      bytes.unshift(Number(rest & 0xffn));
      rest >>= 8n;
    } while (rest !== (value < 0n ? -1n : 0n) || (bytes[0] as number) >= 0x80 !== value < 0n);
    this.sized(Uint8Array.from(bytes));
  }

  #room(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.byteLength) return;
    const larger = new Uint8Array(Math.max(this.#bytes.byteLength * 2, this.#end + bytes));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
