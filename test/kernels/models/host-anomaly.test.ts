import { describe, expect, it } from 'vitest';
import { compileKernel } from '../../../bench/compile-kernel.ts';
import { type HostAnomaly, HostAnomalyScorer } from '../../../kernels/models/host-anomaly.ts';
import { Random } from '../../connectors/random.ts';

const channels = 6;

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** Channels that follow one load, each in its own unit; the last one is constant. */
function hostRow(random: Random, row: number): number[] {
  const load = Math.sin(row / 200) + 0.2 * normal(random);
  return [...Array.from({ length: channels - 1 }, (_, k) => 10 ** k * (3 + (k % 2 === 0 ? load : -load) + 0.05 * normal(random))), 42];
}

describe('the detector of a host', () => {
  it('says nothing before it has seen two thousand rows, and alarms only from the four thousandth on', () => {
    const random = new Random(1);
    const scorer = new HostAnomalyScorer({ channels, frozenRows: 1_000 });
    const found = Array.from({ length: 4_100 }, (_, row) => scorer.step(hostRow(random, row)) as HostAnomaly);
    expect(found.findIndex(({ score }) => score !== null)).toBe(2_000);
    expect(found.findIndex(({ alarm }) => alarm !== null)).toBe(4_000);
    expect(found.findIndex(({ frozen }) => frozen !== null)).toBe(1_000);
    expect(scorer.step(Array.from({ length: channels }, () => null))).toBeNull();
  });

  it('sees a channel that no longer moves with the others, which no distance from a mean shows, and names it', () => {
    const random = new Random(2);
    const scorer = new HostAnomalyScorer({ channels });
    let normalScore = 0;
    for (let row = 0; row < 8_000; row++) {
      const values = hostRow(random, row);
      // Within its range, but not where the load is.
      if (row >= 7_900) values[1] = 10 * 3.9;
      const found = scorer.step(values) as HostAnomaly;
      if (row < 7_900) normalScore = Math.max(normalScore, row > 6_000 ? (found.score as number) : 0);
      else if (row > 7_950) expect(found.held).toBeGreaterThan(normalScore);
    }
  });

  it('alarms once where a channel leaves its range, and its contribution is the largest', () => {
    const random = new Random(3);
    const scorer = new HostAnomalyScorer({ channels });
    const alarms: number[] = [];
    for (let row = 0; row < 8_000; row++) {
      const values = hostRow(random, row);
      if (row >= 7_000 && row < 7_025) values[3] = 1_000 * 12;
      const found = scorer.step(values) as HostAnomaly;
      if (found.alarm && row > 6_500) alarms.push(row);
      if (row !== 7_000) continue;
      expect(found.contributions.indexOf(Math.max(...found.contributions))).toBe(3);
      expect(found.contributions.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      expect(found.contributions[channels - 1]).toBe(0);
    }
    expect(alarms).toContain(7_000);
    expect(alarms.filter((row) => row >= 7_000 && row < 7_030)).toEqual([7_000]);
  });

  it('scores alike with channels of 10^18 and 10^-18, and is silent where nothing ever changes', () => {
    const [a, b] = [new Random(4), new Random(4)];
    const [plain, scaled] = [new HostAnomalyScorer({ channels }), new HostAnomalyScorer({ channels })];
    for (let row = 0; row < 3_000; row++) {
      const one = plain.step(hostRow(a, row))?.score ?? 0;
      const other = scaled.step(hostRow(b, row).map((value, k) => value * (k === 0 ? 1e18 : k === 1 ? 1e-18 : 1)))?.score ?? 0;
      expect(Math.abs(one - other)).toBeLessThan(1e-6);
    }
    const constant = new HostAnomalyScorer({ channels });
    for (let row = 0; row < 5_000; row++) expect(constant.step([0, 1, 2, 3, 4, 1e18])?.score ?? 0).toBe(0);
  });
});

interface Kernel {
  readonly memory: WebAssembly.Memory;
  openHostAnomaly(channels: number, theta: number, frozenRows: number): number;
  stepHostAnomaly(state: number, values: number, micros: bigint): void;
  closeHostAnomaly(state: number): void;
  bytesHostAnomaly(state: number): number;
  readonly hostAnomalyContributions: { readonly value: number };
  take(bytes: number): number;
}

const source = `
import { allocate, limitMemory } from "./kernels/memory";
export { openHostAnomaly, stepHostAnomaly, closeHostAnomaly, bytesHostAnomaly, hostAnomalyContributions } from "./kernels/models/host-anomaly";
export function take(bytes: u32): usize { return allocate(bytes); }
limitMemory(65536);
`;

type Change = (values: number[], random: Random, row: number) => readonly number[];

const kinds: Readonly<Record<string, Change>> = {
  'as it comes': (values) => values,
  incidents: (values, _, row) => (row % 1_500 > 1_450 ? values.map((value, k) => (k < 3 ? value * 2 : value)) : values),
  gaps: (values, random, row) =>
    row % 40 === 7 ? values.map(() => Number.NaN) : values.map((value) => (random.next() < 0.05 ? Number.NaN : value)),
  'infinities, and a channel that comes late': (values, random, row) =>
    values.map((value, k) => (k === 4 && row < 3_000 ? Number.NaN : random.next() < 0.01 ? Number.POSITIVE_INFINITY : value)),
  'values of 10^18 and 10^-18': (values) => values.map((value, k) => value * (k % 2 === 0 ? 1e18 : 1e-18)),
  'one value for all time': (values, _, row) => values.map((__, k) => (row < 4_500 ? k : k + 1)),
};

function numbersOf(found: HostAnomaly | null): number[] {
  if (found === null) return Array.from({ length: 4 + channels }, () => Number.NaN);
  const { score, held, alarm, frozen, contributions } = found;
  return [score ?? Number.NaN, held ?? Number.NaN, alarm === null ? Number.NaN : Number(alarm), frozen ?? Number.NaN, ...contributions];
}

describe('the kernel of the detector of a host', () => {
  it('scores, alarms and blames as its definition does, to the bit', async () => {
    const kernel = await compileKernel<Kernel>(source);
    const values = kernel.take(8 * channels);
    for (const [kind, change] of Object.entries(kinds)) {
      const random = new Random(5);
      const scorer = new HostAnomalyScorer({ channels, theta: 1.5, frozenRows: 900 });
      const state = kernel.openHostAnomaly(channels, 1.5, 900);
      for (let row = 0; row < 6_000; row++) {
        const numbers = change(hostRow(random, row), random, row);
        new Float64Array(kernel.memory.buffer, values, channels).set(numbers);
        kernel.stepHostAnomaly(state, values, 0n);
        const { buffer } = kernel.memory;
        const blame = new Float64Array(buffer, state + kernel.hostAnomalyContributions.value, channels);
        const found = [...new Float64Array(buffer, state, 4), ...blame];
        const told = numbersOf(scorer.step(numbers));
        const equal = told.every((number, at) => Object.is(number, found[at]));
        expect(equal ? null : { kind, row, found, told }).toBeNull();
      }
      expect(kernel.bytesHostAnomaly(state)).toBeLessThan(8_192);
      kernel.closeHostAnomaly(state);
    }
  });
});
