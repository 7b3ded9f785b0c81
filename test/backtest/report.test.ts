import { describe, expect, it } from 'vitest';
import { areaPath, linePath } from '../../engine/backtest/report/draw-lines.ts';
import { numberText, numberTicks, scale, timeTicks } from '../../engine/backtest/report/scale.ts';

const y = scale(0, 10, 100, 0);

describe('lines', () => {
  it('go through every row while there is room, and stop at gaps', () => {
    const values = Float64Array.of(0, 10, Number.NaN, 5, 5);
    expect(linePath(values, { x: (row) => row, y })).toBe('M0,100h0L1,0M3,50h0L4,50');
    expect(linePath(values, { x: (row) => row, y, apart: (row) => row === 1 })).toBe('M0,100h0M1,0h0M3,50h0L4,50');
  });

  it('lose no peak where many rows share a pixel', () => {
    const values = new Float64Array(100_000).fill(5);
    values[34_567] = 10;
    const path = linePath(values, { x: (row) => row / 1000, y });
    expect(path).toContain(',0L');
    expect(path.length).toBeLessThan(5000);
  });

  it('enclose an area, in pieces', () => {
    const [lower, upper] = [Float64Array.of(0, 1, Number.NaN, 2), Float64Array.of(10, 9, 9, 8)];
    expect(areaPath(lower, upper, { x: (row) => row, y })).toBe('M0,0L1,10L1,90L0,100ZM3,20L3,80Z');
  });
});

describe('ticks', () => {
  it('are round', () => {
    expect(numberTicks(scale(-3, 104, 0, 1), 4)).toEqual([0, 50, 100]);
    expect(numberTicks(scale(7, 7, 0, 1), 4)).toEqual([7]);
    expect(timeTicks(scale(0, 3 * 86_400_000, 0, 1), 4).map(({ text }) => text)).toEqual([
      '1970-01-01',
      '1970-01-02',
      '1970-01-03',
      '1970-01-04',
    ]);
    expect(timeTicks(scale(0, 3_600_000, 0, 1), 4).map(({ text }) => text)).toEqual([
      '01-01 00:00',
      '01-01 00:15',
      '01-01 00:30',
      '01-01 00:45',
      '01-01 01:00',
    ]);
    expect([0, 0.1234567, 123_456, 1e9, -2.5e-7].map(numberText)).toEqual(['0', '0.1235', '123456', '1e9', '-2.5e-7']);
  });
});
