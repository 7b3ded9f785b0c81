import { batchRowsMax, type Batch, type Column } from '../batch.ts';
import type { ColumnSpec } from '../data-type.ts';
import { StringDictionary } from '../string-dictionary.ts';

export type Row = Readonly<Record<string, string | number | undefined>>;

/** Makes batches of a few rows out of plain objects; `ts` is in milliseconds. Dictionaries live on from batch to batch. */
export class RowColumns {
  readonly #columns: readonly ColumnSpec[];
  readonly #dictionaries = new Map<string, StringDictionary>();

  constructor(columns: readonly ColumnSpec[]) {
    this.#columns = columns;
  }

  /** At most `batchRowsMax` rows; more are left out. */
  batch(rows: readonly Row[]): Batch {
    const kept = rows.slice(0, batchRowsMax);
    return { rows: kept.length, columns: this.#columns.map((column) => this.#column(column, kept)) };
  }

  #column({ name, type }: ColumnSpec, rows: readonly Row[]): Column {
    const values = rows.map((row) => row[name.toLowerCase()]);
    switch (type.kind) {
      case 'double':
        return { kind: 'fixed', type, data: Float64Array.from(values as number[]), validity: null };
      case 'timestamp':
        return { kind: 'fixed', type, data: BigInt64Array.from(values as number[], (ms) => BigInt(ms) * 1000n), validity: null };
      case 'bigint':
        return { kind: 'fixed', type, data: BigInt64Array.from(values as number[], (value) => BigInt(value)), validity: null };
      default:
        return this.#strings(name, type, values as (string | undefined)[]);
    }
  }

  #strings(name: string, type: ColumnSpec['type'], values: readonly (string | undefined)[]): Column {
    let dictionary = this.#dictionaries.get(name);
    if (dictionary === undefined || dictionary.full) {
      dictionary = new StringDictionary();
      this.#dictionaries.set(name, dictionary);
    }
    const codes = new Uint32Array(values.length);
    const validity = new Uint8Array((values.length + 7) >> 3);
    let nulls = 0;
    for (const [row, value] of values.entries()) {
      if (value === undefined) {
        nulls++;
        continue;
      }
      codes[row] = dictionary.intern(value);
      validity[row >> 3]! |= 1 << (row & 7);
    }
    return { kind: 'string', type, codes, dictionary, validity: nulls === 0 ? null : validity };
  }
}
