import { batchRowsMax, type Column } from '../batch.ts';
import type { Decoded, Decoder, DecoderSpec, RecordOrigin, RecordSpans } from './decoder.ts';
import type { DecoderModule } from './decoder-module.ts';
import { RecordColumns } from './record-columns.ts';
import { Refusals } from './refusals.ts';
import type { ValueDecoder } from './value-decoder.ts';

/** The decoder of every format in which a record is a row: its value's columns, and those from around the value. */
export class SpanDecoder implements Decoder {
  readonly #spec: DecoderSpec;
  readonly #values: ValueDecoder;
  readonly #records: RecordColumns;
  readonly #refusals = new Refusals();

  constructor(module: DecoderModule, spec: DecoderSpec, values: ValueDecoder) {
    this.#spec = spec;
    this.#values = values;
    this.#records = new RecordColumns(module, spec);
  }

  prepare(spans: RecordSpans, from: number, to: number): Promise<void> | null {
    return this.#values.prepare?.(spans, from, to) ?? null;
  }

  decode(spans: RecordSpans, from: number, to: number, origin: RecordOrigin): Decoded {
    const next = Math.min(to, from + batchRowsMax);
    const rows = next - from;
    const refusals = this.#refusals;
    refusals.begin();
    this.#records.check(spans, from, rows, refusals);
    const values = this.#values.decode(spans, from, rows, refusals);
    const columns = this.#records.any ? this.#together(values, spans, from, rows, origin) : values;
    return {
      batch: { rows: rows - refusals.count, columns },
      rejected: refusals.rejected(from),
      next,
      nextRow: 0,
      release: () => this.#values.recycle?.(values),
    };
  }

  unknownFields(): ReadonlyMap<string | null, number> {
    return this.#values.unknownFields?.() ?? new Map();
  }

  close(): void {}

  #together(values: readonly Column[], spans: RecordSpans, from: number, rows: number, origin: RecordOrigin): readonly Column[] {
    const records = this.#records.take(spans, from, this.#refusals.runs(rows), origin);
    let place = 0;
    return this.#spec.needed.map((index) => records.get(index) ?? (values[place++] as Column));
  }
}
