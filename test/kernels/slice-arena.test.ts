import { describe, expect, it } from 'vitest';
import { Random } from '../connectors/random.ts';
import { compileKernel } from '../../bench/compile-kernel.ts';

interface Arenas {
  start(): void;
  take(index: bigint, owner: number): void;
  drop(index: bigint): void;
  rewind(): void;
  /** Sum of the owners in [from, to) at the cursor of the slice at `position`, which moves on behind them; their number in the high half. */
  stripe(position: number, from: number, to: number): bigint;
  count(): number;
  index(position: number): bigint;
  first(): bigint;
  bytes(): number;
}

const recordBytes = 40;
const source = `
import { limitMemory } from "./kernels/memory";
import { arenaBytes, beginRun, dropSlices, endOfRun, endRun, firstSlice, initialiseArenas, rewindSlices, sliceAt, sliceCount, sliceIndex, takeOfSlice } from "./kernels/slice-arena";
const arenas: usize = memory.data(24, 16);
export function start(): void { limitMemory(65536); initialiseArenas(arenas, ${recordBytes}); }
export function take(index: i64, owner: u32): void { store<u32>(takeOfSlice(arenas, index), owner); }
export function drop(index: i64): void { dropSlices(arenas, index); }
export function rewind(): void { rewindSlices(arenas); }
export function stripe(position: u32, from: u32, to: u32): i64 {
  const slice = sliceAt(arenas, position);
  let sum: i64 = 0;
  let record = beginRun(slice);
  while (record != 0) {
    const end = endOfRun(slice);
    for (; record < end; record += ${recordBytes}) {
      const owner = load<u32>(record);
      if (owner - from >= to - from) break;
      sum += (1 << 32) | <i64>owner;
    }
    const ended = record == end;
    record = endRun(slice, record);
    if (!ended) break;
  }
  return sum;
}
export function count(): u32 { return sliceCount(arenas); }
export function index(position: u32): i64 { return sliceIndex(sliceAt(arenas, position)); }
export function first(): i64 { return firstSlice(arenas); }
export function bytes(): f64 { return arenaBytes(arenas); }
`;

const total = (owners: readonly number[]) => owners.reduce((sum, owner) => sum + (1n << 32n) + BigInt(owner), 0n);

describe('arenas of slices', () => {
  it('keep slices in order, in turns taken and let go', async () => {
    const kernel = await compileKernel<Arenas>(source);
    kernel.start();
    const random = new Random(3);
    let indexes: number[] = [];
    expect(kernel.first()).toBe(2n ** 63n - 1n);
    for (let turn = 0; turn < 200; turn++) {
      for (let k = 0; k < 5; k++) {
        const index = turn * 3 + random.below(7);
        kernel.take(BigInt(index), 1);
        if (!indexes.includes(index)) indexes.push(index);
      }
      indexes.sort((a, b) => a - b);
      expect(Array.from({ length: kernel.count() }, (_, k) => Number(kernel.index(k)))).toEqual(indexes);
      const gone = turn % 40 === 39 ? 10_000 : turn * 3 - 60;
      if (gone < 10_000 || turn === 199) kernel.drop(BigInt(gone));
      else continue;
      indexes = indexes.filter((index) => index >= gone);
      expect(kernel.count()).toBe(indexes.length);
      if (indexes.length > 0) expect(kernel.first()).toBe(BigInt(indexes[0] as number));
    }
    expect(kernel.bytes()).toBe(0);
  });

  it('give owners back stripe by stripe, across chunks and while records are added', async () => {
    const kernel = await compileKernel<Arenas>(source);
    kernel.start();
    const random = new Random(4);
    const slices = [0, 1, 2].map(() => Array.from({ length: 100_000 }, (_, k) => k).filter(() => random.chance(0.3)));
    // The last slice is filled stripe by stripe, while the cursors are on their way.
    for (const [k, owners] of slices.entries()) if (k < 2) for (const owner of owners) kernel.take(BigInt(k), owner);
    for (let sweep = 0; sweep < 2; sweep++) {
      kernel.rewind();
      for (let from = 0; from < 100_000; ) {
        const to = from + 1 + random.below(400);
        const within = slices.map((owners) => owners.filter((owner) => owner >= from && owner < to));
        if (sweep === 0) for (const owner of within[2] as number[]) kernel.take(2n, owner);
        for (let k = 0; k < kernel.count(); k++) expect(kernel.stripe(k, from, to)).toBe(total(within[k] as number[]));
        from = to;
      }
    }
    expect(kernel.bytes()).toBeGreaterThan(90_000 * recordBytes);
    kernel.drop(3n);
    expect(kernel.bytes()).toBe(0);
  });
});
