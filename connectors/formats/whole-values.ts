import { isUtf8 } from 'node:buffer';
import type { Column } from '../batch.ts';
import { type ColumnBuilder, createColumnBuilder } from '../column-builder.ts';
import type { ColumnSpec } from '../data-type.ts';
import type { DecoderSpec, RecordSpans } from './decoder.ts';
import type { DecoderModule } from './decoder-module.ts';
import type { Refusals } from './refusals.ts';
import { missingValue, type RowFault, shownText, wrongType } from './row-fault.ts';
import type { ValueDecoder } from './value-decoder.ts';

/** `text` and `raw`: the message is the value of the one column. */
export class WholeValues implements ValueDecoder {
  readonly #module: DecoderModule;
  readonly #column: ColumnSpec | null;
  readonly #builder: ColumnBuilder | null;
  readonly #needed: boolean;

  constructor(module: DecoderModule, spec: DecoderSpec) {
    const index = spec.columns.findIndex((_, place) => spec.recordFields[place] === undefined);
    this.#module = module;
    this.#column = spec.columns[index] ?? null;
    this.#needed = spec.needed.includes(index);
    this.#builder = this.#column === null ? null : createColumnBuilder(this.#column.type, { keeps: this.#needed });
  }

  decode(spans: RecordSpans, from: number, rows: number, refusals: Refusals): readonly Column[] {
    const builder = this.#builder;
    const column = this.#column;
    if (builder === null || column === null) return [];
    for (let row = 0; row < rows; row++) {
      if (refusals.has(row)) continue;
      const fault = this.#append(builder, column, spans, from + row);
      if (fault !== null) refusals.refuse(row, fault);
    }
    return this.#needed ? [builder.finish()] : [];
  }

  #append(builder: ColumnBuilder, column: ColumnSpec, spans: RecordSpans, row: number): RowFault | null {
    const { words, bytes } = this.#module;
    const length = (words[spans.valueLengths / 4 + row] as number) | 0;
    if (length < 0) {
      if (!column.nullable) return missingValue(column);
      builder.appendNull();
      return null;
    }
    const start = words[spans.values / 4 + row] as number;
    const value = bytes.subarray(start, start + length);
    if (column.type.kind === 'blob') {
      builder.appendValue(value);
      return null;
    }
    if (!isUtf8(value)) return { reason: 'it is not valid UTF-8', field: column.name };
    return builder.appendText(bytes, start, start + length) ? null : wrongType(column, shownText(bytes, start, start + length));
  }
}
