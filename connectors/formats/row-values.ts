import type { Column } from '../batch.ts';
import type { DecoderSpec, RecordSpans } from './decoder.ts';
import type { DecoderModule } from './decoder-module.ts';
import type { Refusals } from './refusals.ts';
import { RowColumns } from './row-columns.ts';
import type { RowFault } from './row-fault.ts';
import type { ValueDecoder } from './value-decoder.ts';

/** Makes one row of the value bytes[start, end): appends to every builder, or to none and says why. */
export interface RowMaker {
  append(bytes: Uint8Array, start: number, end: number): RowFault | null;
  /** A null value. */
  appendNothing(): RowFault | null;
  prepare?(bytes: Uint8Array, start: number, end: number): Promise<void> | null;
  unknownFields?(): ReadonlyMap<string | null, number>;
}

/** Columns that come from the value, for formats that the host decodes row by row. */
export function valueColumns(spec: DecoderSpec): RowColumns {
  const indexes = spec.columns.flatMap((_, index) => (spec.recordFields[index] === undefined ? [index] : []));
  const needed = indexes.flatMap((index, place) => (spec.needed.includes(index) ? [place] : []));
  return new RowColumns(
    indexes.map((index) => spec.columns[index] as DecoderSpec['columns'][number]),
    needed,
    { timestampUnit: spec.timestampUnit, blobs: spec.blobs },
  );
}

export class RowValues implements ValueDecoder {
  readonly #module: DecoderModule;
  readonly #columns: RowColumns;
  readonly #maker: RowMaker;

  constructor(module: DecoderModule, columns: RowColumns, maker: RowMaker) {
    this.#module = module;
    this.#columns = columns;
    this.#maker = maker;
  }

  prepare(spans: RecordSpans, from: number, to: number): Promise<void> | null {
    const maker = this.#maker;
    if (maker.prepare === undefined) return null;
    const { words, bytes } = this.#module;
    const waiting: Promise<void>[] = [];
    for (let row = from; row < to; row++) {
      const length = (words[spans.valueLengths / 4 + row] as number) | 0;
      const start = words[spans.values / 4 + row] as number;
      const promise = length < 0 ? null : maker.prepare(bytes, start, start + length);
      if (promise !== null) waiting.push(promise);
    }
    return waiting.length === 0 ? null : Promise.all(waiting).then(() => undefined);
  }

  decode(spans: RecordSpans, from: number, rows: number, refusals: Refusals): readonly Column[] {
    const { words, bytes } = this.#module;
    for (let row = 0; row < rows; row++) {
      if (refusals.has(row)) continue;
      const length = (words[spans.valueLengths / 4 + from + row] as number) | 0;
      const start = words[spans.values / 4 + from + row] as number;
      const fault = length < 0 ? this.#maker.appendNothing() : this.#maker.append(bytes, start, start + length);
      if (fault !== null) refusals.refuse(row, fault);
    }
    return this.#columns.take();
  }

  unknownFields(): ReadonlyMap<string | null, number> {
    return this.#maker.unknownFields?.() ?? new Map();
  }
}
