import { Buffer } from 'node:buffer';
import type { ColumnBuilder } from '../column-builder.ts';
import { JsonReader } from '../columns/json-reader.ts';
import type { ColumnSpec } from '../data-type.ts';
import type { RecordDecoder, RowColumns } from './record-decoder.ts';
import { missingValue, type RowFault, shownText, wrongType } from './row-fault.ts';

const newline = 10;
const openBrace = 123;
const closeBrace = 125;
const colon = 58;
const letterN = 110;

/** One JSON object a line. Fields that the table does not have are checked for form and passed over. */
export class JsonDecoder implements RecordDecoder {
  readonly columns: RowColumns;
  readonly lines = 1;
  readonly #reader = new JsonReader();
  readonly #names: readonly Uint8Array[];
  readonly #byName: ReadonlyMap<string, number>;
  /** Number of the record that last had each column. */
  readonly #seen: Float64Array;
  /** Column of the field that came k-th in the record before: records mostly repeat it. */
  readonly #order: number[] = [];
  #record = 0;
  #start = 0;
  #end = 0;

  constructor(columns: RowColumns) {
    this.columns = columns;
    this.#names = columns.specs.map((spec) => new TextEncoder().encode(spec.name));
    this.#byName = new Map(this.#names.map((name, index) => [Buffer.from(name).toString('latin1'), index]));
    this.#seen = new Float64Array(columns.specs.length);
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
    const reader = this.#reader;
    reader.reset(bytes, this.#start, this.#end);
    const first = reader.peek();
    if (first === -1) return 'blank';
    if (first !== openBrace) return { reason: 'the line is not a JSON object', field: null };
    this.#record++;
    const fault = this.#object(reader) ?? this.#absent();
    if (fault !== null) {
      this.columns.undo();
      return fault;
    }
    this.columns.rows++;
    return null;
  }

  #object(reader: JsonReader): RowFault | null {
    reader.position++;
    if (reader.peek() === closeBrace) reader.position++;
    else {
      let place = 0;
      do {
        if (!reader.readString()) break;
        const column = this.#columnOf(reader, place++);
        if (!reader.expect(colon)) break;
        if (column < 0) {
          reader.skipValue();
          continue;
        }
        const fault = this.#value(reader, column);
        if (fault !== null) return fault;
      } while (reader.fault === null && reader.more(closeBrace));
    }
    if (reader.fault === null) reader.atEnd();
    return reader.fault === null ? null : { reason: reader.fault, field: null };
  }

  #value(reader: JsonReader, column: number): RowFault | null {
    const spec = this.columns.specs[column] as ColumnSpec;
    if (this.#seen[column] === this.#record) return { reason: `${spec.name} comes twice`, field: spec.name };
    this.#seen[column] = this.#record;
    if (!spec.nullable && reader.peek() === letterN) return missingValue(spec);
    reader.peek();
    const start = reader.position;
    if ((this.columns.builders[column] as ColumnBuilder).appendJson(reader)) return null;
    if (reader.fault !== null) return { reason: reader.fault, field: spec.name };
    reader.position = start;
    reader.skipValue();
    return wrongType(spec, valueText(reader, start));
  }

  /** Column of the name just read, -1 when the table has none of it. */
  #columnOf(reader: JsonReader, place: number): number {
    const { token, tokenStart, tokenEnd } = reader;
    const guess = this.#order[place];
    if (guess !== undefined && guess >= 0 && same(this.#names[guess] as Uint8Array, token, tokenStart, tokenEnd)) return guess;
    const name = Buffer.from(token.buffer, token.byteOffset + tokenStart, tokenEnd - tokenStart).toString('latin1');
    const column = this.#byName.get(name) ?? -1;
    if (place <= this.#names.length * 4) this.#order[place] = column;
    return column;
  }

  /** Gives NULL to the columns that the record did not have. */
  #absent(): RowFault | null {
    const { specs, builders } = this.columns;
    for (let column = 0; column < specs.length; column++) {
      if (this.#seen[column] === this.#record) continue;
      if (!(specs[column] as ColumnSpec).nullable) return missingValue(specs[column] as ColumnSpec);
      (builders[column] as ColumnBuilder).appendNull();
    }
    return null;
  }
}

/** A string without its quotes, anything else as written. */
function valueText(reader: JsonReader, start: number): string {
  if (reader.bytes[start] === 34) return shownText(reader.token, reader.tokenStart, reader.tokenEnd);
  return shownText(reader.bytes, start, reader.position);
}

function same(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}
