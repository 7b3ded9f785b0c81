import { describe, expect, it } from 'vitest';
import { compileKernel } from '../../../bench/compile-kernel.ts';
import { type Changepoint, ChangepointDetector, changeDirections } from '../../../kernels/models/changepoint.ts';
import { Random } from '../../connectors/random.ts';
import { close } from './support/fixtures.ts';
import { everySeries } from './support/series.ts';

interface Kernel {
  readonly memory: WebAssembly.Memory;
  openChangepoint(sensitivity: number): number;
  stepChangepoint(state: number, value: number, micros: bigint): void;
  closeChangepoint(state: number): void;
}

const source = `
import { limitMemory } from "./kernels/memory";
export { openChangepoint, stepChangepoint, closeChangepoint } from "./kernels/models/changepoint";
limitMemory(1024);
`;

const minute = 60_000_000n;

function noise(random: Random): number {
  return random.next() + random.next() + random.next() - 1.5;
}

function run(values: readonly number[], sensitivity?: number): { row: number; found: Changepoint }[] {
  const detector = new ChangepointDetector(sensitivity);
  return values.flatMap((value, row) => {
    const found = detector.step(value, BigInt(row) * minute);
    return found?.change ? [{ row, found }] : [];
  });
}

function numbersOf(found: Changepoint | null): number[] {
  const { score, change, minutesAgo, before, after, direction } = found ?? ({} as Partial<Changepoint>);
  const code = direction == null ? null : changeDirections.indexOf(direction);
  return [score, change == null ? null : Number(change), minutesAgo, before, after, code].map((each) => each ?? Number.NaN);
}

describe('changes of level', () => {
  it('says a step once, where it was and from which level to which', () => {
    const random = new Random(3);
    const values = Array.from({ length: 1_200 }, (_, row) => noise(random) + (row < 600 ? 10 : row < 900 ? 14 : 9));
    const changes = run(values);
    expect(changes.map(({ found }) => found.direction)).toEqual(['up', 'down']);
    for (const [k, { row, found }] of changes.entries()) {
      expect(row - (found.minutesAgo as number)).toBe(k === 0 ? 600 : 900);
      expect(row).toBeLessThan(k === 0 ? 620 : 920);
      expect(Math.abs((found.before as number) - (k === 0 ? 10 : 14))).toBeLessThan(0.3);
    }
  });

  it('says nothing of noise, of waves that come each day, of spikes, of a constant; a step of a constant is one', () => {
    const random = new Random(4);
    expect(run(Array.from({ length: 5_000 }, () => noise(random)))).toEqual([]);
    expect(run(Array.from({ length: 5_000 }, (_, row) => 5 * Math.sin(row / 40) + noise(random)))).toEqual([]);
    expect(run(Array.from({ length: 5_000 }, (_, row) => noise(random) + (row % 100 === 7 ? 30 : 0)))).toEqual([]);
    expect(run(Array.from({ length: 1_000 }, () => 7))).toEqual([]);
    expect(run(Array.from({ length: 1_000 }, (_, row) => (row < 500 ? 7 : 8))).map(({ row }) => row)).toEqual([508]);
  });

  it('the kernel gives what the definition gives', async () => {
    const kernel = await compileKernel<Kernel>(source);
    const random = new Random(5);
    const steps = Array.from({ length: 1_500 }, (_, row) => [BigInt(row) * minute, noise(random) + (row >> 8) * 3] as const);
    for (const [name, rows] of [...everySeries(), ['steps', steps] as const]) {
      for (const sensitivity of [1, 2.5]) {
        const detector = new ChangepointDetector(sensitivity);
        const state = kernel.openChangepoint(sensitivity);
        for (const [row, [micros, value]] of rows.entries()) {
          kernel.stepChangepoint(state, value ?? Number.NaN, micros);
          const wanted = numbersOf(detector.step(value, micros));
          const found = [...new Float64Array(kernel.memory.buffer, state, wanted.length)];
          close(found, wanted, 1e-12, `${name}, row ${row}`);
        }
        kernel.closeChangepoint(state);
      }
    }
  });
});
