import { describe, expect, it } from 'vitest';
import { compileKernel } from '../../../bench/compile-kernel.ts';
import { anomalySeverities } from '../../../kernels/models/anomaly-score.ts';
import { Iforest, type IforestResult, iforestTypes } from '../../../kernels/models/iforest.ts';
import { IforestScorer } from '../../../kernels/models/iforest-score.ts';
import { Random } from '../../connectors/random.ts';
import { close } from './support/fixtures.ts';
import { everySeries } from './support/series.ts';

interface Kernel {
  readonly memory: WebAssembly.Memory;
  take(bytes: number): number;
  openIforest(trees: number, sample: number, refitRows: number, historyRows: number, seed: number, contamination: number): number;
  stepIforest(state: number, value: number, micros: bigint): void;
  closeIforest(state: number): void;
  bytesIforest(state: number): number;
  openIforestScore(columns: number, trees: number, sample: number, refitRows: number, historyRows: number, seed: number): number;
  stepIforestScore(state: number, values: number, micros: bigint): void;
  closeIforestScore(state: number): void;
}

const source = `
import { allocate, limitMemory } from "./kernels/memory";
export { openIforest, stepIforest, closeIforest, bytesIforest } from "./kernels/models/iforest";
export { openIforestScore, stepIforestScore, closeIforestScore } from "./kernels/models/iforest-score";
export function take(bytes: u32): usize { return allocate(bytes); }
limitMemory(4096);
`;

const minute = 60_000_000n;

function numbersOf(found: IforestResult | null): number[] {
  if (found === null) return Array.from({ length: 8 }, () => Number.NaN);
  const { score, isAnomaly, expected, lower, upper, confidence, type, severity } = found;
  const codes = [
    type === null ? Number.NaN : iforestTypes.indexOf(type),
    severity === null ? Number.NaN : anomalySeverities.indexOf(severity),
  ];
  return [score, Number(isAnomaly), expected, lower, upper, confidence, ...codes];
}

describe('the kernels of isolation forests that learn', () => {
  it('iforest: as its definition', async () => {
    const kernel = await compileKernel<Kernel>(source);
    for (const [name, rows] of everySeries()) {
      const state = kernel.openIforest(24, 32, 70, 150, 42, 0.03);
      const model = new Iforest({ trees: 24, sample: 32, refitRows: 70, historyRows: 150, contamination: 0.03 });
      for (const [row, [micros, value]] of rows.entries()) {
        const at = row % 2 === 0 ? micros : micros - 3_000_000_000_000_000n;
        kernel.stepIforest(state, value ?? Number.NaN, at);
        close(new Float64Array(kernel.memory.buffer, state, 8), numbersOf(model.step(value, at)), 1e-12, `${name}, row ${row}`);
      }
      kernel.closeIforest(state);
    }
    const state = kernel.openIforest(100, 256, 1000, 10_000, 42, 0.01);
    for (let row = 0; row < 1_500; row++) kernel.stepIforest(state, row % 17, 0n);
    expect(kernel.bytesIforest(state)).toBeLessThan(350_000);
  });

  it('iforest_score: as its definition', async () => {
    const kernel = await compileKernel<Kernel>(source);
    const values = kernel.take(24);
    for (const [name, rows] of everySeries()) {
      const state = kernel.openIforestScore(3, 11, 64, 90, 120, 5);
      const model = new IforestScorer(3, { trees: 11, sample: 64, refitRows: 90, historyRows: 120, seed: 5 });
      for (const [row, [, value]] of rows.entries()) {
        const several = [value, row % 7, 1e18];
        new Float64Array(kernel.memory.buffer, values, 3).set(several.map((each) => each ?? Number.NaN));
        kernel.stepIforestScore(state, values, 0n);
        const [found] = new Float64Array(kernel.memory.buffer, state, 1);
        close(found!, model.step(several) ?? Number.NaN, 1e-12, `${name}, row ${row}`);
      }
      kernel.closeIforestScore(state);
    }
  });
});

describe('iforest', () => {
  it('says nothing of the first hundred rows, and of what stands out what it is', () => {
    const random = new Random(6);
    const model = new Iforest({ contamination: 0.05 });
    for (let row = 0; row < 2_300; row++) {
      // Among the rows that the forest is made of there are others like them.
      const odd = row > 300 && row % 100 === 50;
      const found = model.step(odd ? (row % 200 === 50 ? 60 : -25) : 20 + random.next(), BigInt(row) * minute);
      expect(found === null).toBe(row < 100);
      if (row === 2_050) expect(found).toMatchObject({ isAnomaly: true, severity: 'critical' });
      if (row === 2_150) expect(found).toMatchObject({ isAnomaly: true, severity: 'critical', type: 'rapid_change' });
      if (row === 2_150) expect(found!.confidence).toBeGreaterThan(0.95);
      if (row === 2_045) expect(found).toMatchObject({ isAnomaly: false, type: null, severity: null });
      if (row === 2_045) expect(found!.upper).toBeGreaterThan(found!.expected);
    }
  });

  it('a constant series has no anomaly', () => {
    const model = new Iforest();
    for (let row = 0; row < 300; row++) expect(model.step(7, 0n)?.isAnomaly ?? false).toBe(false);
  });
});
