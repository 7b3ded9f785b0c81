import { type Batch, batchRowsMax } from '../../connectors/batch.ts';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import { StringDictionary } from '../../connectors/string-dictionary.ts';

/** 24 bytes a row, one column of strings. */
export const exchangeColumns = [
  { name: 'ts', type: { kind: 'timestamp' }, nullable: false },
  { name: 'key', type: { kind: 'integer' }, nullable: false },
  { name: 'value', type: { kind: 'double' }, nullable: false },
  { name: 'host', type: { kind: 'varchar' }, nullable: false },
] as const satisfies readonly ColumnSpec[];

/** What came to the other side. */
export interface ExchangeCounts {
  /** Rows by key. */
  readonly byKey: Uint32Array;
  /** How many lanes had rows of a key. */
  readonly lanesByKey: Uint8Array;
  readonly valueSum: number;
}

const hosts = 1000;

/** Full batches; keys and hosts in no order. */
export function exchangeRows(rows: number, keys: number): Batch[] {
  const dictionary = new StringDictionary();
  for (let host = 0; host < hosts; host++) dictionary.intern(`host-${host}`);
  let state = 1;
  const below = (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return Array.from({ length: Math.ceil(rows / batchRowsMax) }, (_, batch): Batch => {
    const each = { length: batchRowsMax };
    const [ts, key, value] = exchangeColumns;
    return {
      rows: batchRowsMax,
      columns: [
        { kind: 'fixed', type: ts.type, data: BigInt64Array.from(each, (_, row) => BigInt(batch * batchRowsMax + row)), validity: null },
        { kind: 'fixed', type: key.type, data: Int32Array.from(each, () => below(keys)), validity: null },
        { kind: 'fixed', type: value.type, data: Float64Array.from(each, (_, row) => row / 8), validity: null },
        { kind: 'string', type: { kind: 'varchar' }, codes: Uint32Array.from(each, () => below(hosts)), dictionary, validity: null },
      ],
    };
  });
}
