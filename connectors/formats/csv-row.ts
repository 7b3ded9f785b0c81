import { isUtf8 } from 'node:buffer';
import { CsvDecoder, type CsvSettings } from './csv-decoder.ts';
import type { RowColumns } from './row-columns.ts';
import type { RowFault } from './row-fault.ts';
import type { RowMaker } from './row-values.ts';

/** A message that is one line of CSV, its fields in the order of the table's columns. A line end after it counts for nothing. */
export class CsvRow implements RowMaker {
  readonly #columns: RowColumns;
  readonly #decoder: CsvDecoder;

  constructor(columns: RowColumns, settings: CsvSettings) {
    this.#columns = columns;
    this.#decoder = new CsvDecoder(columns, settings);
  }

  append(bytes: Uint8Array, start: number, end: number): RowFault | null {
    if (!isUtf8(bytes.subarray(start, end))) return { reason: 'it is not valid UTF-8', field: null };
    if (this.#decoder.scan(bytes, start, end, true) !== end) return { reason: 'it is more than one line', field: null };
    const outcome = this.#decoder.decode(bytes);
    return outcome === 'blank' ? { reason: 'it is empty', field: null } : outcome;
  }

  appendNothing(): RowFault | null {
    return this.#columns.appendNulls();
  }
}
