import { ValueFault } from '../value-fault.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads Avro's binary form from bytes[position, end). Throws ValueFault where it ends too early or is malformed. */
export class AvroBytes {
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #position = 0;
  #end = 0;

  reset(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.#bytes) this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  get left(): number {
    return this.#end - this.#position;
  }

  boolean(): boolean {
    const byte = this.#bytes[this.#take(1)] as number;
    if (byte > 1) throw new ValueFault(`a boolean is ${byte}`);
    return byte === 1;
  }

  long(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#take(1)] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value >= 2n ** 64n) break;
        return (value >> 1n) ^ -(value & 1n);
      }
    }
    throw new ValueFault('a number is longer than 64 bits');
  }

  int(): number {
    const value = this.long();
    if (value < -(2n ** 31n) || value >= 2n ** 31n) throw new ValueFault('a number is longer than 32 bits');
    return Number(value);
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A copy. */
  fixed(size: number): Uint8Array {
    const start = this.#take(size);
    return this.#bytes.slice(start, start + size);
  }

  bytes(): Uint8Array {
    return this.fixed(this.#length());
  }

  string(): string {
    const length = this.#length();
    const start = this.#take(length);
    try {
      return decoder.decode(this.#bytes.subarray(start, start + length));
    } catch {
      throw new ValueFault('a string is not valid UTF-8');
    }
  }

  #length(): number {
    const length = this.long();
    if (length < 0n || length > BigInt(this.left)) throw new ValueFault('the message ends too early');
    return Number(length);
  }

  #take(count: number): number {
    const start = this.#position;
    if (count > this.#end - start) throw new ValueFault('the message ends too early');
    this.#position = start + count;
    return start;
  }
}
