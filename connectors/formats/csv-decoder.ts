import type { ColumnBuilder } from '../column-builder.ts';
import type { ColumnSpec } from '../data-type.ts';
import { CsvSkipper, CsvSplitter } from './csv-splitter.ts';
import type { RowColumns } from './row-columns.ts';
import type { RecordDecoder } from './record-decoder.ts';
import { missingValue, type RowFault, shownText, wrongType } from './row-fault.ts';

const encoder = new TextEncoder();

/** One byte each; quote -1: fields are never quoted. */
export interface CsvSettings {
  readonly delimiter: number;
  readonly quote: number;
  /** Besides an empty unquoted field, this unquoted text is NULL. */
  readonly nullText: string | null;
}

export class CsvDecoder implements RecordDecoder {
  readonly columns: RowColumns;
  readonly #splitter: CsvSplitter;
  readonly #skipper: CsvSkipper;
  readonly #quote: number;
  readonly #nullText: Uint8Array | null;
  /** Field of each declared column. */
  #fieldOf: readonly number[];
  #fieldsExpected: number;
  #skipping = false;
  #scratch = new Uint8Array(256);

  constructor(columns: RowColumns, settings: CsvSettings) {
    this.columns = columns;
    this.#splitter = new CsvSplitter(settings.delimiter, settings.quote);
    this.#skipper = new CsvSkipper(settings.delimiter, settings.quote);
    this.#quote = settings.quote;
    this.#nullText = settings.nullText === null ? null : encoder.encode(settings.nullText);
    this.#fieldOf = columns.specs.map((_, index) => index);
    this.#fieldsExpected = columns.specs.length;
  }

  get lines(): number {
    return this.#skipping ? this.#skipper.lines : this.#splitter.lines;
  }

  scan(bytes: Uint8Array, start: number, end: number, last: boolean): number {
    this.#skipping = false;
    return this.#splitter.scan(bytes, start, end, last);
  }

  beginSkip(): void {
    this.#skipping = true;
    this.#skipper.begin();
  }

  skip(bytes: Uint8Array, start: number, end: number): number {
    return this.#skipper.skip(bytes, start, end);
  }

  /** Takes the record scanned as the header. The names that are missing or doubtful, as messages. */
  useHeader(bytes: Uint8Array): readonly string[] {
    const names = Array.from({ length: this.#splitter.fields }, (_, field) => {
      const { start, end, source } = this.#text(bytes, field);
      return new TextDecoder().decode(source.subarray(start, end)).trim();
    });
    const faults: string[] = [];
    this.#fieldOf = this.columns.specs.map((spec) => {
      const exact = indexesOf(names, (name) => name === spec.name);
      const found = exact.length > 0 ? exact : indexesOf(names, (name) => name.toLowerCase() === spec.name.toLowerCase());
      if (found.length === 0) faults.push(`has no column ${spec.name}; its header is ${names.join(', ')}`);
      if (found.length > 1) faults.push(`has ${found.length} columns named ${spec.name}`);
      return found[0] ?? 0;
    });
    this.#fieldsExpected = names.length;
    return faults;
  }

  decode(bytes: Uint8Array): RowFault | 'blank' | null {
    const { fields, fault, starts, ends, quoting } = this.#splitter;
    if (fault !== null) return { reason: fault, field: null };
    const blank = fields === 1 && quoting[0] === 0 && starts[0] === ends[0];
    if (blank && this.#fieldsExpected > 1) return 'blank';
    if (fields !== this.#fieldsExpected) return { reason: `${fields} fields, ${this.#fieldsExpected} expected`, field: null };
    const { specs, builders } = this.columns;
    for (let column = 0; column < specs.length; column++) {
      const field = this.#fieldOf[column] as number;
      const wrong = this.#append(specs[column] as ColumnSpec, builders[column] as ColumnBuilder, bytes, field);
      if (wrong !== null) {
        this.columns.undo();
        return wrong;
      }
    }
    this.columns.endRow();
    return null;
  }

  #append(spec: ColumnSpec, builder: ColumnBuilder, bytes: Uint8Array, field: number): RowFault | null {
    const { starts, ends, quoting } = this.#splitter;
    const start = starts[field] as number;
    const end = ends[field] as number;
    if (quoting[field] === 2) {
      const text = this.#text(bytes, field);
      return builder.appendText(text.source, text.start, text.end) ? null : wrongType(spec, shownText(text.source, text.start, text.end));
    }
    if (quoting[field] === 0 && (start === end || this.#isNullText(bytes, start, end))) {
      if (!spec.nullable) return missingValue(spec);
      builder.appendNull();
      return null;
    }
    return builder.appendText(bytes, start, end) ? null : wrongType(spec, shownText(bytes, start, end));
  }

  #isNullText(bytes: Uint8Array, start: number, end: number): boolean {
    const text = this.#nullText;
    if (text === null || text.length !== end - start) return false;
    for (let i = 0; i < text.length; i++) if (text[i] !== bytes[start + i]) return false;
    return true;
  }

  /** The field's text, with doubled quotes made single ones. */
  #text(bytes: Uint8Array, field: number): { source: Uint8Array; start: number; end: number } {
    const start = this.#splitter.starts[field] as number;
    const end = this.#splitter.ends[field] as number;
    if (this.#splitter.quoting[field] !== 2) return { source: bytes, start, end };
    if (this.#scratch.length < end - start) this.#scratch = new Uint8Array((end - start) * 2);
    let length = 0;
    for (let i = start; i < end; i++) {
      this.#scratch[length++] = bytes[i] as number;
      if (bytes[i] === this.#quote) i++;
    }
    return { source: this.#scratch, start: 0, end: length };
  }
}

function indexesOf(names: readonly string[], matches: (name: string) => boolean): readonly number[] {
  return names.flatMap((name, index) => (matches(name) ? [index] : []));
}
