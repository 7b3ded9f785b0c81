import { type Data, MessageHeader, MessageReader, type RecordBatch, tableFromIPC } from 'apache-arrow';
import { batchRowsMax, type Column } from '../../batch.ts';
import type { ColumnBuilder } from '../../column-builder.ts';
import type { ColumnSpec } from '../../data-type.ts';
import type { Decoded, Decoder, DecoderSpec, RecordOrigin, RecordSpans, RejectedRecord } from '../decoder.ts';
import type { DecoderModule } from '../decoder-module.ts';
import { FieldCounts } from '../field-counts.ts';
import { appendPlain, jsonText } from '../plain-value.ts';
import { RecordColumns } from '../record-columns.ts';
import { Refusals, type Run } from '../refusals.ts';
import type { RowColumns } from '../row-columns.ts';
import { missingValue, type RowFault, wrongType } from '../row-fault.ts';
import { valueColumns } from '../row-values.ts';
import { arrowValue } from './arrow-value.ts';

const shownCharactersMax = 100;

/**
 * Messages that are Arrow IPC: a whole stream, or record batches alone when the schema is given. A message holds any number of rows;
 * each is taken or rejected by itself.
 */
export class ArrowDecoder implements Decoder {
  readonly #module: DecoderModule;
  readonly #spec: DecoderSpec;
  readonly #columns: RowColumns;
  readonly #records: RecordColumns;
  readonly #refusals = new Refusals();
  readonly #counts = new FieldCounts();
  /** The message with the schema, for batches that come alone. */
  readonly #schema: Uint8Array | null;

  constructor(module: DecoderModule, spec: DecoderSpec, schemaFile: Uint8Array | null) {
    this.#module = module;
    this.#spec = spec;
    this.#columns = valueColumns(spec);
    this.#records = new RecordColumns(module, spec);
    this.#schema = schemaFile === null ? null : schemaMessage(schemaFile);
  }

  prepare(): null {
    return null;
  }

  decode(spans: RecordSpans, from: number, to: number, origin: RecordOrigin, fromRow = 0): Decoded {
    const rejected: RejectedRecord[] = [];
    const runs: Run[] = [];
    let index = from;
    let row = fromRow;
    for (; index < to && this.#columns.rows + rejected.length < batchRowsMax; index++, row = 0) {
      const left = this.#record(spans, index, row, runs, from, rejected);
      if (left === null) continue;
      row = left;
      break;
    }
    const rows = this.#columns.rows;
    const values = this.#columns.take();
    const records = this.#records.any ? this.#records.take(spans, from, runs, origin) : new Map<number, Column>();
    let place = 0;
    const columns = this.#spec.needed.map((column) => records.get(column) ?? (values[place++] as Column));
    return { batch: { rows, columns }, rejected, next: index, nextRow: row, release: () => {} };
  }

  unknownFields(): ReadonlyMap<string | null, number> {
    return this.#counts.all();
  }

  close(): void {}

  /** Takes the rows of one record, from `fromRow` on; the row to go on at when they are too many, else null. */
  #record(spans: RecordSpans, index: number, fromRow: number, runs: Run[], from: number, rejected: RejectedRecord[]): number | null {
    const refuse = ({ reason, field }: RowFault) => rejected.push({ index, reason, field });
    this.#refusals.begin();
    this.#records.check(spans, index, 1, this.#refusals);
    const [keyFault] = this.#refusals.rejected(index);
    if (keyFault !== undefined) {
      rejected.push(keyFault);
      return null;
    }
    const { words, bytes } = this.#module;
    const length = (words[spans.valueLengths / 4 + index] as number) | 0;
    const start = words[spans.values / 4 + index] as number;
    if (length < 0) {
      const fault = this.#columns.appendNulls();
      if (fault === null) runs.push({ start: index - from, end: index - from + 1 });
      else refuse(fault);
      return null;
    }
    try {
      let first = 0;
      for (const batch of this.#open(bytes.slice(start, start + length))) {
        const left = this.#batch(batch, Math.max(0, fromRow - first), rejected.length, refuse, () =>
          runs.push({ start: index - from, end: index - from + 1 }),
        );
        if (left !== null) return first + left;
        first += batch.numRows;
      }
    } catch (error) {
      refuse({ reason: `it is no Arrow IPC: ${error instanceof Error ? error.message : String(error)}`, field: null });
    }
    return null;
  }

  #open(bytes: Uint8Array): readonly RecordBatch[] {
    const header = new MessageReader(bytes).readMessage()?.headerType;
    if (header === undefined) throw new Error('it is empty');
    if (header === MessageHeader.Schema) return tableFromIPC(bytes).batches;
    if (this.#schema === null) throw new Error('it does not begin with a schema, and there is no schema_file');
    const whole = new Uint8Array(this.#schema.length + bytes.length);
    whole.set(this.#schema);
    whole.set(bytes, this.#schema.length);
    return tableFromIPC(whole).batches;
  }

  #batch(batch: RecordBatch, fromRow: number, others: number, refuse: (fault: RowFault) => number, taken: () => void): number | null {
    const { specs } = this.#columns;
    const names = batch.schema.fields.map(({ name }) => name);
    const children = specs.map(({ name }) => batch.getChild(name)?.data[0] ?? null);
    let refusals = others;
    for (let row = fromRow; row < batch.numRows; row++) {
      if (this.#columns.rows + refusals >= batchRowsMax) return row;
      const fault = this.#row(children, row);
      if (fault === null) taken();
      else refusals = refuse({ ...fault, reason: `row ${row + 1}: ${fault.reason}` });
    }
    if (batch.numRows > 0) this.#counts.add(names.filter((name) => !specs.some((spec) => spec.name === name)));
    return null;
  }

  #row(children: readonly (Data | null)[], row: number): RowFault | null {
    const { specs, builders } = this.#columns;
    for (const [index, spec] of specs.entries()) {
      const data = children[index] ?? null;
      const value = data === null ? null : arrowValue(data, row, spec.type);
      const fault = appendOne(spec, builders[index] as ColumnBuilder, value ?? null);
      if (fault === null) continue;
      this.#columns.undo();
      return fault;
    }
    this.#columns.endRow();
    return null;
  }
}

function appendOne(spec: ColumnSpec, builder: ColumnBuilder, value: unknown): RowFault | null {
  if (value === null && !spec.nullable) return missingValue(spec);
  try {
    if (appendPlain(builder, value)) return null;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  const text = typeof value === 'string' ? value : jsonText(value);
  return wrongType(spec, text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}...` : text);
}

/** The first message of an IPC stream, which holds the schema. */
function schemaMessage(stream: Uint8Array): Uint8Array {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  if (stream.length < 8 || view.getUint32(0, true) !== 0xffffffff) throw new Error('it is no Arrow IPC stream');
  return stream.slice(0, 8 + view.getInt32(4, true));
}
