import { beforeAll, describe, expect, it } from 'vitest';
import { compileKernel } from '../../bench/compile-kernel.ts';

interface Selections {
  readonly memory: WebAssembly.Memory;
  readonly everyRow: WebAssembly.Global<'i32'>;
  readonly sorted: WebAssembly.Global<'i32'>;
  readonly selected: WebAssembly.Global<'i32'>;
  readonly times: WebAssembly.Global<'i32'>;
  start(): void;
  append(end: number, row: number, mask: number): number;
  floor(value: bigint, by: bigint): bigint;
  sort(from: number, to: number, start: bigint, size: bigint, panes: number): void;
  end(k: number): number;
  order(value: number): bigint;
  begin(): void;
  keep(value: number): void;
  least(): number;
  largest(): number;
  key(value: number): bigint;
}

const source = `
import { appendMask, everyRow, floorDivide, initialiseSelection, paneEnd, rowTimes, selected, sortByPane, sorted } from "./kernels/selection";
import { doubleOrder, keepLargest, keepLeast } from "./kernels/order";
import { doubleKey } from "./kernels/hash";
export { everyRow, selected, sorted };
export const times: usize = rowTimes;
export function start(): void { initialiseSelection(); }
export function append(end: usize, row: usize, mask: u32): usize { return appendMask(end, row, mask); }
export function floor(value: i64, by: i64): i64 { return floorDivide(value, by); }
export function sort(from: usize, to: usize, start: i64, size: i64, panes: u32): void { sortByPane(rowTimes, from, to, start, size, panes); }
export function end(k: u32): usize { return paneEnd(k); }
export function order(value: f64): i64 { return doubleOrder(value); }
const field: usize = memory.data(16, 16);
export function begin(): void { store<f64>(field, NaN); store<f64>(field, -Infinity, 8); }
export function keep(value: f64): void { keepLeast(field, value); keepLargest(field + 8, value); }
export function least(): f64 { return load<f64>(field); }
export function largest(): f64 { return load<f64>(field, 8); }
export function key(value: f64): i64 { return <i64>doubleKey(value); }
`;

describe('selections', () => {
  let kernel: Selections;
  beforeAll(async () => {
    kernel = await compileKernel<Selections>(source);
    kernel.start();
  });

  it('writes the rows of every mask', () => {
    const at = kernel.selected.value >>> 0;
    for (let mask = 0; mask < 256; mask++) {
      const end = kernel.append(at, 4096, mask) >>> 0;
      const rows = [...new Uint16Array(kernel.memory.buffer, at, (end - at) / 2)];
      expect(rows).toEqual([0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (mask >> bit) & 1).map((bit) => 4096 + bit));
    }
  });

  it('divides to the floor', () => {
    for (const value of [-21n, -20n, -11n, -10n, -1n, 0n, 1n, 9n, 10n, 11n]) {
      expect(kernel.floor(value, 10n)).toBe(BigInt(Math.floor(Number(value) / 10)));
    }
  });

  it('sorts rows by pane and keeps their order', () => {
    const size = 3_000_001n;
    const start = -7n * size;
    const rows = 8192;
    const at = kernel.times.value >>> 0;
    const times = new BigInt64Array(kernel.memory.buffer, at, rows);
    let state = 7;
    for (let row = 0; row < rows; row++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      // Every tenth row lies exactly on a pane's first or last microsecond.
      const pane = BigInt(state % 200);
      times[row] = start + pane * size + (row % 10 === 0 ? 0n : row % 10 === 1 ? size - 1n : BigInt(state % 3_000_001));
    }
    const every = kernel.everyRow.value >>> 0;
    kernel.sort(every, every + rows * 2, start, size, 200);
    const sorted = new Uint16Array(kernel.memory.buffer, kernel.sorted.value >>> 0, rows);
    const expected = Array.from({ length: rows }, (_, row) => row).sort((a, b) => {
      const pane = (row: number) => Number(((times[row] as bigint) - start) / size);
      return pane(a) - pane(b) || a - b;
    });
    expect([...sorted]).toEqual(expected);
    expect((kernel.end(199) >>> 0) - (kernel.sorted.value >>> 0)).toBe(rows * 2);
  });

  it('orders doubles as SQL does', () => {
    const doubles = [Number.NEGATIVE_INFINITY, -1e300, -1, -5e-324, -0, 0, 5e-324, 1, 1e300, Number.POSITIVE_INFINITY, Number.NaN];
    const orders = doubles.map((value) => kernel.order(value));
    expect(orders).toEqual([...orders].sort((a, b) => (a < b ? -1 : 1)));
    expect(kernel.key(-0)).toBe(kernel.key(0));
    expect(kernel.key(Number.NaN)).toBe(kernel.key(-Number.NaN));
  });

  it('keeps the least and the largest double: NaN is the largest, the first of two zeros stays', () => {
    const extremes = (...values: number[]) => {
      kernel.begin();
      for (const value of values) kernel.keep(value);
      return [kernel.least(), kernel.largest()];
    };
    const { NaN: nan, NEGATIVE_INFINITY: low, POSITIVE_INFINITY: high } = Number;
    expect(extremes(3, -2, 5, 5e-324)).toEqual([-2, 5]);
    expect(extremes(nan)).toEqual([nan, nan]);
    expect(extremes(nan, 1, nan, 2)).toEqual([1, nan]);
    expect(extremes(1, nan, 0)).toEqual([0, nan]);
    expect(extremes(high)).toEqual([high, high]);
    expect(extremes(nan, high)).toEqual([high, nan]);
    expect(extremes(low)).toEqual([low, low]);
    expect(extremes(-0, 0)).toEqual([-0, -0]);
    expect(extremes(0, -0)).toEqual([0, 0]);
  });
});
