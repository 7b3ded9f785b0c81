import { Buffer } from 'node:buffer';
import type { ColumnBuilder } from '../column-builder.ts';
import { lastFields } from '../columns/json-fields.ts';
import { JsonReader } from '../columns/json-reader.ts';
import type { ColumnSpec } from '../data-type.ts';
import type { RowColumns } from './row-columns.ts';
import { missingValue, type RowFault, shownText, wrongType } from './row-fault.ts';

const openBrace = 123;
const closeBrace = 125;
const colon = 58;
const letterN = 110;

/**
 * Makes a row of a JSON object. Fields that the table does not have are checked for form and passed over; of several fields of one name
 * the last one counts, as with JSON.parse.
 */
export class JsonRow {
  readonly #columns: RowColumns;
  readonly #reader = new JsonReader();
  readonly #names: readonly Uint8Array[];
  readonly #byName: ReadonlyMap<string, number>;
  /** Number of the record that last had each column. */
  readonly #seen: Float64Array;
  /** Column of the field that came k-th in the record before: records mostly repeat it. */
  readonly #order: number[] = [];
  #record = 0;

  constructor(columns: RowColumns) {
    this.#columns = columns;
    this.#names = columns.specs.map((spec) => new TextEncoder().encode(spec.name));
    this.#byName = new Map(this.#names.map((name, index) => [Buffer.from(name).toString('latin1'), index]));
    this.#seen = new Float64Array(columns.specs.length);
  }

  /** Appends the object of bytes[start, end), which is known to be UTF-8, as a row; or says why it is none; or 'blank'. */
  append(bytes: Uint8Array, start: number, end: number): RowFault | 'blank' | null {
    const reader = this.#reader;
    reader.reset(bytes, start, end);
    const first = reader.peek();
    if (first === -1) return 'blank';
    if (first !== openBrace) return { reason: 'it is not a JSON object', field: null };
    const from = ++reader.position;
    if (this.#plain()) return this.#end();
    this.#columns.undo();
    if (reader.fault !== null) return { reason: reader.fault, field: null };
    reader.position = from;
    const fault = this.#last();
    if (fault === null) return this.#end();
    this.#columns.undo();
    return fault;
  }

  /** A row without any field. */
  appendNothing(): RowFault | null {
    this.#record++;
    return this.#end();
  }

  #end(): RowFault | null {
    const fault = this.#absent();
    if (fault === null) this.#columns.endRow();
    else this.#columns.undo();
    return fault;
  }

  /** As long as no name comes twice and every value fits. */
  #plain(): boolean {
    const reader = this.#reader;
    this.#record++;
    if (reader.peek() === closeBrace) reader.position++;
    else {
      let place = 0;
      do {
        reader.halfPair = false;
        if (!reader.readString()) return false;
        const column = reader.halfPair ? -1 : this.#columnOf(reader, place++);
        if (!reader.expect(colon)) return false;
        if (column < 0) reader.skipValue();
        else if (this.#seen[column] === this.#record || !this.#value(column)) return false;
      } while (reader.fault === null && reader.more(closeBrace));
    }
    return reader.fault === null && reader.atEnd();
  }

  #value(column: number): boolean {
    const reader = this.#reader;
    this.#seen[column] = this.#record;
    if (reader.peek() === letterN && !(this.#columns.specs[column] as ColumnSpec).nullable) return false;
    return (this.#columns.builders[column] as ColumnBuilder).appendJson(reader);
  }

  /** The last value of each name, once all of the object is known to be well-formed. */
  #last(): RowFault | null {
    const reader = this.#reader;
    const fields = lastFields(reader);
    if (fields === null || !reader.atEnd()) return { reason: reader.fault ?? 'bad JSON', field: null };
    this.#record++;
    for (const [name, { value }] of fields) {
      const column = this.#byName.get(name) ?? -1;
      if (column < 0) continue;
      reader.position = value;
      reader.path = '';
      if (!this.#value(column)) return this.#fault(this.#columns.specs[column] as ColumnSpec, value);
    }
    return null;
  }

  #fault(spec: ColumnSpec, start: number): RowFault {
    const reader = this.#reader;
    const field = `${spec.name}${reader.path}`;
    if (reader.fault !== null) return { reason: reader.fault, field };
    if (reader.bytes[start] === letterN) return missingValue(spec);
    reader.position = start;
    reader.halfPair = false;
    reader.skipValue();
    if (reader.halfPair) return { reason: `${spec.name} has half of a surrogate pair`, field };
    return { ...wrongType(spec, valueText(reader, start)), field };
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
    const { specs, builders } = this.#columns;
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
