import { describe, expect, it } from 'vitest';
import { compileKernel } from '../../../bench/compile-kernel.ts';
import { DriftSpot } from '../../../kernels/models/drift-spot.ts';
import { Random } from '../../connectors/random.ts';
import { detectorSeries } from './support/detector-series.ts';

const alarmsOf = (values: readonly number[], theta = 4) => {
  const spot = new DriftSpot({ theta });
  return values.flatMap((value, row) => (spot.step(value)?.alarm ? [row] : []));
};

describe('drift SPOT', () => {
  it('says nothing of the first 350 points, nor of gaps, and is silent on a constant series', () => {
    const spot = new DriftSpot();
    const found = Array.from({ length: 1_000 }, (_, row) => spot.step(row % 10 === 3 ? null : 42));
    expect(found.filter((each) => each !== null)).toHaveLength(900 - 350);
    expect(found.some((each) => each?.alarm)).toBe(false);
  });

  it('gives a normal value the probability that it has', () => {
    const random = new Random(11);
    const spot = new DriftSpot({ theta: 6 });
    const normal = () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    const scores = Array.from({ length: 40_000 }, () => spot.step(normal())?.score ?? 0);
    for (const decimals of [2, 3]) {
      const share = scores.filter((score) => score >= decimals).length / scores.length;
      // Two sides, each 10^-decimals.
      expect(share / (2 * 10 ** -decimals)).toBeGreaterThan(0.6);
      expect(share / (2 * 10 ** -decimals)).toBeLessThan(1.6);
    }
  });

  it('alarms once at a spike, follows a shift of the level, and sees a drop', () => {
    const random = new Random(12);
    const values = Array.from({ length: 4_000 }, (_, row) => (row < 2_500 ? 10 : 20) + random.next());
    values[1_500] = 30;
    values[3_500] = 0;
    const alarms = alarmsOf(values);
    expect(alarms).toContain(1_500);
    expect(alarms).toContain(2_500);
    expect(alarms).toContain(3_500);
    // A large value stays in the mean for 150 points.
    expect(alarms.filter((row) => row > 2_700 && (row < 3_500 || row > 3_650))).toEqual([]);
  });
});

interface Kernel {
  readonly memory: WebAssembly.Memory;
  openDriftSpot(theta: number): number;
  stepDriftSpot(state: number, value: number, micros: bigint): void;
  closeDriftSpot(state: number): void;
  bytesDriftSpot(state: number): number;
}

const source = `
import { limitMemory } from "./kernels/memory";
export { openDriftSpot, stepDriftSpot, closeDriftSpot, bytesDriftSpot } from "./kernels/models/drift-spot";
limitMemory(65536);
`;

describe('the kernel of drift SPOT', () => {
  it('scores and alarms as its definition does, to the bit', async () => {
    const kernel = await compileKernel<Kernel>(source);
    for (const [kind, make] of Object.entries(detectorSeries)) {
      for (const seed of [1, 2]) {
        const random = new Random(seed);
        const spot = new DriftSpot({ theta: seed + 1 });
        const state = kernel.openDriftSpot(seed + 1);
        for (let row = 0; row < 4_000; row++) {
          const value = make(random, row);
          kernel.stepDriftSpot(state, value, 0n);
          const found = [...new Float64Array(kernel.memory.buffer, state, 2)];
          const each = spot.step(value);
          const told = each === null ? [Number.NaN, Number.NaN] : [each.score, Number(each.alarm)];
          const equal = told.every((number, at) => Object.is(number, found[at]));
          expect(equal ? null : { kind, row, found, told }).toBeNull();
        }
        expect(kernel.bytesDriftSpot(state)).toBeLessThan(8_192);
        kernel.closeDriftSpot(state);
      }
    }
  });
});
