import type { Batch, Column, Validity } from '../../connectors/batch.ts';
import type { DictionaryTranslations } from './dictionary-translations.ts';
import type { KernelExports, KernelMemory } from './kernel-exports.ts';
import { machineOf, valueSize } from './machine-type.ts';
import type { ProgramInput } from './program.ts';

/** Copies batches into the buffers of one input of a module, in the order in which `InputColumns` counts them. */
export class InputWriter {
  readonly #kernel: KernelExports;
  readonly #memory: KernelMemory;
  readonly #translations: DictionaryTranslations;
  readonly #inputs: number;
  readonly #allValid: number;
  readonly #first: number;
  readonly #weighted: boolean;
  /** Validity buffers by entry: the descriptor itself may point to the page of ones. */
  readonly #validities = new Map<number, { address: number; capacity: number }>();

  constructor(kernel: KernelExports, memory: KernelMemory, translations: DictionaryTranslations, input: ProgramInput) {
    this.#kernel = kernel;
    this.#memory = memory;
    this.#translations = translations;
    this.#inputs = kernel.inputs.value >>> 0;
    this.#allValid = kernel.allValid.value >>> 0;
    this.#first = input.firstBuffer ?? 0;
    this.#weighted = input.weighted ?? false;
  }

  /** Number, address and capacity of each: a descriptor that points to the page of ones does not tell. */
  validities(): [number, number, number][] {
    return [...this.#validities].map(([buffer, { address, capacity }]) => [buffer, address, capacity]);
  }

  restoreValidities(known: readonly (readonly [number, number, number])[]): void {
    for (const [buffer, address, capacity] of known) this.#validities.set(buffer, { address, capacity });
  }

  write(batch: Batch): void {
    let buffer = this.#first;
    for (const column of batch.columns) buffer = this.#column(column, batch.rows, buffer);
    if (this.#weighted) this.#weights(buffer, batch);
    else if (batch.weights?.some((weight) => weight !== 1)) throw new RangeError('rows are taken back from an input that never changes');
  }

  /** Returns the number of the buffer after the column's last. */
  #column(column: Column, rows: number, buffer: number): number {
    switch (column.kind) {
      case 'fixed': {
        const bytes = rows * valueSize(machineOf(column.type));
        const { data } = column;
        if (data.byteLength < bytes)
          throw new RangeError(`a column of ${column.type.kind} holds ${data.byteLength} bytes for ${rows} rows, not ${bytes}`);
        this.#copy(buffer, new Uint8Array(data.buffer, data.byteOffset, bytes));
        this.#validity(buffer + 1, column.validity, rows);
        return buffer + 2;
      }
      case 'string': {
        const { codes } = column;
        if (codes.length < rows) throw new RangeError(`a column of ${column.type.kind} holds ${codes.length} codes for ${rows} rows`);
        const address = this.#copy(buffer, new Uint8Array(codes.buffer, codes.byteOffset, rows * 4));
        this.#translations.translate(address, rows, column.dictionary);
        this.#validity(buffer + 1, column.validity, rows);
        return buffer + 2;
      }
      case 'list': {
        const { offsets } = column;
        if (offsets.length < rows + 1) throw new RangeError(`a list column holds ${offsets.length} offsets for ${rows} rows`);
        this.#copy(buffer, new Uint8Array(offsets.buffer, offsets.byteOffset, (rows + 1) * 4));
        this.#validity(buffer + 1, column.validity, rows);
        const elements = offsets[rows] as number;
        let next = buffer + 2;
        for (const child of column.children) next = this.#column(child, elements, next);
        return next;
      }
      case 'struct': {
        this.#validity(buffer, column.validity, rows);
        let next = buffer + 1;
        for (const child of column.children) next = this.#column(child, rows, next);
        return next;
      }
    }
  }

  #weights(buffer: number, { rows, weights }: Batch): void {
    const written = weights ?? new Int32Array(rows).fill(1);
    if (written.length < rows) throw new RangeError(`a batch holds ${written.length} weights for ${rows} rows`);
    this.#copy(buffer, new Uint8Array(written.buffer, written.byteOffset, rows * 4));
  }

  #copy(buffer: number, bytes: Uint8Array): number {
    const entry = this.#inputs + buffer * 8;
    const capacity = this.#memory.words[entry / 4 + 1] as number;
    const address =
      bytes.length <= capacity && capacity !== 0
        ? (this.#memory.words[entry / 4] as number)
        : this.#kernel.ensureBuffer(entry, roomFor(bytes.length)) >>> 0;
    this.#memory.bytes.set(bytes, address);
    return address;
  }

  #validity(buffer: number, validity: Validity, rows: number): void {
    const entry = this.#inputs + buffer * 8;
    const words = this.#memory.words;
    if (validity === null && rows <= 8192) {
      words[entry / 4] = this.#allValid;
      return;
    }
    const bytes = validity === null ? new Uint8Array((rows + 7) >> 3).fill(255) : validity.subarray(0, (rows + 7) >> 3);
    const own = this.#validities.get(buffer);
    if (own !== undefined) words[entry / 4] = own.address;
    const address = this.#copy(buffer, bytes);
    this.#validities.set(buffer, { address, capacity: this.#memory.words[entry / 4 + 1] as number });
  }
}

function roomFor(bytes: number): number {
  return Math.max(1024, 2 ** Math.ceil(Math.log2(bytes)));
}
