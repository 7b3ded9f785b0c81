import { describe, expect, it } from 'vitest';
import type { Column, FixedArray } from '../../connectors/batch.ts';
import type { DataType } from '../../connectors/data-type.ts';
import { ColumnValues } from '../../engine/backtest/column-values.ts';

function values(type: DataType, data: FixedArray, validity: Uint8Array | null = null): ColumnValues {
  const column: Column = { kind: 'fixed', type, data, validity };
  return new ColumnValues({ rows: 2, columns: [column] }, { name: 'x', type, column: 0, field: null });
}

describe('values of a column', () => {
  it('are numbers, whatever their type; NaN for NULL', () => {
    expect(values({ kind: 'double' }, Float64Array.of(1.5, 2)).number(0)).toBe(1.5);
    expect(values({ kind: 'bigint' }, BigInt64Array.of(-7n, 2n)).number(0)).toBe(-7);
    expect(values({ kind: 'decimal', width: 4, scale: 1 }, Int16Array.of(-200, 5)).number(0)).toBe(-20);
    expect(values({ kind: 'decimal', width: 38, scale: 2 }, BigUint64Array.of(150n, 0n, 2n ** 64n - 250n, 2n ** 64n - 1n)).number(1)).toBe(
      -2.5,
    );
    expect(values({ kind: 'hugeint' }, BigUint64Array.of(0n, 1n, 2n ** 64n - 3n, 2n ** 64n - 1n)).number(0)).toBe(2 ** 64);
    expect(values({ kind: 'hugeint' }, BigUint64Array.of(0n, 1n, 2n ** 64n - 3n, 2n ** 64n - 1n)).number(1)).toBe(-3);
    expect(values({ kind: 'double' }, Float64Array.of(1, 2), Uint8Array.of(2)).number(0)).toBeNaN();
  });

  it('are times in microseconds', () => {
    expect(values({ kind: 'timestamp_ms' }, BigInt64Array.of(3n, 4n)).micros(1)).toBe(4000n);
    expect(values({ kind: 'timestamp_ns' }, BigInt64Array.of(3000n, 4n)).micros(0)).toBe(3n);
    expect(values({ kind: 'timestamp' }, BigInt64Array.of(3n, 4n), Uint8Array.of(1)).micros(1)).toBeNull();
  });

  it('of a field are NULL where the struct is', () => {
    const type: DataType = { kind: 'struct', fields: [{ name: 'score', type: { kind: 'double' } }] };
    const child: Column = { kind: 'fixed', type: { kind: 'double' }, data: Float64Array.of(1, 2), validity: null };
    const column: Column = { kind: 'struct', type, children: [child], validity: Uint8Array.of(1) };
    const score = new ColumnValues({ rows: 2, columns: [column] }, { name: 'a.score', type: child.type, column: 0, field: 0 });
    expect([score.number(0), score.number(1)]).toEqual([1, Number.NaN]);
  });
});
