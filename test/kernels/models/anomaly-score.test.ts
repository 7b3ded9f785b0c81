import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../../connectors/random.ts';
import { compileKernel } from '../../../bench/compile-kernel.ts';
import { type AnomalyScore, anomalySeverities, anomalyTypes, AnomalyScorer } from '../../../kernels/models/anomaly-score.ts';

const fixture = join(import.meta.dirname, '../../../../shared/fixtures/fixture_detect.json');
const step = 300_000_000n;

interface Expected {
  readonly value: readonly number[];
  readonly score: readonly number[];
  readonly held: readonly number[];
  readonly alarm_rows: readonly number[];
}

describe('the default detector', () => {
  it.skipIf(!existsSync(fixture))('gives the scores and alarms of the reference series (skipped without shared fixtures)', () => {
    const expected = JSON.parse(readFileSync(fixture, 'utf8')) as Expected;
    const scorer = new AnomalyScorer();
    const alarms: number[] = [];
    for (const [row, value] of expected.value.entries()) {
      const found = scorer.step(value, BigInt(row) * step);
      if (found === null) continue;
      expect(Math.abs(found.score - (expected.score[row] as number))).toBeLessThan(2e-9);
      expect(Math.abs(found.held - (expected.held[row] as number))).toBeLessThan(2e-9);
      if (found.alarm) alarms.push(row);
    }
    expect(alarms).toEqual(expected.alarm_rows);
  });

  it('says nothing before it has seen fifty points, learns nothing of gaps, and is silent on a constant series', () => {
    const scorer = new AnomalyScorer();
    let said = 0;
    for (let row = 0; row < 5_000; row++) {
      const value = row % 7 === 3 ? [null, Number.NaN, Number.POSITIVE_INFINITY][row % 3] : 42;
      const found = scorer.step(value as number | null, BigInt(row) * step);
      if (found === null) continue;
      said++;
      expect(found.alarm).toBe(false);
    }
    const gaps = Array.from({ length: 5_000 }, (_, row) => row).filter((row) => row % 7 === 3).length;
    expect(said).toBe(5_000 - gaps - 50);
  });

  it('says what stands out, and what it had expected', () => {
    const scorer = new AnomalyScorer();
    const random = new Random(3);
    const found = Array.from({ length: 2_000 }, (_, row) => {
      const value = row === 1_500 ? 60 : row === 1_700 ? -20 : 20 + random.next();
      return scorer.step(value, BigInt(row) * step);
    });
    expect(found[1_500]).toMatchObject({ alarm: true, type: 'spike', severity: 'critical' });
    expect(found[1_700]).toMatchObject({ alarm: true, type: 'drop', severity: 'critical' });
    const { expected, lower, upper, confidence } = found[1_500] as AnomalyScore;
    expect(expected).toBeCloseTo(20.5, 0);
    expect(lower).toBeGreaterThan(19);
    expect(upper).toBeLessThan(22);
    expect(confidence).toBeGreaterThan(0.99);
    expect(found.filter((each) => each !== null && each.score < 2 && each.type !== null)).toEqual([]);
  });

  it('alarms once at a step of a constant series', () => {
    const scorer = new AnomalyScorer();
    const alarms: number[] = [];
    for (let row = 0; row < 1_000; row++) if (scorer.step(row < 800 ? 42 : 50, BigInt(row) * step)?.alarm) alarms.push(row);
    expect(alarms).toEqual([800]);
  });
});

interface Kernel {
  readonly memory: WebAssembly.Memory;
  open(theta: number, minEffect: number): number;
  step(state: number, value: number, micros: bigint): void;
  close(state: number): void;
}

const source = `
import { limitMemory } from "./kernels/memory";
import { closeAnomalyScore, openAnomalyScore, stepAnomalyScore } from "./kernels/models/anomaly-score";
limitMemory(65536);
export function open(theta: f64, minEffect: f64): usize { return openAnomalyScore(theta, minEffect); }
export function step(state: usize, value: f64, micros: i64): void { stepAnomalyScore(state, value, micros); }
export function close(state: usize): void { closeAnomalyScore(state); }
`;

const kinds: Readonly<Record<string, (random: Random, row: number) => number>> = {
  noise: (random) => random.next(),
  'a daily wave': (random, row) => 20 + 5 * Math.sin(row / 46) + random.next(),
  'values of 10^18': (random) => 1e18 * (1 + random.next()),
  'values of 10^-18': (random) => 1e-18 * random.next(),
  'a counter': (_, row) => row * 17,
  'a constant, and a step': (_, row) => (row < 2_000 ? 3 : 4),
  'spikes and gaps': (random, row) => (row % 11 === 5 ? Number.NaN : random.next() < 0.01 ? 100 * random.next() : 0),
  'what is no number': (random, row) => [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN][row % 5] ?? random.next(),
};

function numbersOf(found: AnomalyScore | null): number[] {
  if (found === null) return Array.from({ length: 9 }, () => Number.NaN);
  const { score, held, alarm, expected, lower, upper, type, severity, confidence } = found;
  const code = (texts: readonly string[], text: string | null) => (text === null ? Number.NaN : texts.indexOf(text));
  return [score, held, Number(alarm), expected, lower, upper, code(anomalyTypes, type), code(anomalySeverities, severity), confidence];
}

function close(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= 1e-8 * Math.max(1, Math.abs(a));
}

describe('the kernel of the default detector', () => {
  it.skipIf(!existsSync(fixture))('gives the scores and alarms of the reference series (skipped without shared fixtures)', async () => {
    const expected = JSON.parse(readFileSync(fixture, 'utf8')) as Expected;
    const kernel = await compileKernel<Kernel>(source);
    const state = kernel.open(2, 0);
    const alarms: number[] = [];
    for (const [row, value] of expected.value.entries()) {
      kernel.step(state, value, BigInt(row) * step);
      const [score, held, alarm] = new Float64Array(kernel.memory.buffer, state, 3) as unknown as [number, number, number];
      if (Number.isNaN(score)) continue;
      expect(Math.abs(score - (expected.score[row] as number))).toBeLessThan(2e-9);
      expect(Math.abs(held - (expected.held[row] as number))).toBeLessThan(2e-9);
      if (alarm === 1) alarms.push(row);
    }
    expect(alarms).toEqual(expected.alarm_rows);
  });

  it('scores and alarms as its definition does', async () => {
    const kernel = await compileKernel<Kernel>(source);
    for (const [kind, make] of Object.entries(kinds)) {
      for (const seed of [1, 2]) {
        const random = new Random(seed);
        const scorer = new AnomalyScorer({ theta: 1.5, minEffect: seed === 2 ? 0.1 : 0 });
        const state = kernel.open(1.5, seed === 2 ? 0.1 : 0);
        for (let row = 0; row < 4_000; row++) {
          const value = make(random, row);
          const micros = BigInt(row - 1_000) * step;
          kernel.step(state, value, micros);
          const found = [...new Float64Array(kernel.memory.buffer, state, 9)];
          const told = numbersOf(scorer.step(value, micros));
          const differ = told.findIndex((each, at) => !close(each, found[at] as number));
          expect(differ === -1 ? null : { kind, row, found, told }).toBeNull();
        }
        kernel.close(state);
      }
    }
  });
});
