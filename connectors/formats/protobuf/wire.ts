import { ValueFault } from '../value-fault.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const groupDepthMax = 64;

/** Protobuf's wire form in bytes[position, end). Throws ValueFault where it ends too early or is malformed. */
export class Wire {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #position: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = start;
    this.#end = end;
  }

  get atEnd(): boolean {
    return this.#position === this.#end;
  }

  get position(): number {
    return this.#position;
  }

  /** 64 bits, unsigned. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#take(1)] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new ValueFault('a number is longer than 64 bits');
  }

  fixed32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  fixed64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** What lies inside a length-delimited field. */
  inside(): Wire {
    const length = this.varint();
    if (length > BigInt(this.#end - this.#position)) throw new ValueFault('the message ends too early');
    const start = this.#take(Number(length));
    return new Wire(this.#bytes, start, this.#position);
  }

  /** All of it, a copy. */
  rest(): Uint8Array {
    return this.#bytes.slice(this.#position, this.#end);
  }

  restText(): string {
    try {
      return decoder.decode(this.#bytes.subarray(this.#position, this.#end));
    } catch {
      throw new ValueFault('a string is not valid UTF-8');
    }
  }

  /** Steps over a field of an unknown number. */
  skip(wireType: number, number: number, depth = 0): void {
    switch (wireType) {
      case 0:
        this.varint();
        return;
      case 1:
        this.#take(8);
        return;
      case 2:
        this.inside();
        return;
      case 3:
        this.#skipGroup(number, depth);
        return;
      case 5:
        this.#take(4);
        return;
      default:
        throw new ValueFault(`field ${number} has the wire type ${wireType}`);
    }
  }

  #skipGroup(number: number, depth: number): void {
    if (depth > groupDepthMax) throw new ValueFault('groups are nested too deep');
    for (;;) {
      const tag = this.tag();
      if (tag.wireType === 4) {
        if (tag.number !== number) throw new ValueFault(`group ${number} ends as ${tag.number}`);
        return;
      }
      this.skip(tag.wireType, tag.number, depth + 1);
    }
  }

  tag(): { number: number; wireType: number } {
    const tag = this.varint();
    const number = Number(tag >> 3n);
    if (number === 0 || number >= 2 ** 29) throw new ValueFault(`a field has the number ${number}`);
    return { number, wireType: Number(tag & 7n) };
  }

  #take(count: number): number {
    const start = this.#position;
    if (count > this.#end - start) throw new ValueFault('the message ends too early');
    this.#position = start + count;
    return start;
  }
}
