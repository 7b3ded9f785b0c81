import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nabProfiles, nabScore } from '../../engine/backtest/nab-score.ts';

const fixture = join(import.meta.dirname, '../../../shared/fixtures/nab_scorer.json');

interface Reference {
  readonly windows_index_inclusive: readonly (readonly [number, number])[];
  readonly probation_rows: number;
  readonly anomaly_scores: readonly number[];
  readonly results: readonly { thresholds: number[]; raw_scores: number[]; best: { threshold: number; normalised: number } }[];
}

describe("NAB's score", () => {
  const windows = [[100, 199]] as const;
  const score = (alarms: readonly number[]) => nabScore([{ alarms, windows, probation: 50 }]);

  it('is 0 for silence, 100 for an alarm at the first row, and less for a late one', () => {
    expect(score([]).score).toBe(0);
    expect(score([100]).score).toBeCloseTo(100, 9);
    expect(score([100, 150, 199]).score).toBeCloseTo(100, 9);
    expect(score([150]).score).toBeLessThan(95);
    expect(score([150]).score).toBeGreaterThan(score([199]).score);
  });

  it('takes off what lies outside: all of it far away and before any window, little right after one, nothing in probation', () => {
    expect(score([100, 60]).score).toBeCloseTo(100 - 5.5, 9);
    expect(score([100, 1_000]).score).toBeCloseTo(100 - 5.5, 9);
    expect(score([100, 205]).score).toBeGreaterThan(98);
    expect(score([100, 20]).score).toBeCloseTo(100, 9);
    expect(score([60, 205, 100])).toMatchObject({ found: 1, windows: 1, falseAlarms: 2 });
  });

  it.skipIf(!existsSync(fixture))('is that of the reference at every threshold and profile (skipped without shared fixtures)', () => {
    const reference = JSON.parse(readFileSync(fixture, 'utf8')) as Reference;
    const { windows_index_inclusive: inclusive, probation_rows: probation, anomaly_scores: scores } = reference;
    for (const [k, profile] of Object.values(nabProfiles).entries()) {
      const { thresholds, raw_scores: raws, best } = reference.results[k] as Reference['results'][number];
      for (const [at, threshold] of thresholds.entries()) {
        const alarms = scores.flatMap((each, row) => (each >= threshold ? [row] : []));
        const found = nabScore([{ alarms, windows: inclusive, probation }], profile);
        expect(Math.abs(found.raw - (raws[at] as number))).toBeLessThan(1e-9);
        if (threshold === best.threshold) expect(found.score).toBeCloseTo(best.normalised, 9);
      }
    }
  });
});
