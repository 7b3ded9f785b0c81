import { JsonRow } from '../formats/json-row.ts';
import type { RowColumns } from '../formats/row-columns.ts';
import type { RowFault } from '../formats/row-fault.ts';
import type { RecordDecoder } from '../formats/record-decoder.ts';

const newline = 10;

/** One JSON object a line. */
export class JsonDecoder implements RecordDecoder {
  readonly columns: RowColumns;
  readonly lines = 1;
  readonly #row: JsonRow;
  #start = 0;
  #end = 0;

  constructor(columns: RowColumns) {
    this.columns = columns;
    this.#row = new JsonRow(columns);
  }

  scan(bytes: Uint8Array, start: number, end: number, last: boolean): number {
    const found = bytes.indexOf(newline, start);
    const ends = found >= 0 && found < end;
    if (!ends && !last) return -1;
    this.#start = start;
    this.#end = ends ? found : end;
    return ends ? found + 1 : end;
  }

  beginSkip(): void {}

  skip(bytes: Uint8Array, start: number, end: number): number {
    const found = bytes.indexOf(newline, start);
    return found >= 0 && found < end ? found + 1 : -1;
  }

  decode(bytes: Uint8Array): RowFault | 'blank' | null {
    return this.#row.append(bytes, this.#start, this.#end);
  }
}
