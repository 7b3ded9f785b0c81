import type { Batch, Column } from '../../../connectors/batch.ts';
import { StringDictionary } from '../../../connectors/string-dictionary.ts';
import type { PackedRows, StringDelta } from './frame.ts';
import { type ExchangeLayout, fixedValues } from './row-layout.ts';

/** Reads the rows that one lane sends, with the dictionaries that it keeps up to date here. */
export class RowMirror {
  readonly #layout: ExchangeLayout;
  readonly #dictionaries: StringDictionary[];

  constructor(layout: ExchangeLayout) {
    this.#layout = layout;
    this.#dictionaries = layout.columns.map(() => new StringDictionary());
  }

  /** The batch's arrays are views of the buffer: valid until it goes back. */
  read({ rows, buffer, nulls, weighted, strings }: PackedRows): Batch {
    const columns = this.#layout.columns.map(({ type, string, data, validity: at }, index): Column => {
      const validity = nulls[index] ? new Uint8Array(buffer, at, (rows + 7) >> 3) : null;
      if (!string) return { kind: 'fixed', type, data: fixedValues(type, buffer, data, rows), validity };
      const dictionary = this.#dictionary(index, strings[index] ?? null);
      return { kind: 'string', type, codes: new Uint32Array(buffer, data, rows), dictionary, validity };
    });
    if (!weighted) return { rows, columns };
    return { rows, columns, weights: new Int32Array(buffer, this.#layout.weights, rows) };
  }

  #dictionary(index: number, delta: StringDelta | null): StringDictionary {
    if (delta?.reset) this.#dictionaries[index] = new StringDictionary();
    const dictionary = this.#dictionaries[index] as StringDictionary;
    if (delta !== null) dictionary.appendAll(delta.offsets, delta.bytes);
    return dictionary;
  }
}
