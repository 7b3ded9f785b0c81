import { Buffer } from 'node:buffer';
import type { Column, Validity } from '../batch.ts';
import type { DataType } from '../data-type.ts';
import { ColumnBuilder } from './builder.ts';
import { lastFields } from './json-fields.ts';
import { JsonReader } from './json-reader.ts';

type Make = (type: DataType) => ColumnBuilder;
const colon = 58;
const openBracket = 91;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

/** LIST, MAP and STRUCT are read from JSON; in a text field they stand as JSON too. */
abstract class NestedBuilder extends ColumnBuilder {
  readonly #reader = new JsonReader();

  protected abstract appendElements(reader: JsonReader): boolean;

  protected abstract readonly open: number;

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    this.#reader.reset(bytes, start, end);
    const before = this.rows;
    if (this.appendJson(this.#reader) && this.#reader.atEnd()) return true;
    this.truncate(before);
    return false;
  }

  override appendJson(reader: JsonReader): boolean {
    const first = reader.peek();
    if (first === 110) {
      if (!reader.readScalar()) return false;
      this.appendNull();
      return true;
    }
    if (first !== this.open) {
      reader.skipValue();
      return false;
    }
    if (!reader.enter()) return false;
    reader.position++;
    const good = this.appendElements(reader);
    reader.leave();
    return good;
  }
}

/** LIST has one child; MAP has keys and values. Row i is child[offsets[i] .. offsets[i + 1]). */
abstract class OffsetsBuilder extends NestedBuilder {
  protected offsets = new Uint32Array(65);
  protected abstract readonly children: readonly ColumnBuilder[];

  protected get start(): number {
    return this.offsets[this.rows] as number;
  }

  protected endRow(): true {
    if (this.rows + 2 > this.offsets.length) {
      const larger = new Uint32Array(this.offsets.length * 2);
      larger.set(this.offsets);
      this.offsets = larger;
    }
    this.offsets[++this.rows] = (this.children[0] as ColumnBuilder).rows;
    return true;
  }

  /** Forgets the elements of the row begun. */
  protected undo(): false {
    for (const child of this.children) child.truncate(this.start);
    return false;
  }

  protected override appendFiller(): void {
    this.endRow();
  }

  protected override truncateValues(rows: number): void {
    for (const child of this.children) child.truncate(this.offsets[rows] as number);
  }

  protected override takeColumn(validity: Validity): Column {
    const offsets = this.offsets.slice(0, this.rows + 1);
    return { kind: 'list', type: this.type, offsets, children: this.children.map((child) => child.finish()), validity };
  }
}

export class ListBuilder extends OffsetsBuilder {
  protected override readonly open = openBracket;
  protected override readonly children: readonly [ColumnBuilder];

  constructor(type: DataType & { kind: 'list' }, make: Make) {
    super(type);
    this.children = [make(type.child)];
  }

  protected override appendElements(reader: JsonReader): boolean {
    const [child] = this.children;
    if (reader.peek() === closeBracket) reader.position++;
    else {
      do {
        if (child.appendJson(reader)) continue;
        reader.path = `[${child.rows - this.start}]${reader.path}`;
        return this.undo();
      } while (reader.more(closeBracket));
      if (reader.fault !== null) return this.undo();
    }
    return this.endRow();
  }

  override appendValue(value: unknown): boolean {
    if (value === null || value === undefined) {
      this.appendNull();
      return true;
    }
    if (!Array.isArray(value)) return false;
    for (const element of value) if (!this.children[0].appendValue(element)) return this.undo();
    return this.endRow();
  }
}

/** From a JSON object, whose names are converted to the key's type. Of several values of a name the last one counts. */
export class MapBuilder extends OffsetsBuilder {
  protected override readonly open = openBrace;
  protected override readonly children: readonly [ColumnBuilder, ColumnBuilder];

  constructor(type: DataType & { kind: 'map' }, make: Make) {
    super(type);
    this.children = [make(type.key), make(type.value)];
  }

  protected override appendElements(reader: JsonReader): boolean {
    const from = reader.position;
    if (this.#appendPlain(reader)) return this.endRow();
    this.undo();
    if (reader.fault !== null) return false;
    reader.position = from;
    return this.#appendLast(reader) ? this.endRow() : this.undo();
  }

  /** As long as no name comes twice and every value fits. */
  #appendPlain(reader: JsonReader): boolean {
    const [keys, values] = this.children;
    if (reader.peek() === closeBrace) {
      reader.position++;
      return true;
    }
    const seen = new Set<string>();
    do {
      reader.halfPair = false;
      if (!reader.readString() || reader.halfPair) return false;
      const text = nameOf(reader);
      if (seen.has(text)) return false;
      seen.add(text);
      if (!keys.appendText(reader.token, reader.tokenStart, reader.tokenEnd)) return false;
      if (!reader.expect(colon) || !values.appendJson(reader)) return false;
    } while (reader.more(closeBrace));
    return reader.fault === null;
  }

