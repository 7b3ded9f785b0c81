import type { DataType } from '../data-type.ts';

/** Headers of a record, in their order; names may come several times. */
export type Header = readonly [name: string, value: Uint8Array | null];

const nothing: readonly Header[] = [];
const varintBitsMax = 28;

/** The headers of a record as Kafka writes them: their number, then name and value of each. Null: they cannot be taken apart. */
export function readHeaders(bytes: Uint8Array): readonly Header[] | null {
  if (bytes.length <= 1) return bytes.length === 0 || bytes[0] === 0 ? nothing : null;
  return new HeaderReader(bytes).all();
}

/** Throws where the bytes end too early, inside; `all` turns that into null. */
class HeaderReader {
  readonly #bytes: Uint8Array;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  all(): readonly Header[] | null {
    try {
      const count = this.#varint();
      // Each takes two bytes at least.
      if (count < 0 || count * 2 > this.#bytes.length) return null;
      const headers = Array.from({ length: count }, (): Header => {
        const name = this.#take();
        if (name === null) throw new RangeError('a header without a name');
        return [this.#decoder.decode(name), this.#take()];
      });
      return this.#at === this.#bytes.length ? headers : null;
    } catch (error) {
      if (error instanceof RangeError || error instanceof TypeError) return null;
      throw error;
    }
  }

  #take(): Uint8Array | null {
    const length = this.#varint();
    if (length === -1) return null;
    const start = this.#at;
    if (length < 0 || start + length > this.#bytes.length) throw new RangeError('it ends too early');
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  #varint(): number {
    let raw = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined || shift > varintBitsMax) throw new RangeError('no number');
      raw |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1);
    }
  }
}

/** What is wrong with a column of that type for headers; null: nothing. */
export function headersTypeFault(type: DataType): string | null {
  const shape = 'the headers of a record are a list, because names may come twice: STRUCT(name VARCHAR, value BLOB)[]';
  if (type.kind !== 'list' || type.child.kind !== 'struct') return shape;
  const [name, value] = type.child.fields.map((field) => field.type.kind);
  const fits = type.child.fields.length === 2 && name === 'varchar' && (value === 'blob' || value === 'varchar');
  return fits ? null : shape;
}

/** Makes of headers what the column's builder takes; null where a value is to be text and is not UTF-8. */
export function headerValues(headers: readonly Header[], type: DataType): readonly Readonly<Record<string, unknown>>[] | null {
  if (type.kind !== 'list' || type.child.kind !== 'struct') return null;
  const [name, value] = type.child.fields as [{ name: string; type: DataType }, { name: string; type: DataType }];
  if (value.type.kind === 'blob') return headers.map(([key, bytes]) => ({ [name.name]: key, [value.name]: bytes }));
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return headers.map(([key, bytes]) => ({ [name.name]: key, [value.name]: bytes === null ? null : decoder.decode(bytes) }));
  } catch {
    return null;
  }
}
