import { isUtf8 } from 'node:buffer';
import type { Column } from '../batch.ts';
import { type ColumnBuilder, createColumnBuilder } from '../column-builder.ts';
import type { ColumnSpec } from '../data-type.ts';
import type { DecoderSpec, RecordField, RecordOrigin, RecordSpans } from './decoder.ts';
import type { DecoderModule } from './decoder-module.ts';
import { headersTypeFault, headerValues, readHeaders } from './header-list.ts';
import { longColumn, momentColumn, momentMillisecondsMax } from './long-column.ts';
import type { Refusals, Run } from './refusals.ts';
import { missingValue, type RowFault, shownText, wrongType } from './row-fault.ts';

interface RecordColumn {
  readonly index: number;
  readonly field: RecordField;
  readonly spec: ColumnSpec;
  readonly builder: ColumnBuilder;
  /** For keys: says first whether each can be converted. */
  readonly check: ColumnBuilder;
  readonly needed: boolean;
}

const timestampKinds: ReadonlySet<string> = new Set(['timestamp', 'timestamp_s', 'timestamp_ms', 'timestamp_ns', 'timestamptz']);
const fieldTypes: Readonly<Record<Exclude<RecordField, 'key' | 'headers'>, string>> = {
  offset: 'BIGINT',
  timestamp: 'TIMESTAMP',
  partition: 'INTEGER',
  topic: 'VARCHAR',
};

/** What is wrong with a column of that type for the field of a record; null: nothing. */
export function recordFieldFault(field: RecordField, { type }: ColumnSpec): string | null {
  if (field === 'key') return type.kind === 'null' ? 'a key needs a type' : null;
  if (field === 'headers') return headersTypeFault(type);
  if (field === 'timestamp' ? timestampKinds.has(type.kind) : type.kind === fieldTypes[field].toLowerCase()) return null;
  return field === 'partition' && type.kind === 'bigint' ? null : `the ${field} of a record is ${fieldTypes[field]}`;
}

/** Columns that come from around the values: keys, headers, offsets, timestamps, where the records lie. */
export class RecordColumns {
  readonly #module: DecoderModule;
  readonly #columns: readonly RecordColumn[];
  readonly #encoder = new TextEncoder();

  constructor(module: DecoderModule, spec: DecoderSpec) {
    this.#module = module;
    const options = { timestampUnit: spec.timestampUnit, blobs: spec.blobs };
    this.#columns = spec.columns.flatMap((column, index) => {
      const field = spec.recordFields[index];
      if (field === undefined) return [];
      const builder = createColumnBuilder(column.type, options);
      const check = createColumnBuilder(column.type, { ...options, keeps: false });
      return [{ index, field, spec: column, builder, check, needed: spec.needed.includes(index) }];
    });
  }

  /** Whether any is put out. */
  get any(): boolean {
    return this.#columns.some((column) => column.needed);
  }

  /** Refuses records whose key, headers or timestamp do not fit their column. */
  check(spans: RecordSpans, from: number, rows: number, refusals: Refusals): void {
    for (const column of this.#columns) {
      if (column.field === 'key') this.#checkKeys(column, spans, from, rows, refusals);
      if (column.field === 'headers') this.#checkHeaders(column, spans, from, rows, refusals);
      if (column.field === 'timestamp') this.#checkTimestamps(column.spec, spans, from, rows, refusals);
    }
  }

  #checkTimestamps(spec: ColumnSpec, spans: RecordSpans, from: number, rows: number, refusals: Refusals): void {
    const { longs } = this.#module;
    const first = spans.timestamps / 8 + from;
    const most = momentMillisecondsMax(spec.type);
    for (let row = 0; row < rows; row++) {
      const milliseconds = longs[first + row] as bigint;
      if (milliseconds < 0n && !spec.nullable) refusals.refuse(row, missingValue(spec));
      else if (milliseconds > most) refusals.refuse(row, { reason: `its timestamp ${milliseconds} does not fit`, field: spec.name });
    }
  }

  /** By index of the table's columns, of the rows left; in `runs`. */
  take(spans: RecordSpans, from: number, runs: readonly Run[], origin: RecordOrigin): ReadonlyMap<number, Column> {
    const taken = new Map<number, Column>();
    for (const column of this.#columns) if (column.needed) taken.set(column.index, this.#take(column, spans, from, runs, origin));
    return taken;
  }

  #take({ field, spec, builder }: RecordColumn, spans: RecordSpans, from: number, runs: readonly Run[], origin: RecordOrigin): Column {
    if (field === 'offset') return longColumn(this.#module, spans.offsets, from, runs, spec.type);
    if (field === 'timestamp') return momentColumn(this.#module, spans.timestamps, from, runs, spec.type);
    const topic = this.#encoder.encode(origin.topic);
    for (const run of runs) {
      for (let row = from + run.start; row < from + run.end; row++) {
        if (field === 'key') this.#appendKey(builder, spans, row);
        else if (field === 'headers') builder.appendValue(this.#headers(spec, spans, row));
        else if (field === 'partition') builder.appendValue(origin.partition);
        else builder.appendText(topic, 0, topic.length);
      }
    }
    return builder.finish();
  }

  #appendKey(builder: ColumnBuilder, spans: RecordSpans, row: number): boolean {
    const { words, bytes } = this.#module;
    const length = (words[spans.keyLengths / 4 + row] as number) | 0;
    if (length < 0) {
      builder.appendNull();
      return true;
    }
    const start = words[spans.keys / 4 + row] as number;
    if (builder.type.kind === 'blob') return builder.appendValue(bytes.subarray(start, start + length));
    return isUtf8(bytes.subarray(start, start + length)) && builder.appendText(bytes, start, start + length);
  }

  #checkKeys({ spec, check }: RecordColumn, spans: RecordSpans, from: number, rows: number, refusals: Refusals): void {
    for (let row = 0; row < rows; row++) {
      const missing = ((this.#module.words[spans.keyLengths / 4 + from + row] as number) | 0) < 0;
      if (missing ? spec.nullable : this.#appendKey(check, spans, from + row)) continue;
      refusals.refuse(row, missing ? missingValue(spec) : this.#keyFault(spec, spans, from + row));
    }
  }

  #headers(spec: ColumnSpec, spans: RecordSpans, row: number): unknown {
    const { words, bytes } = this.#module;
    const start = words[spans.headers / 4 + row] as number;
    const headers = readHeaders(bytes.subarray(start, start + (words[spans.headerLengths / 4 + row] as number)));
    return headers === null ? null : headerValues(headers, spec.type);
  }

  #checkHeaders({ spec }: RecordColumn, spans: RecordSpans, from: number, rows: number, refusals: Refusals): void {
    for (let row = 0; row < rows; row++) {
      if (this.#headers(spec, spans, from + row) !== null) continue;
      refusals.refuse(row, { reason: 'its headers cannot be taken apart, or are not the UTF-8 that the column wants', field: spec.name });
    }
  }

  #keyFault(spec: ColumnSpec, spans: RecordSpans, row: number): RowFault {
    const { words, bytes } = this.#module;
    const start = words[spans.keys / 4 + row] as number;
    const end = start + (words[spans.keyLengths / 4 + row] as number);
    if (!isUtf8(bytes.subarray(start, end))) return { reason: 'the key is not valid UTF-8', field: spec.name };
    return wrongType(spec, shownText(bytes, start, end));
  }
}
