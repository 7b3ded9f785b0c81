import { isUtf8 } from 'node:buffer';
import type { Column } from '../batch.ts';
import { type ColumnBuilder, createColumnBuilder } from '../column-builder.ts';
import { JsonReader } from '../columns/json-reader.ts';
import { ByteDictionary } from './byte-dictionary.ts';
import type { DecoderSpec, RecordSpans } from './decoder.ts';
import type { DecoderModule } from './decoder-module.ts';
import type { JsonExports } from './json-exports.ts';
import { type JsonColumn, jsonLayout, type JsonLayout } from './json-layout.ts';
import { JsonRow } from './json-row.ts';
import { KeptColumn } from './kept-column.ts';
import { PatchedRows } from './patched-rows.ts';
import { powersOfTen } from './powers-of-ten.ts';
import type { Refusals } from './refusals.ts';
import { RowColumns } from './row-columns.ts';
import type { RowFault } from './row-fault.ts';
import { SpanBuilder } from './span-builder.ts';
import type { ValueDecoder } from './value-decoder.ts';

/** Columns whose values the host makes, row by row, from where the module found them. */
interface HostColumn {
  readonly column: JsonColumn;
  readonly builder: ColumnBuilder;
}

/**
 * JSON objects by the module generated for the source. Whatever that one gives up on (the malformed, the unusual) is decoded anew here,
 * by the same rules and more slowly: that is where reasons for rejection come from.
 */
export class JsonValues implements ValueDecoder {
  readonly #module: DecoderModule<JsonExports>;
  readonly #layout: JsonLayout;
  readonly #kept: readonly (KeptColumn | null)[];
  readonly #host: readonly HostColumn[];
  readonly #reader = new JsonReader();
  readonly #rows: RowColumns;
  readonly #row: JsonRow;
  readonly #spans: readonly (SpanBuilder | null)[];
  readonly #patched: PatchedRows;

