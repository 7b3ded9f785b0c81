import { describe, expect, it } from 'vitest';
import { formatBytes } from '../../engine/status/format-bytes.ts';
import { formatClock, formatDuration } from '../../engine/status/format-duration.ts';
import { countOf, formatNumber, formatPercent, formatRate, plainText, splitUnit } from '../../engine/status/format-number.ts';

const plain = (cases: readonly (readonly [number | null, string])[], format: (value: number | null) => string) => {
  for (const [value, text] of cases) expect([value, plainText(format(value))]).toEqual([value, text]);
};

describe('numbers for people', () => {
  it('shows counts and rates', () => {
    plain(
      [
        [0, '0'],
        [0.05, '0.05'],
        [1.7, '1.7'],
        [2, '2'],
        [9.96, '10'],
        [872, '872'],
        [3_260, '3 260'],
        [9_999, '9 999'],
        [9_999.6, '10.0 k'],
        [42_100, '42.1 k'],
        [999_600, '1.00 M'],
        [1_340_000, '1.34 M'],
        [7.2e9, '7.20 G'],
        [-42_100, '-42.1 k'],
        [null, '-'],
        [Number.NaN, '-'],
      ],
      formatNumber,
    );
    plain(
      [
        [42_100, '42.1 k/s'],
        [872, '872 /s'],
        [0.05, '0.05 /s'],
        [null, '-'],
      ],
      formatRate,
    );
    expect(countOf(1, 'query', 'queries')).toBe('1 query');
    expect(countOf(3, 'row')).toBe('3 rows');
  });

  it('shows sizes in binary units', () => {
    plain(
      [
        [0, '0 B'],
        [999, '999 B'],
        [1_000, '0.98 KiB'],
        [680_000, '664 KiB'],
        [1_023 * 1_024, '1.00 MiB'],
        [300_000_000, '286 MiB'],
        [2 ** 30, '1.00 GiB'],
        [null, '-'],
      ],
      formatBytes,
    );
  });

  it('shows durations in two units at most', () => {
    plain(
      [
        [0, '0 ms'],
        [614, '614 ms'],
        [999.6, '1 s'],
        [1_800, '1.8 s'],
        [9_960, '10 s'],
        [14_200, '14 s'],
        [59_700, '1 min'],
        [380_000, '6 min 20 s'],
        [15_120_000, '4 h 12 min'],
        [86_399_000, '1 d'],
        [99 * 3_600_000, '4 d 3 h'],
        [-14_200, '-14 s'],
        [null, '-'],
      ],
      formatDuration,
    );
    expect(formatClock(Date.UTC(2026, 10, 23, 10, 2, 36))).toBe('10:02');
    expect(formatClock(Date.UTC(2026, 10, 23, 10, 2, 36), true)).toBe('10:02:36');
  });

  it('shows shares with one decimal below ten percent', () => {
    plain(
      [
        [0, '0 %'],
        [0.079, '7.9 %'],
        [0.0996, '10 %'],
        [0.74, '74 %'],
        [1, '100 %'],
        [null, '-'],
      ],
      formatPercent,
    );
  });

  it('parts a number from its unit', () => {
    expect(splitUnit(formatBytes(2 ** 30))).toEqual(['1.00', 'GiB']);
    expect(splitUnit(formatDuration(380_000))).toEqual([formatDuration(380_000), '']);
    expect(splitUnit(formatNumber(3_260))).toEqual([formatNumber(3_260), '']);
  });
});
