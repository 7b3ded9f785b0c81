import type { Column, FixedArray, Validity } from '../../connectors/batch.ts';
import type { DataType } from '../../connectors/data-type.ts';
import { StringDictionary } from '../../connectors/string-dictionary.ts';
import { packedBit, wordAt } from '../../kernels/packed-value.ts';
import { fixedArray } from './fixed-array.ts';
import { machineOf, valueSize } from './machine-type.ts';

/** A column read value by value out of packed bytes (kernels/packed-value.ts). */
export interface PackedColumn {
  /** The value whose bytes are [at, at + length). */
  append(bytes: Uint8Array, at: number, length: number): void;
  appendNull(): void;
  finish(): Column;
}

export function createPackedColumn(type: DataType): PackedColumn {
  switch (type.kind) {
    case 'list':
    case 'map':
      return new PackedListColumn(type);
    case 'struct':
      return new PackedStructColumn(type);
    default:
      return machineOf(type) === 'string' ? new PackedTextColumn(type) : new PackedFixedColumn(type);
  }
}

class ValidityBits {
  #bits = new Uint8Array(64);
  #nulls = false;
  rows = 0;

  add(valid: boolean): void {
    const at = this.rows >> 3;
    if (at >= this.#bits.length) this.#bits = larger(this.#bits, this.#bits.length * 2);
    if (valid) this.#bits[at] = (this.#bits[at] as number) | (1 << (this.rows & 7));
    else this.#nulls = true;
    this.rows++;
  }

  finish(): Validity {
    return this.#nulls ? this.#bits.slice(0, (this.rows + 7) >> 3) : null;
  }
}

class PackedFixedColumn implements PackedColumn {
  readonly #type: DataType;
  readonly #width: number;
  readonly #validity = new ValidityBits();
  #data = new Uint8Array(1024);

  constructor(type: DataType) {
    this.#type = type;
    this.#width = valueSize(machineOf(type));
  }

  append(bytes: Uint8Array, at: number): void {
    this.#room();
    this.#data.set(bytes.subarray(at, at + this.#width), this.#validity.rows * this.#width);
    this.#validity.add(true);
  }

  appendNull(): void {
    this.#room();
    this.#validity.add(false);
  }

  finish(): Column {
    const bytes = this.#data.slice(0, this.#validity.rows * this.#width).buffer;
    return {
      kind: 'fixed',
      type: this.#type,
      data: fixedArray(machineOf(this.#type), bytes) as FixedArray,
      validity: this.#validity.finish(),
    };
  }

  #room(): void {
    if ((this.#validity.rows + 1) * this.#width > this.#data.length) this.#data = larger(this.#data, this.#data.length * 2);
  }
}

class PackedTextColumn implements PackedColumn {
  readonly #type: DataType;
  readonly #validity = new ValidityBits();
  readonly #dictionary = new StringDictionary();
  readonly #codes: number[] = [];

  constructor(type: DataType) {
    this.#type = type;
  }

  append(bytes: Uint8Array, at: number, length: number): void {
    this.#codes.push(this.#dictionary.append(bytes.subarray(at, at + length)));
    this.#validity.add(true);
  }

  appendNull(): void {
    this.#codes.push(0);
    this.#validity.add(false);
  }

  finish(): Column {
    const codes = Uint32Array.from(this.#codes);
    return { kind: 'string', type: this.#type, codes, dictionary: this.#dictionary, validity: this.#validity.finish() };
  }
}

class PackedListColumn implements PackedColumn {
  readonly #type: DataType;
  readonly #validity = new ValidityBits();
  readonly #offsets: number[] = [0];
  readonly #children: readonly { column: PackedColumn; width: number }[];
  #elements = 0;

  constructor(type: Extract<DataType, { kind: 'list' | 'map' }>) {
    this.#type = type;
    const types = type.kind === 'list' ? [type.child] : [type.key, type.value];
    this.#children = types.map((child) => ({ column: createPackedColumn(child), width: widthOf(child) }));
  }

  append(bytes: Uint8Array, at: number): void {
    const [first, second] = this.#children;
    if (first === undefined) return;
    if (second === undefined) this.#elements += appendElements(first, bytes, at);
    else {
      this.#elements += appendElements(first, bytes, at + 4);
      appendElements(second, bytes, at + 4 + wordAt(bytes, at));
    }
    this.#close(true);
  }

  appendNull(): void {
    this.#close(false);
  }

  finish(): Column {
    const children = this.#children.map(({ column }) => column.finish());
    return { kind: 'list', type: this.#type, offsets: Uint32Array.from(this.#offsets), children, validity: this.#validity.finish() };
  }

  #close(valid: boolean): void {
    this.#offsets.push(this.#elements);
    this.#validity.add(valid);
  }
}

/** Appends the elements of the list at `at`; gives how many. */
function appendElements({ column, width }: { column: PackedColumn; width: number }, bytes: Uint8Array, at: number): number {
  const count = wordAt(bytes, at);
  const first = at + 4 + ((count + 7) >> 3);
  const data = first + count * 4;
  let from = 0;
  for (let i = 0; i < count; i++) {
    const end = width === 0 ? wordAt(bytes, first + i * 4) : 0;
    if (!packedBit(bytes, at + 4, i)) column.appendNull();
    else if (width === 0) column.append(bytes, data + from, end - from);
    else column.append(bytes, first + i * width, width);
    from = end;
  }
  return count;
}

class PackedStructColumn implements PackedColumn {
  readonly #type: DataType;
  readonly #validity = new ValidityBits();
  readonly #fields: readonly { column: PackedColumn; width: number }[];

  constructor(type: Extract<DataType, { kind: 'struct' }>) {
    this.#type = type;
    this.#fields = type.fields.map((field) => ({ column: createPackedColumn(field.type), width: widthOf(field.type) }));
  }

  append(bytes: Uint8Array, at: number): void {
    let field = at + ((this.#fields.length + 7) >> 3);
    this.#fields.forEach(({ column, width }, k) => {
      const length = width === 0 ? wordAt(bytes, field) : width;
      const from = width === 0 ? field + 4 : field;
      if (packedBit(bytes, at, k)) column.append(bytes, from, length);
      else column.appendNull();
      field = from + length;
    });
    this.#validity.add(true);
  }

  appendNull(): void {
    for (const { column } of this.#fields) column.appendNull();
    this.#validity.add(false);
  }

  finish(): Column {
    return {
      kind: 'struct',
      type: this.#type,
      children: this.#fields.map(({ column }) => column.finish()),
      validity: this.#validity.finish(),
    };
  }
}

/** Bytes of a value inside a packed one; 0: any number of them. */
function widthOf(type: DataType): number {
  const machine = machineOf(type);
  return machine === 'string' || machine === 'packed' ? 0 : valueSize(machine);
}

function larger(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(length);
  grown.set(bytes);
  return grown;
}
