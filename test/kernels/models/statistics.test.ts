import { describe, expect, it } from 'vitest';
import { compileKernel } from '../../../bench/compile-kernel.ts';
import { Counter } from '../../../kernels/models/counter.ts';
import { EwmaModel } from '../../../kernels/models/ewma.ts';
import { RobustZscore } from '../../../kernels/models/robust-zscore.ts';
import { Zscore } from '../../../kernels/models/zscore.ts';
import { close } from './support/fixtures.ts';
import { everySeries } from './support/series.ts';

interface Kernel {
  readonly memory: WebAssembly.Memory;
  open(parameter: number): number;
  step(state: number, value: number, micros: bigint): void;
  close(state: number): void;
}

const compile = (file: string, model: string, parameters: string) =>
  compileKernel<Kernel>(`
import { limitMemory } from "./kernels/memory";
import { open${model}, step${model}, close${model} } from "./kernels/models/${file}";
limitMemory(1024);
export function open(parameter: f64): usize { return open${model}(${parameters}); }
export function step(state: usize, value: f64, micros: i64): void { step${model}(state, value, micros); }
export function close(state: usize): void { close${model}(state); }
`);

type Step = (value: number | null, micros: bigint) => readonly (number | null)[];

async function compare(kernel: Kernel, parameter: number, make: () => Step): Promise<void> {
  for (const [name, rows] of everySeries()) {
    const state = kernel.open(parameter);
    const step = make();
    for (const [row, [micros, value]] of rows.entries()) {
      kernel.step(state, value ?? Number.NaN, micros);
      const wanted = step(value, micros).map((each) => each ?? Number.NaN);
      close([...new Float64Array(kernel.memory.buffer, state, wanted.length)], wanted, 1e-12, `${name}, row ${row}`);
    }
    kernel.close(state);
  }
}

describe('kernels of statistics that go from row to row give what their definitions give', () => {
  it('ewma', async () => {
    const kernel = await compile('ewma', 'Ewma', 'parameter');
    for (const alpha of [0.05, 0.5, 1]) {
      await compare(kernel, alpha, () => {
        const model = new EwmaModel(alpha);
        return (value) => {
          const found = model.step(value);
          return [found?.mean ?? null, found?.deviation ?? null, found?.z ?? null];
        };
      });
    }
  });

  it('a counter', async () => {
    const kernel = await compile('counter', 'Counter', '');
    await compare(kernel, 0, () => {
      const model = new Counter();
      return (value, micros) => {
        const found = model.step(value, micros);
        return [found?.increase ?? null, found?.rate ?? null];
      };
    });
  });

  it('z-score', async () => {
    const kernel = await compile('zscore', 'Zscore', 'parameter');
    for (const rows of [3, 50, 4096]) {
      await compare(kernel, rows, () => {
        const model = new Zscore(rows);
        return (value) => [model.step(value)];
      });
    }
  });

  it('robust z-score', async () => {
    const kernel = await compile('robust-zscore', 'RobustZscore', 'parameter');
    for (const rows of [3, 4, 50, 4096]) {
      await compare(kernel, rows, () => {
        const model = new RobustZscore(rows);
        return (value) => [model.step(value)];
      });
    }
  });
});

describe('their definitions', () => {
  it('z-score: by hand; equal values are exactly 0, an offset of 10^9 costs no digits', () => {
    const model = new Zscore(3);
    expect([1, 2, 3, 7].map((value) => model.step(value))).toEqual([null, null, 1, 3 / Math.sqrt(7)]);
    const far = new Zscore(3);
    expect([1, 2, 3, 7].map((value) => far.step(value + 1e9))).toEqual([null, null, 1, 3 / Math.sqrt(7)]);
    const constant = new Zscore(9);
    expect([0.1, 0.1, 0.1, 0.1].map((value) => constant.step(value))).toEqual([null, null, 0, 0]);
    expect(new Zscore().step(Number.NaN)).toBeNull();
  });

  it('ewma: by hand', () => {
    const model = new EwmaModel(0.5);
    expect(model.step(4)).toEqual({ mean: 4, deviation: 0, z: null });
    expect(model.step(6)).toEqual({ mean: 5, deviation: 1, z: null });
    expect(model.step(7)).toEqual({ mean: 6, deviation: Math.sqrt(1.5), z: 2 });
    expect(model.step(null)).toBeNull();
  });

  it('a counter goes on from 0 after a reset', () => {
    const model = new Counter();
    const values = [100, 130, null, 190, 20, 20];
    const found = values.map((value, row) => model.step(value, BigInt(row) * 10_000_000n));
    expect(found.map((each) => each?.increase ?? null)).toEqual([null, 30, null, 60, 20, 0]);
    expect(found.map((each) => each?.rate ?? null)).toEqual([null, 3, null, 3, 2, 0]);
  });

  it('robust z-score: an outlier does not hide itself; equal values are exactly 0', () => {
    const model = new RobustZscore(9);
    const found = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((value) => model.step(value));
    expect(found[8]).toBeCloseTo((1000 - 5) / (1.4826 * 2), 9);
    const constant = new RobustZscore(9);
    expect([7, 7, 7, 7, 8].map((value) => constant.step(value))).toEqual([null, null, 0, 0, null]);
  });
});
