import { expect, it } from 'vitest';
import { withThreshold } from '../../engine/serve/console/chart-data.ts';
import { chartData, readOutText, thresholdText } from '../../engine/serve/console/series-chart.ts';

import type { Series } from '../../engine/status/series.ts';

const format = (value: number | null | undefined) => String(value ?? '-');
const series: Series = {
  value: 'used',
  key: [],
  unit: 's',
  step: 0,
  t: [940, 1_000],
  v: [0.4, 0.5],
  rows: 2,
  forecast: { t: [1_000, 1_060, 1_120], mean: [0.5, 0.6, 0.7], lower: [0.5, 0.5, 0.5], upper: [0.5, 0.7, 0.9] },
  threshold: { value: 0.9, bound: 'upper', crossing: { t: 1_090, minutes: 1.5 }, probability: 0.784 },
};

it('a forecast goes on from the last value, between its ends, no further than the range is long', () => {
  const { times, lines, bands, range, threshold } = chartData(series, 100, null, format);
  expect(times).toEqual([940, 1_000, 1_060, 1_120]);
  expect(lines.map(({ label, values }) => [label, values])).toEqual([
    ['used', [0.4, 0.5, null, null]],
    ['forecast upper', [null, 0.5, 0.7, 0.9]],
    ['forecast lower', [null, 0.5, 0.5, 0.5]],
    ['forecast', [null, 0.5, 0.6, 0.7]],
  ]);
  expect(bands).toEqual([[1, 2]]);
  expect(range).toEqual([940, 1_100]);
  expect(threshold).toMatchObject({ value: 0.9, crossing: { time: 1_090 } });
});

it('band and forecast are drawn together', () => {
  const band = { lower: [0, 0], upper: [1, 1], alarm: [false, true] };
  const { lines, bands } = chartData({ ...series, band }, 1_000, null, format);
  expect(bands).toEqual([
    [0, 1],
    [4, 5],
  ]);
  expect(lines.every(({ values }) => values.length === 4)).toBe(true);
});

it('the cursor reads values, and beyond the last what is expected', () => {
  expect(readOutText(series, 1, format)).toEqual({ time: 1_000_000, text: '0.5' });
  expect(readOutText(series, 3, format)).toEqual({ time: 1_120_000, text: '0.7 expected, 0.5 to 0.9' });
});

it('the legend says when the threshold is crossed, or that it is not', () => {
  expect(thresholdText(series, format)).toMatch(/^threshold 0\.9: in 2\smin, probability 78 %$/);
  const none = { ...series, threshold: { value: 0.9, bound: 'upper' as const, crossing: null, probability: 0 } };
  expect(thresholdText(none, format)).toBe('threshold 0.9: no crossing in sight, probability 0 %');
  expect(thresholdText({ ...series, threshold: { ...none.threshold, probability: null } }, format)).toBe('threshold 0.9');
});

it('a threshold that is far from the values does not make them a flat line', () => {
  const at = (value: number) => ({ value, text: '', crossing: null });
  expect(withThreshold(0, 1, at(3))).toEqual([0, 3]);
  expect(withThreshold(0, 1, at(30))).toEqual([0, 1]);
});
