import { describe, expect, it } from 'vitest';
import type { Batch, Column } from '../../connectors/batch.ts';
import { StringDictionary } from '../../connectors/string-dictionary.ts';
import { cellValue } from '../../engine/run/batch/cell-value.ts';
import { intervalColumn, nullColumn } from '../../engine/run/batch/make-column.ts';
import { selectRows } from '../../engine/run/batch/select-rows.ts';
import { sliceBatch } from '../../engine/run/batch/slice-batch.ts';
import { decodeBatch, encodeBatch, transferables } from '../../engine/run/batch/transfer.ts';

const rows = 29;
const dictionary = new StringDictionary();
for (let i = 0; i < 2000; i++) dictionary.intern(`word ${i}`);
const index = [...Array(rows).keys()];
const validity = Uint8Array.from({ length: (rows + 7) >> 3 }, (_, i) => 0b10110101 ^ i);
const offsets = Uint32Array.from({ length: rows + 1 }, (_, i) => i * 2);
const integers: Column = {
  kind: 'fixed',
  type: { kind: 'integer' },
  data: Int32Array.from({ length: rows * 2 }, (_, i) => i * 7),
  validity: null,
};
const words: Column = {
  kind: 'string',
  type: { kind: 'varchar' },
  codes: Uint32Array.from(index, (i) => (i * 37) % 11),
  dictionary,
  validity,
};

const columns: readonly Column[] = [
  { kind: 'fixed', type: { kind: 'boolean' }, data: Uint8Array.from(index, (i) => i % 2), validity },
  { kind: 'fixed', type: { kind: 'double' }, data: Float64Array.from(index, (i) => i / 3), validity: null },
  { kind: 'fixed', type: { kind: 'hugeint' }, data: BigUint64Array.from({ length: rows * 2 }, (_, i) => BigInt(i)), validity },
  { kind: 'fixed', type: { kind: 'decimal', width: 4, scale: 2 }, data: Int16Array.from(index, (i) => i * 11 - 99), validity: null },
  { kind: 'fixed', type: { kind: 'timestamp' }, data: BigInt64Array.from(index, (i) => BigInt(i) * 86_399_000_001n), validity: null },
  intervalColumn(BigInt64Array.from(index, (i) => BigInt(i) * 61_000_001n)),
  words,
  {
    kind: 'list',
    type: { kind: 'map', key: { kind: 'integer' }, value: { kind: 'integer' } },
    offsets,
    children: [integers, integers],
    validity,
  },
  {
    kind: 'struct',
    type: { kind: 'struct', fields: [{ name: 'w', type: { kind: 'varchar' } }] },
    children: [words],
    validity: null,
  },
];
const batch: Batch = { rows, columns };
const values = (each: Batch) => Array.from({ length: each.rows }, (_, row) => each.columns.map((column) => cellValue(column, row)));
const all = values(batch);

describe('batches', () => {
  it('are sliced at any row', () => {
    for (const [start, end] of [
      [0, rows],
      [0, 8],
      [3, 20],
      [8, 9],
      [13, rows],
      [5, 5],
    ] as const) {
      expect(values(sliceBatch(batch, start, end))).toEqual(all.slice(start, end));
      expect(values(sliceBatch(sliceBatch(batch, start, rows), 0, end - start))).toEqual(all.slice(start, end));
    }
  });

  it('give the rows that are selected', () => {
    for (const selected of [[], [0], [28, 3, 3, 17], index.filter((i) => i % 3 === 1)]) {
      expect(values(selectRows(batch, Uint32Array.from(selected)))).toEqual(selected.map((i) => all[i]));
      expect(values(selectRows(sliceBatch(batch, 3, rows), Uint32Array.from(selected.filter((i) => i < 26))))).toEqual(
        selected.filter((i) => i < 26).map((i) => all[i + 3]),
      );
    }
  });

  it('cross threads with only the strings that they use', () => {
    for (const owned of [false, true]) {
      const wire = encodeBatch(sliceBatch(batch, 3, rows), owned);
      const copy = structuredClone(wire, { transfer: [...transferables(wire)] });
      expect(values(decodeBatch(copy))).toEqual(all.slice(3));
      const text = copy.columns[6];
      expect(text?.kind === 'string' && text.size).toBeLessThanOrEqual(11);
    }
    expect(values(batch)).toEqual(all);
  });

  it('hold NULLs of every kind', () => {
    const types = columns.map((column) => column.type);
    const nulls = { rows: 9, columns: types.map((type) => nullColumn(type, 9)) };
    expect(values(decodeBatch(encodeBatch(nulls, true)))).toEqual(Array.from({ length: 9 }, () => types.map(() => null)));
  });
});

describe('values', () => {
  it('are shown as DuckDB prints them', () => {
    const fixed = (type: Column['type'], data: (Column & { kind: 'fixed' })['data']) =>
      cellValue({ kind: 'fixed', type, data, validity: null }, 0);
    expect(fixed({ kind: 'bigint' }, BigInt64Array.of(2n ** 60n))).toBe('1152921504606846976');
    expect(fixed({ kind: 'double' }, Float64Array.of(Number.NaN))).toBe('nan');
    expect(fixed({ kind: 'decimal', width: 4, scale: 2 }, Int16Array.of(-5))).toBe('-0.05');
    expect(fixed({ kind: 'date' }, Int32Array.of(-1))).toBe('1969-12-31');
    expect(fixed({ kind: 'time' }, BigInt64Array.of(3_723_000_100n))).toBe('01:02:03.0001');
    expect(fixed({ kind: 'timestamp' }, BigInt64Array.of(-1n))).toBe('1969-12-31T23:59:59.999999Z');
    expect(fixed({ kind: 'hugeint' }, BigUint64Array.of(2n ** 64n - 1n, 2n ** 64n - 1n))).toBe(-1);
    expect(fixed({ kind: 'uuid' }, BigUint64Array.of(0n, 1n << 63n))).toBe('00000000-0000-0000-0000-000000000000');
    expect(cellValue(intervalColumn(BigInt64Array.of(-90_500_000n)), 0)).toBe('-00:01:30.5');
  });
});
