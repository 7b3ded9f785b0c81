import type { Batch, Column, FixedArray, Validity } from '../../connectors/batch.ts';
import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { StringDictionary } from '../../connectors/string-dictionary.ts';
import { fixedArray } from './fixed-array.ts';
import type { KernelExports, KernelMemory } from './kernel-exports.ts';
import { type Machine, machineOf, valueSize } from './machine-type.ts';
import { createPackedColumn } from './packed-columns.ts';

/** Copies output columns out of a module's memory. Each string column has a dictionary, replaced when it is full. */
export class OutputReader {
  readonly #kernel: KernelExports;
  readonly #memory: KernelMemory;
  readonly #columns: readonly { type: DataType; machine: Machine; data: number; validity: number; strings: StringCodes | null }[];

  readonly #weights: number;

  constructor(kernel: KernelExports, memory: KernelMemory, schema: readonly ColumnSpec[]) {
    this.#kernel = kernel;
    this.#memory = memory;
    this.#weights = kernel.outputWeights() >>> 0;
    this.#columns = schema.map(({ type }, k) => {
      const machine = machineOf(type);
      return {
        type,
        machine,
        data: kernel.outputAddress(k * 2) >>> 0,
        validity: kernel.outputAddress(k * 2 + 1) >>> 0,
        strings: machine === 'string' ? new StringCodes() : null,
      };
    });
  }

  read(rows: number): Batch {
    const columns = this.#columns.map(({ type, machine, data, validity, strings }): Column => {
      const valid = validity === 0 ? null : this.#validity(validity, rows);
      if (machine === 'packed') return this.#nested(type, data, valid, rows);
      if (strings === null) return { kind: 'fixed', type, data: this.#fixed(data, machine, rows), validity: valid };
      const ids = new Uint32Array(this.#memory.memory.buffer, data, rows);
      const { codes, dictionary } = strings.encode(ids, valid, this.#kernel, this.#memory);
      return { kind: 'string', type, codes, dictionary, validity: valid };
    });
    if (this.#weights === 0) return { rows, columns };
    const weights = new Int32Array(this.#memory.bytes.slice(this.#weights, this.#weights + rows * 4).buffer);
    return { rows, columns, weights };
  }

  /** Ids have been given to other strings. */
  forgetStrings(): void {
    for (const { strings } of this.#columns) strings?.forget();
  }

  #fixed(address: number, machine: Machine, rows: number): FixedArray {
    return fixedArray(machine, this.#memory.bytes.slice(address, address + rows * valueSize(machine)).buffer);
  }

  /** Each row is the id of a value's bytes. */
  #nested(type: DataType, address: number, validity: Validity, rows: number): Column {
    const column = createPackedColumn(type);
    const ids = new Uint32Array(this.#memory.memory.buffer, address, rows);
    const { bytes } = this.#memory;
    for (let row = 0; row < rows; row++) {
      const valid = validity === null || (((validity[row >> 3] as number) >> (row & 7)) & 1) !== 0;
      const id = ids[row] as number;
      if (valid) column.append(bytes, this.#kernel.stringPointer(id) >>> 0, this.#kernel.stringLength(id) >>> 0);
      else column.appendNull();
    }
    return column.finish();
  }

  /** null when every row is valid. */
  #validity(address: number, rows: number): Validity {
    const bytes = this.#memory.bytes.slice(address, address + ((rows + 7) >> 3));
    const whole = rows >> 3;
    for (let k = 0; k < whole; k++) if (bytes[k] !== 255) return bytes;
    const rest = rows & 7;
    const mask = (1 << rest) - 1;
    return rest === 0 || ((bytes[whole] as number) & mask) === mask ? null : bytes;
  }
}

/** One column's dictionary, and the code in it of each id of the module's string table. */
class StringCodes {
  #dictionary = new StringDictionary();
  /** Code plus one, by id. */
  #codeOfId = new Uint32Array(256);

  forget(): void {
    this.#dictionary = new StringDictionary();
    this.#codeOfId.fill(0);
  }

  encode(
    ids: Uint32Array,
    validity: Validity,
    kernel: KernelExports,
    memory: KernelMemory,
  ): { codes: Uint32Array; dictionary: StringDictionary } {
    if (this.#dictionary.full) this.forget();
    const codes = new Uint32Array(ids.length);
    for (let row = 0; row < ids.length; row++) {
      if (validity !== null && (((validity[row >> 3] as number) >> (row & 7)) & 1) === 0) continue;
      const id = ids[row] as number;
      let code = id < this.#codeOfId.length ? (this.#codeOfId[id] as number) : 0;
      if (code === 0) code = this.#add(id, kernel, memory);
      codes[row] = code - 1;
    }
    return { codes, dictionary: this.#dictionary };
  }

  #add(id: number, kernel: KernelExports, memory: KernelMemory): number {
    if (id >= this.#codeOfId.length) {
      const larger = new Uint32Array(2 ** Math.ceil(Math.log2(id + 1)) * 2);
      larger.set(this.#codeOfId);
      this.#codeOfId = larger;
    }
    const pointer = kernel.stringPointer(id) >>> 0;
    const code = this.#dictionary.append(memory.bytes.subarray(pointer, pointer + (kernel.stringLength(id) >>> 0))) + 1;
    this.#codeOfId[id] = code;
    return code;
  }
}
