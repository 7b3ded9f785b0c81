import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../connectors/batch.ts';
import { StringDictionary } from '../../../connectors/string-dictionary.ts';
import { encodeBatch } from '../../../engine/run/batch/transfer.ts';
import { pack, unpack } from '../../../engine/run/group/pack.ts';
import { columnsHash, readResultRecord, recordBytesMax, resultRecords } from '../../../engine/run/group/result-record.ts';

const rows = 60_000;

function wideBatch(): Batch {
  const dictionary = new StringDictionary();
  const codes = Uint32Array.from({ length: rows }, (_, row) =>
    row % 3 === 0 ? dictionary.intern(`text ${row} \u{1f600}${'x'.repeat(100)}`) : 0,
  );
  const validity = new Uint8Array(Math.ceil(rows / 8)).fill(0b1010_0101);
  return {
    rows,
    columns: [
      { kind: 'string', type: { kind: 'varchar' }, codes, dictionary, validity },
      {
        kind: 'fixed',
        type: { kind: 'double' },
        data: Float64Array.from({ length: rows }, (_, row) => [Number.NaN, -0, 1 / 3][row % 3]!),
        validity: null,
      },
      {
        kind: 'fixed',
        type: { kind: 'bigint' },
        data: BigInt64Array.from({ length: rows }, (_, row) => -(2n ** 63n) + BigInt(row)),
        validity: null,
      },
    ],
    weights: Int32Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? 1 : -1)),
  };
}

/** Every cell as text that tells all values apart. */
function cells(batch: Batch): string[] {
  return Array.from({ length: batch.rows }, (_, row) => {
    const values = batch.columns.map((column) => {
      if (column.validity !== null && ((column.validity[row >> 3] as number) & (1 << (row & 7))) === 0) return 'NULL';
      if (column.kind === 'string') return column.dictionary.text(column.codes[row] as number);
      if (column.kind !== 'fixed') throw new Error('not in this batch');
      const value = column.data[row];
      return Object.is(value, -0) ? '-0' : String(value);
    });
    return [...values, String(batch.weights?.[row])].join('|');
  });
}

describe('what a group writes to Kafka', () => {
  it('keeps every value as it is', () => {
    const value = {
      big: -(2n ** 63n),
      text: 'ä\u0000',
      nothing: null,
      list: [1, { deep: new Uint8Array([1, 2, 255]) }],
      doubles: Float64Array.of(Number.NaN, -0, Number.POSITIVE_INFINITY),
      longs: BigUint64Array.of(2n ** 64n - 1n),
      shorts: Int16Array.of(-1, 32_767),
      none: new Uint32Array(0),
    };
    expect(unpack(pack(value))).toEqual(value);
    expect(unpack(pack({ bytes: Buffer.from('abc') }))).toEqual({ bytes: new Uint8Array([97, 98, 99]) });
    expect(() => unpack(new Uint8Array([255, 0, 0, 0]))).toThrow(RangeError);
  });

  it('splits rows into records of a size that brokers take, and loses and changes none', () => {
    const batch = wideBatch();
    const records = resultRecords('s', 'c', encodeBatch(batch, false));
    expect(records.length).toBeGreaterThan(2);
    expect(Math.max(...records.map((record) => record.length))).toBeLessThan(recordBytesMax * 1.1);
    const read = records.map(readResultRecord);
    expect(new Set(read.map(({ stream, columns }) => `${stream} ${columns}`))).toEqual(new Set(['s c']));
    expect(read.flatMap((each) => cells(each.batch))).toEqual(cells(batch));
    expect(resultRecords('s', 'c', encodeBatch({ rows: 0, columns: [] }, false))).toEqual([]);
  });

  it('tells columns of other names and types apart', () => {
    const one = columnsHash([{ name: 'a', type: { kind: 'bigint' }, nullable: true }]);
    expect(columnsHash([{ name: 'a', type: { kind: 'bigint' }, nullable: true }])).toBe(one);
    expect(columnsHash([{ name: 'b', type: { kind: 'bigint' }, nullable: true }])).not.toBe(one);
    expect(columnsHash([{ name: 'a', type: { kind: 'decimal', width: 10, scale: 2 }, nullable: true }])).not.toBe(one);
  });
});
