import type { Column } from '../batch.ts';
import type { DecoderModule } from './decoder-module.ts';
import type { JsonExports } from './json-exports.ts';
import type { KeptColumn } from './kept-column.ts';

const scratchBytesMin = 1024;
const scratchSlack = 16;

/** Writes rows that the host has decoded into the module's columns, where the module left their places. */
export class PatchedRows {
  readonly #module: DecoderModule<JsonExports>;
  readonly #columns: readonly KeptColumn[];
  readonly #withNulls = new Set<KeptColumn>();
  #rows: number[] = [];
  #scratch = 0;
  #scratchBytes = 0;

  constructor(module: DecoderModule<JsonExports>, columns: readonly KeptColumn[]) {
    this.#module = module;
    this.#columns = columns;
  }

  begin(): void {
    this.#rows = [];
    this.#withNulls.clear();
  }

  /** The row that comes next in the columns given to `apply`. */
  add(row: number): void {
    this.#rows.push(row);
  }

  hasNulls(column: KeptColumn): boolean {
    return this.#withNulls.has(column);
  }

  /** `decoded`: columns in the order of those given at the beginning; `block`: address of the module's block of columns. */
  apply(decoded: readonly Column[], block: number): void {
    if (this.#rows.length === 0) return;
    for (const [place, kept] of this.#columns.entries()) {
      const column = decoded[place] as Column;
      for (const [index, row] of this.#rows.entries()) {
        this.#validity(kept, column, index, row, block);
        if (column.kind === 'fixed') this.#fixed(kept, column, index, row, block);
        else if (column.kind === 'string') this.#string(kept, column, index, row, block);
      }
    }
  }

  #validity(kept: KeptColumn, { validity }: Column, index: number, row: number, block: number): void {
    if (kept.column.validity === 0) return;
    const valid = validity === null || (((validity[index >> 3] as number) >> (index & 7)) & 1) === 1;
    const { bytes } = this.#module;
    const at = block + kept.column.validity + (row >> 3);
    const bit = 1 << (row & 7);
    bytes[at] = valid ? (bytes[at] as number) | bit : (bytes[at] as number) & ~bit;
    if (!valid) this.#withNulls.add(kept);
  }

  #fixed(kept: KeptColumn, { data }: Column & { kind: 'fixed' }, index: number, row: number, block: number): void {
    const { width, offset } = kept.column;
    const value = new Uint8Array(data.buffer, data.byteOffset + index * width, width);
    this.#module.bytes.set(value, block + offset + row * width);
  }

  #string(kept: KeptColumn, { codes, dictionary }: Column & { kind: 'string' }, index: number, row: number, block: number): void {
    const code = codes[index] as number;
    if (code >= dictionary.size) return;
    const value = dictionary.bytes.subarray(dictionary.offsets[code], dictionary.offsets[code + 1]);
    this.#reserve(value.length + scratchSlack);
    this.#module.bytes.set(value, this.#scratch);
    const own = kept.dictionary?.code(this.#scratch, value.length) ?? 0;
    this.#module.words[(block + kept.column.offset) / 4 + row] = own;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#scratchBytes) return;
    if (this.#scratchBytes > 0) this.#module.release(this.#scratch, this.#scratchBytes);
    this.#scratchBytes = Math.max(scratchBytesMin, bytes * 2);
    this.#scratch = this.#module.allocate(this.#scratchBytes);
  }
}
