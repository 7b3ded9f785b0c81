import { describe, expect, it } from 'vitest';
import { type Batch, batchRowsMax } from '../../connectors/batch.ts';
import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import { cellValue } from '../../engine/run/batch/cell-value.ts';
import { OutEdge } from '../../engine/run/exchange/out-edge.ts';
import { exchangeLayout } from '../../engine/run/exchange/row-layout.ts';
import { RowMirror } from '../../engine/run/exchange/row-mirror.ts';
import { Random } from '../connectors/random.ts';
import { buildBatch } from '../store/build-batch.ts';

const types: readonly DataType[] = [
  { kind: 'boolean' },
  { kind: 'tinyint' },
  { kind: 'usmallint' },
  { kind: 'integer' },
  { kind: 'bigint' },
  { kind: 'timestamp' },
  { kind: 'double' },
  { kind: 'hugeint' },
  { kind: 'decimal', width: 30, scale: 3 },
  { kind: 'varchar' },
];
const schema = types.map((type, index): ColumnSpec => ({ name: `c${index}`, type, nullable: true }));

function cellOf(random: Random, { kind }: DataType, strings: number): unknown {
  if (random.below(9) === 0) return null;
  switch (kind) {
    case 'boolean':
      return random.below(2) === 0;
    case 'tinyint':
      return random.below(256) - 128;
    case 'usmallint':
      return random.below(65_536);
    case 'integer':
      return random.below(50) - 25;
    case 'double':
      return [0.5, -0, Number.NaN, Number.NEGATIVE_INFINITY, 1e300][random.below(5)];
    case 'varchar':
      return `text ${random.below(strings)}`;
    case 'bigint':
    case 'timestamp':
      return BigInt(random.below(1 << 30)) * (random.below(2) === 0 ? 1n : -1n) * 1_000_003n;
    default:
      return BigInt(random.below(1 << 30)) * -(10n ** 15n);
  }
}

function shown({ columns, weights }: Batch, row: number): string {
  const cells = columns.map((column) => {
    const value = cellValue(column, row);
    return Object.is(value, -0) ? '-0' : String(value);
  });
  return [...cells, weights?.[row] ?? 1].join('|');
}

/** Sends batches through an edge; gives the rows that came to each lane, in order, and the buffers' rows. */
function exchange(batches: readonly Batch[], keys: readonly number[], lanes: number, flushEvery: number) {
  const layout = exchangeLayout(schema);
  if (layout === null) throw new Error('plain columns have a layout');
  const mirrors = Array.from({ length: lanes }, () => new RowMirror(layout));
  const got = Array.from({ length: lanes }, (): string[] => []);
  const sizes: number[] = [];
  const edge: OutEdge = new OutEdge(0, { name: 'e', columns: schema, keys, home: lanes - 1 }, 0, lanes, (lane, item) => {
    if (item.kind !== 'rows') return;
    const batch = (mirrors[lane] as RowMirror).read(item.packed);
    for (let row = 0; row < batch.rows; row++) got[lane]?.push(shown(batch, row));
    sizes.push(batch.rows);
    edge.takeBack(item.packed.buffer);
  });
  for (const [index, batch] of batches.entries()) {
    edge.send(batch);
    if (index % flushEvery === flushEvery - 1) edge.flush({ watermark: null, last: null });
  }
  edge.flush({ watermark: null, last: null });
  return { got, sizes };
}

function batchOf(random: Random, rows: number, strings: number, weighted: boolean): Batch {
  const batch = buildBatch(
    schema,
    Array.from({ length: rows }, () => types.map((type) => cellOf(random, type, strings))),
  );
  return weighted ? { ...batch, weights: Int32Array.from({ length: rows }, () => (random.below(2) === 0 ? 1 : -1)) } : batch;
}

describe('rows that are exchanged', () => {
  for (const [seed, lanes, keys] of [
    [1, 2, [3]],
    [2, 4, [9, 6]],
    [3, 5, [4, 7, 0]],
    [4, 3, []],
    [5, 1, [3]],
  ] as const) {
    it(`are the same on the other side, each key's in one lane and in order (${lanes} lanes by ${keys.join(', ') || 'none'})`, () => {
      const random = new Random(seed);
      const batches = Array.from({ length: 12 }, (_, index) =>
        batchOf(random, 1 + random.below(index % 4 === 0 ? 4000 : 60), index < 6 ? 20 : 100_000, index % 3 === 2),
      );
      const { got } = exchange(batches, keys, lanes, 3);
      const sent = batches.flatMap((batch) => Array.from({ length: batch.rows }, (_, row) => shown(batch, row)));
      expect(got.flat().sort()).toEqual([...sent].sort());
      const keyOf = (row: string) => keys.map((key) => row.split('|')[key]?.replace(/^-0$/, '0')).join('|');
      const laneOf = new Map<string, number>();
      for (const [lane, rows] of got.entries()) {
        for (const row of rows) expect(laneOf.get(keyOf(row)) ?? lane).toBe(lane);
        for (const row of rows) laneOf.set(keyOf(row), lane);
        expect(rows).toEqual(sent.filter((row) => laneOf.get(keyOf(row)) === lane));
      }
      if (keys.length > 0) expect(got.every((rows) => rows.length > 0)).toBe(true);
    });
  }

  it('fill buffers before they go', () => {
    const random = new Random(6);
    const batches = Array.from({ length: 40 }, () => batchOf(random, 500, 20, false));
    const { sizes } = exchange(batches, [4], 2, 1000);
    expect(sizes.slice(0, -2)).toEqual([batchRowsMax, batchRowsMax].slice(0, sizes.length - 2));
  });
});
