import type { Column, Validity } from '../batch.ts';
import type { DataType } from '../data-type.ts';
import { bytesOfBase64, bytesOfEscaped } from './blob-text.ts';
import { ByteInterner } from './byte-interner.ts';
import { ScalarBuilder } from './fixed-builder.ts';
import { JsonReader } from './json-reader.ts';

const encoder = new TextEncoder();
const initialRows = 64;

/** What VARCHAR, ENUM, JSON and BLOB share: codes into a dictionary. */
abstract class CodeBuilder extends ScalarBuilder {
  protected readonly interner = new ByteInterner();
  readonly #keeps: boolean;
  #codes = new Uint32Array(initialRows);

  /** With `keeps` false, values are checked but not remembered. */
  constructor(type: DataType, keeps: boolean) {
    super(type);
    this.#keeps = keeps;
  }

  protected appendBytes(bytes: Uint8Array, start: number, end: number): true {
    this.appendCode(this.#keeps ? this.interner.code(bytes, start, end) : 0);
    return true;
  }

  protected appendCode(code: number): void {
    if (this.rows >= this.#codes.length) {
      const larger = new Uint32Array(this.#codes.length * 2);
      larger.set(this.#codes);
      this.#codes = larger;
    }
    this.#codes[this.rows++] = code;
  }

  protected override appendFiller(): void {
    this.appendCode(0);
  }

  protected override truncateValues(): void {}

  protected override takeColumn(validity: Validity): Column {
    const { dictionary } = this.interner;
    if (dictionary.full) this.interner.restart();
    return { kind: 'string', type: this.type, codes: this.#codes.slice(0, this.rows), dictionary, validity };
  }
}

/** VARCHAR. From JSON, a number, a boolean or a nested value gives its text as written. */
export class VarcharBuilder extends CodeBuilder {
  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    return this.appendBytes(bytes, start, end);
  }

  override appendJson(reader: JsonReader): boolean {
    const first = reader.peek();
    if (first !== 123 && first !== 91) return super.appendJson(reader);
    const start = reader.position;
    reader.halfPair = false;
    return reader.skipValue() && !reader.halfPair && this.appendBytes(reader.bytes, start, reader.position);
  }

  override appendValue(value: unknown): boolean {
    if (typeof value === 'object' && value !== null) {
      const text = encoder.encode(JSON.stringify(value));
      return this.appendBytes(text, 0, text.length);
    }
    return super.appendValue(value);
  }

  protected override appendUnsafeInteger(value: number): boolean {
    const text = encoder.encode(String(value));
    return this.appendBytes(text, 0, text.length);
  }
}

/** JSON: text that must be one well-formed value, kept as written. */
export class JsonBuilder extends CodeBuilder {
  readonly #reader = new JsonReader();

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    const reader = this.#reader;
    reader.reset(bytes, start, end);
    return reader.skipValue() && reader.atEnd() && !reader.halfPair && this.appendBytes(bytes, start, end);
  }

  override appendJson(reader: JsonReader): boolean {
    const first = reader.peek();
    const start = reader.position;
    reader.halfPair = false;
    if (!reader.skipValue() || reader.halfPair) return false;
    if (first === 110) this.appendNull();
    else this.appendBytes(reader.bytes, start, reader.position);
    return true;
  }

  override appendValue(value: unknown): boolean {
    if (value === null || value === undefined) {
      this.appendNull();
      return true;
    }
    if (typeof value === 'bigint') return super.appendValue(value);
    const text = encoder.encode(JSON.stringify(value));
    return this.appendBytes(text, 0, text.length);
  }
}

/** How bytes stand in text: ASCII with `\xHH` for other bytes, as DuckDB writes blobs; or base64 (RFC 4648, either alphabet). */
export type BlobEncoding = 'escaped' | 'base64';

/** BLOB: from text in the given encoding, or a Uint8Array. */
export class BlobBuilder extends CodeBuilder {
  readonly #encoding: BlobEncoding;

  constructor(type: DataType, keeps: boolean, encoding: BlobEncoding) {
    super(type, keeps);
    this.#encoding = encoding;
  }

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    const blob = this.#encoding === 'base64' ? bytesOfBase64(bytes, start, end) : bytesOfEscaped(bytes, start, end);
    return blob !== undefined && this.appendBytes(blob, 0, blob.length);
  }

  override appendValue(value: unknown): boolean {
    return value instanceof Uint8Array ? this.appendBytes(value, 0, value.length) : super.appendValue(value);
  }
}

/** ENUM: the dictionary holds exactly the type's values, in their order. */
export class EnumBuilder extends CodeBuilder {
  constructor(type: DataType & { kind: 'enum' }) {
    super(type, true);
    for (const value of type.values) {
      const text = encoder.encode(value);
      this.interner.code(text, 0, text.length);
    }
  }

  override appendText(bytes: Uint8Array, start: number, end: number): boolean {
    const code = this.interner.find(bytes, start, end);
    if (code < 0) return false;
    this.appendCode(code);
    return true;
  }
}
