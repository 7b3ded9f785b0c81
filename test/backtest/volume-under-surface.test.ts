import { describe, expect, it } from 'vitest';
import { bufferRows } from '../../engine/backtest/buffer-rows.ts';
import { labelledEvents, volumeUnderSurface } from '../../engine/backtest/volume-under-surface.ts';

/** The definition as it stands in the paper's code: every threshold, every buffer, every row. */
function plain(scores: readonly number[], labels: readonly number[], bufferMax: number): number {
  const rows = scores.length;
  const events = labelledEvents(Uint8Array.from(labels));
  const falling = [...scores].sort((a, b) => b - a);
  const labelled = labels.reduce((a, b) => a + b, 0);
  let volume = 0;
  for (let buffer = 0; buffer <= bufferMax; buffer++) {
    const half = Math.floor(buffer / 2);
    const wide = [...labels];
    const joined: [number, number][] = [];
    for (const [first, last] of events) {
      for (let row = 0; row < rows; row++) {
        const distance = row < first ? first - row : row - last;
        if (distance >= 1 && distance <= half) wide[row] = (wide[row] as number) + Math.sqrt(1 - distance / buffer);
      }
      const before = joined.at(-1);
      if (before !== undefined && before[1] >= first - half) before[1] = last + half;
      else joined.push([first - half, last + half]);
    }
    let recallBefore = 0;
    for (let at = 0; at < 250; at++) {
      const rank = at === 249 ? rows - 1 : Math.floor((at * (rows - 1)) / 249);
      const threshold = falling[rank] as number;
      const taken = scores.map((score) => score >= threshold);
      let hit = 0;
      let possible = 0;
      for (let row = 0; row < rows; row++) {
        const label = Math.min(wide[row] as number, 1);
        if (taken[row]) hit += label;
        possible += labels[row] === 1 ? 1 : taken[row] ? label : 0;
      }
      const found = joined.filter(([first, last]) => taken.some((yes, row) => yes && row >= first && row <= last)).length;
      const recall = Math.min(hit / ((labelled + possible) / 2), 1) * (found / joined.length);
      volume += (recall - recallBefore) * (hit / taken.filter(Boolean).length);
      recallBefore = recall;
    }
  }
  return volume / (bufferMax + 1);
}

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('VUS-PR', () => {
  it('is the plain definition, with events at the ends, close together, and equal scores', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const next = random(seed);
      const rows = 60 + Math.floor(next() * 400);
      const share = seed % 3 === 0 ? 0.3 : 0.04;
      let inside = seed % 2;
      const labels = Array.from({ length: rows }, () => {
        if (next() < (inside === 1 ? 0.15 : share / 3)) inside = 1 - inside;
        return inside;
      });
      labels[rows >> 1] = 1;
      const levels = seed % 4 === 0 ? 5 : 1e6;
      const scores = labels.map((label) => Math.floor((next() + label * 0.3) * levels));
      const got = volumeUnderSurface(Float64Array.from(scores), Uint8Array.from(labels), 23);
      expect(got).toBeCloseTo(plain(scores, labels, 23), 10);
    }
  });

  it('is 1 without a buffer when scores equal labels; nothing without a label; NaN counts as 0', () => {
    const labels = Uint8Array.from({ length: 300 }, (_, row) => (row >= 100 && row < 140 ? 1 : 0));
    expect(volumeUnderSurface(Float64Array.from(labels), labels, 0)).toBeCloseTo(1, 12);
    expect(volumeUnderSurface(new Float64Array(300), new Uint8Array(300), 5)).toBeNull();
    const missing = Float64Array.from(labels, (label) => (label === 0 ? Number.NaN : 1));
    expect(volumeUnderSurface(missing, labels, 20)).toBe(volumeUnderSurface(Float64Array.from(labels), labels, 20));
  });

  it('takes long series', () => {
    const labels = Uint8Array.from({ length: 28_000 }, (_, row) => (row % 2_000 < 90 ? 1 : 0));
    const next = random(7);
    const got = volumeUnderSurface(
      Float64Array.from(labels, (label) => next() + label),
      labels,
      300,
    ) as number;
    expect(got).toBeGreaterThan(0.5);
    expect(got).toBeLessThanOrEqual(1);
  });

  it('has a buffer as long as the period of the series, or 125', () => {
    const wave = Float64Array.from({ length: 2_000 }, (_, row) => Math.sin((2 * Math.PI * row) / 48));
    expect(bufferRows(wave)).toBe(48);
    wave[5] = Number.NaN;
    expect(bufferRows(wave)).toBe(48);
    expect(bufferRows(Float64Array.from({ length: 900 }, (_, row) => row))).toBe(125);
    expect(bufferRows(new Float64Array(0))).toBe(125);
  });
});