  constructor(module: DecoderModule<JsonExports>, spec: DecoderSpec) {
    this.#module = module;
    this.#layout = jsonLayout(spec);
    const { columns } = this.#layout;
    const dictionaries = module.exports.dictionariesAddress() >>> 0;
    this.#kept = columns.map((column) => {
      if (column.storage !== 'fixed' && column.storage !== 'codes') return null;
      const address = dictionaries + column.dictionary * 64;
      return new KeptColumn(column, column.storage === 'codes' ? new ByteDictionary(module, address) : null);
    });
    const options = { timestampUnit: spec.timestampUnit, blobs: spec.blobs };
    this.#host = columns
      .filter(({ storage }) => storage === 'span')
      .map((column) => ({ column, builder: createColumnBuilder(column.spec.type, { ...options, keeps: column.needed }) }));
    this.#spans = columns.map(({ storage, spec: { type } }) =>
      storage === 'span' ? new SpanBuilder(createColumnBuilder(type, options)) : null,
    );
    const patchable = columns.flatMap((_, field) => (this.#kept[field] === null ? [] : [field]));
    this.#rows = new RowColumns(
      columns.map((column) => column.spec),
      patchable,
      options,
      (field) => this.#spans[field] ?? null,
    );
    this.#row = new JsonRow(this.#rows);
    this.#patched = new PatchedRows(
      module,
      patchable.map((field) => this.#kept[field] as KeptColumn),
    );
    new BigUint64Array(module.bytes.buffer, module.exports.doublePowersAddress() >>> 0).set(powersOfTen());
  }

  decode(spans: RecordSpans, from: number, rows: number, refusals: Refusals): readonly Column[] {
    const { exports } = this.#module;
    const addresses = spans.values + from * 4;
    const lengths = spans.valueLengths + from * 4;
    const others = exports.decode(addresses, lengths, rows);
    this.#patched.begin();
    if (others > 0) this.#decodeOthers(addresses, lengths, others, refusals);
    if (this.#host.length > 0) this.#decodeHost(addresses, lengths, rows, refusals);
    return this.#take(rows, refusals);
  }

  unknownFields(): ReadonlyMap<string | null, number> {
    const { exports, bytes } = this.#module;
    const names = new Map<string | null, number>();
    const decoder = new TextDecoder();
    for (let index = 0; index < exports.unknownNames(); index++) {
      const start = exports.unknownName(index) >>> 0;
      const times = exports.unknownTimes(index);
      if (times > 0) names.set(decoder.decode(bytes.subarray(start, start + exports.unknownLength(index))), times);
    }
    const others = exports.unknownTimes(-1);
    if (others > 0) names.set(null, others);
    return names;
  }

  recycle(columns: readonly Column[]): void {
    let place = 0;
    for (const [field, column] of this.#layout.columns.entries()) {
      if (!column.needed) continue;
      const taken = columns[place++] as Column;
      this.#kept[field]?.recycle(taken);
    }
  }

  /** Records that the module left: rows of unusual form, or none. */
  #decodeOthers(addresses: number, lengths: number, others: number, refusals: Refusals): void {
    const list = (this.#module.exports.bailedAddress() >>> 0) / 4;
    for (let k = 0; k < others; k++) {
      const row = this.#module.words[list + k] as number;
      if (refusals.has(row)) continue;
      const fault = this.#decodeAnew(addresses, lengths, row);
      if (fault !== null) refusals.refuse(row, fault);
      else this.#keepRow(row);
    }
    const columns = this.#rows.take();
    this.#patched.apply(columns, this.#columnsAddress());
  }

  #decodeAnew(addresses: number, lengths: number, row: number): RowFault | null {
    const { words, bytes } = this.#module;
    const start = words[addresses / 4 + row] as number;
    const length = (words[lengths / 4 + row] as number) | 0;
    if (length < 0) return this.#row.appendNothing();
    if (!isUtf8(bytes.subarray(start, start + length))) return { reason: 'it is not valid UTF-8', field: null };
    const outcome = this.#row.append(bytes, start, start + length);
    return outcome === 'blank' ? { reason: 'it is empty', field: null } : outcome;
  }

  /** The row decoded last. */
  #keepRow(row: number): void {
    this.#patched.add(row);
    const { words } = this.#module;
    const columns = this.#columnsAddress();
    for (const [field, span] of this.#spans.entries()) {
      if (span === null) continue;
      const at = (columns + (this.#layout.columns[field] as JsonColumn).offset) / 4 + row * 2;
      words[at] = span.start;
      words[at + 1] = span.length;
    }
  }

  #decodeHost(addresses: number, lengths: number, rows: number, refusals: Refusals): void {
    for (let row = 0; row < rows; row++) {
      if (refusals.has(row) || this.#appendHost(row)) continue;
      const before = this.#rows.rows;
      const fault = this.#decodeAnew(addresses, lengths, row);
      refusals.refuse(row, fault ?? { reason: 'a value cannot be converted', field: null });
      this.#rows.truncate(before);
    }
  }

  /** False, with nothing appended, when a value is not of its type. */
  #appendHost(row: number): boolean {
    const { words, bytes } = this.#module;
    const columns = this.#columnsAddress();
    for (const [index, { column, builder }] of this.#host.entries()) {
      const at = (columns + column.offset) / 4 + row * 2;
      const length = (words[at + 1] as number) | 0;
      const { rows } = builder;
      if (length < 0) {
        builder.appendNull();
        continue;
      }
      const start = words[at] as number;
      this.#reader.reset(bytes, start, start + length);
      if (builder.appendJson(this.#reader)) continue;
      builder.truncate(rows);
      for (const { builder: earlier } of this.#host.slice(0, index)) earlier.truncate(earlier.rows - 1);
      return false;
    }
    return true;
  }

  #take(rows: number, refusals: Refusals): readonly Column[] {
    const { exports } = this.#module;
    const columns = this.#columnsAddress();
    const runs = refusals.runs(rows);
    const left = rows - refusals.count;
    const nulls = (exports.nullsAddress() >>> 0) / 4;
    const taken: Column[] = [];
    for (const [field, column] of this.#layout.columns.entries()) {
      if (!column.needed) continue;
      const kept = this.#kept[field] ?? null;
      if (kept === null) {
        taken.push((this.#host.find((host) => host.column === column) as HostColumn).builder.finish());
        continue;
      }
      const hasNulls = column.validity > 0 && ((this.#module.words[nulls + field] as number) > 0 || this.#patched.hasNulls(kept));
      taken.push(kept.take(this.#module, columns, runs, left, hasNulls));
    }
    return taken;
  }

  #columnsAddress(): number {
    return this.#module.exports.columnsAddress() >>> 0;
  }
}
