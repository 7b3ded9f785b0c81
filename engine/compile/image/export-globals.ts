/** Value types of WebAssembly that JavaScript can read and write. */
const readable: ReadonlySet<number> = new Set([0x7f, 0x7e, 0x7d, 0x7c]);
const section = { import: 2, global: 6, export: 7 } as const;
const kindGlobal = 3;
const headerBytes = 8;
/** Prefix of the names that globals are exported by. */
export const globalPrefix = 'image:';

const encoder = new TextEncoder();

interface Section {
  readonly id: number;
  readonly body: Uint8Array;
}

/**
 * The module with every global that changes exported as `image:<index>`: top-level variables are no part of the memory, and would be
 * missing from an image of it. Null: one of them is of a type that cannot be read from outside.
 */
export function exportGlobals(wasm: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const sections = sectionsOf(wasm);
  const imported = importedGlobals(sections.find(({ id }) => id === section.import)?.body);
  const changing = changingGlobals(sections.find(({ id }) => id === section.global)?.body);
  if (changing.some(({ type }) => !readable.has(type))) return null;
  const added = changing.flatMap(({ index }) => exportEntry(`${globalPrefix}${imported + index}`, imported + index));
  const parts = sections.map(({ id, body }) => ({ id, body: id === section.export ? withEntries(body, changing.length, added) : body }));
  const bytes = parts.flatMap(({ id, body }) => [Uint8Array.of(id, ...unsigned(body.length)), body]);
  return new Uint8Array(Buffer.concat([wasm.subarray(0, headerBytes), ...bytes]));
}

function sectionsOf(wasm: Uint8Array): Section[] {
  const sections: Section[] = [];
  const reader = new Reader(wasm, headerBytes);
  while (reader.at < wasm.length) {
    const id = reader.byte();
    const length = reader.unsigned();
    sections.push({ id, body: wasm.subarray(reader.at, reader.at + length) });
    reader.at += length;
  }
  return sections;
}

function importedGlobals(body: Uint8Array | undefined): number {
  if (body === undefined) return 0;
  const reader = new Reader(body, 0);
  let globals = 0;
  for (let left = reader.unsigned(); left > 0; left--) {
    reader.name();
    reader.name();
    const kind = reader.byte();
    if (kind === 0) reader.unsigned();
    else if (kind === kindGlobal) {
      reader.at += 2;
      globals++;
    } else throw new TypeError(`the module imports something of kind ${kind}`);
  }
  return globals;
}

function changingGlobals(body: Uint8Array | undefined): { readonly index: number; readonly type: number }[] {
  if (body === undefined) return [];
  const reader = new Reader(body, 0);
  const changing: { index: number; type: number }[] = [];
  const count = reader.unsigned();
  for (let index = 0; index < count; index++) {
    const type = reader.byte();
    if (reader.byte() === 1) changing.push({ index, type });
    reader.expression();
  }
  return changing;
}

function exportEntry(name: string, index: number): number[] {
  const bytes = encoder.encode(name);
  return [...unsigned(bytes.length), ...bytes, kindGlobal, ...unsigned(index)];
}

function withEntries(body: Uint8Array, count: number, entries: readonly number[]): Uint8Array {
  const reader = new Reader(body, 0);
  const before = reader.unsigned();
  return Buffer.concat([Uint8Array.from(unsigned(before + count)), body.subarray(reader.at), Uint8Array.from(entries)]);
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** Opcodes of constant expressions. */
const op = { end: 0x0b, globalGet: 0x23, i32: 0x41, i64: 0x42, f32: 0x43, f64: 0x44, vector: 0xfd } as const;

class Reader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.#bytes[this.at++] as number;
  }

  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  name(): void {
    const length = this.unsigned();
    this.at += length;
  }

  /** Passes over a constant expression. */
  expression(): void {
    for (let code = this.byte(); code !== op.end; code = this.byte()) {
      if (code === op.i32 || code === op.i64 || code === op.globalGet) while (this.byte() >= 0x80);
      else if (code === op.f32) this.at += 4;
      else if (code === op.f64) this.at += 8;
      else if (code === op.vector) this.at += 17;
      else throw new TypeError(`a global begins with the instruction ${code}`);
    }
  }
}
