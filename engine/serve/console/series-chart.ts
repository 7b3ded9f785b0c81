import type { Series } from '../../status/series.ts';
import type { ChartData } from './value-chart.ts';
import type { ValueFormat } from './value-format.ts';

/** A series as lines: the value, and where there is one the band that was expected and the alarms. */
export function chartData(series: Series, rangeSeconds: number, newest: number | null, format: ValueFormat): ChartData {
  const times = series.unit === 's' ? series.t : series.t.map((time) => time / 1000);
  const last = Math.max(newest === null ? 0 : newest / 1000, times.at(-1) ?? 0);
  const first = times[0] ?? last;
  // A query that has just begun fills the chart with what there is, not with emptiness before it.
  const from = Math.max(last - rangeSeconds, Math.min(first, last - 1));
  const own = { label: series.value, token: 'ink', values: series.v };
  if (series.band === undefined) return { times, lines: [own], range: [from, last], format };
  const { lower, upper, alarm } = series.band;
  const alarms = series.v.map((value, index) => (alarm[index] === true ? value : null));
  const lines = [
    { label: 'upper', token: 'flow', kind: 'edge', values: upper },
    { label: 'lower', token: 'flow', kind: 'edge', values: lower },
    own,
    { label: 'alarm', token: 'critical-mark', kind: 'mark', values: alarms },
  ] as const;
  return { times, lines, band: [0, 1], range: [from, last], format };
}