  #appendLast(reader: JsonReader): boolean {
    const [keys, values] = this.children;
    const fields = lastFields(reader);
    if (fields === null) return false;
    const { position } = reader;
    for (const [text, { name, value }] of fields) {
      reader.position = value;
      reader.path = '';
      if (name !== null && keys.appendText(name, 0, name.length) && values.appendJson(reader)) continue;
      reader.path = `[${JSON.stringify(Buffer.from(text, 'latin1').toString('utf8'))}]${reader.path}`;
      return false;
    }
    reader.position = position;
    return true;
  }

  override appendValue(value: unknown): boolean {
    if (value === null || value === undefined) {
      this.appendNull();
      return true;
    }
    if (typeof value !== 'object' || Array.isArray(value)) return false;
    const entries = value instanceof Map ? value : Object.entries(value);
    for (const [key, element] of entries) {
      if (key === null || !this.children[0].appendValue(key) || !this.children[1].appendValue(element)) return this.undo();
    }
    return this.endRow();
  }
}

/** From a JSON object: missing fields are NULL, unknown ones are passed over. Of several values of a name the last one counts. */
export class StructBuilder extends NestedBuilder {
  protected override readonly open = openBrace;
  readonly #children: readonly ColumnBuilder[];
  readonly #byName = new Map<string, ColumnBuilder>();

  constructor(type: DataType & { kind: 'struct' }, make: Make) {
    super(type);
    this.#children = type.fields.map((field) => make(field.type));
    for (const [index, field] of type.fields.entries()) {
      this.#byName.set(Buffer.from(field.name).toString('latin1'), this.#children[index] as ColumnBuilder);
    }
  }

  protected override appendElements(reader: JsonReader): boolean {
    const from = reader.position;
    if (this.#appendPlain(reader)) return this.#endRow();
    this.#undo();
    if (reader.fault !== null) return false;
    reader.position = from;
    return this.#appendLast(reader) ? this.#endRow() : this.#undo();
  }

  /** As long as no name comes twice and every value fits. */
  #appendPlain(reader: JsonReader): boolean {
    if (reader.peek() === closeBrace) {
      reader.position++;
      return true;
    }
    do {
      reader.halfPair = false;
      if (!reader.readString()) return false;
      const child = reader.halfPair ? undefined : this.#byName.get(nameOf(reader));
      if (!reader.expect(colon)) return false;
      if (child === undefined) reader.skipValue();
      else if (child.rows > this.rows || !child.appendJson(reader)) return false;
    } while (reader.fault === null && reader.more(closeBrace));
    return reader.fault === null;
  }

  #appendLast(reader: JsonReader): boolean {
    const fields = lastFields(reader);
    if (fields === null) return false;
    const { position } = reader;
    for (const [text, { name, value }] of fields) {
      const child = name === null ? undefined : this.#byName.get(text);
      if (child === undefined) continue;
      reader.position = value;
      reader.path = '';
      if (child.appendJson(reader)) continue;
      reader.path = `.${Buffer.from(text, 'latin1').toString('utf8')}${reader.path}`;
      return false;
    }
    reader.position = position;
    return true;
  }

  override appendValue(value: unknown): boolean {
    if (value === null || value === undefined) {
      this.appendNull();
      return true;
    }
    if (typeof value !== 'object' || Array.isArray(value)) return false;
    const fields = value as Record<string, unknown>;
    for (const [index, { name }] of (this.type as DataType & { kind: 'struct' }).fields.entries()) {
      const child = this.#children[index] as ColumnBuilder;
      if (Object.hasOwn(fields, name) && !child.appendValue(fields[name])) return this.#undo();
    }
    return this.#endRow();
  }

  #endRow(): true {
    this.rows++;
    for (const child of this.#children) if (child.rows < this.rows) child.appendNull();
    return true;
  }

  #undo(): false {
    for (const child of this.#children) child.truncate(this.rows);
    return false;
  }

  protected override appendFiller(): void {
    this.#endRow();
  }

  protected override truncateValues(rows: number): void {
    for (const child of this.#children) child.truncate(rows);
  }

  protected override takeColumn(validity: Validity): Column {
    return { kind: 'struct', type: this.type, children: this.#children.map((child) => child.finish()), validity };
  }
}

function nameOf({ token, tokenStart, tokenEnd }: JsonReader): string {
  return Buffer.from(token.buffer, token.byteOffset + tokenStart, tokenEnd - tokenStart).toString('latin1');
}
