import { formatDuration } from '../../status/format-duration.ts';
import type { Series } from '../../status/series.ts';
import type { ChartData, ChartLine, ValueFormat } from './chart-data.ts';

/** A series as lines: the value, where there is one the band that was expected and the alarms, and how it is expected to go on. */
export function chartData(series: Series, rangeSeconds: number, newest: number | null, format: ValueFormat): ChartData {
  const scale = series.unit === 's' ? 1 : 1000;
  const times = series.t.map((time) => time / scale);
  const last = Math.max(newest === null ? 0 : newest / 1000, times.at(-1) ?? 0);
  const first = times[0] ?? last;
  // A query that has just begun fills the chart with what there is, not with emptiness before it.
  const from = Math.max(last - rangeSeconds, Math.min(first, last - 1));
  const known = { times, lines: [{ label: series.value, token: 'ink', values: series.v }], range: [from, last] as const, format };
  return withThresholdOf(series, scale, withForecast(series, scale, rangeSeconds, withBand(series, known)), format);
}

function withBand(series: Series, data: ChartData): ChartData {
  if (series.band === undefined) return data;
  const { lower, upper, alarm } = series.band;
  const alarms = series.v.map((value, index) => (alarm[index] === true ? value : null));
  const lines: ChartLine[] = [
    { label: 'upper', token: 'flow', kind: 'edge', values: upper },
    { label: 'lower', token: 'flow', kind: 'edge', values: lower },
    ...data.lines,
    { label: 'alarm', token: 'critical-mark', kind: 'mark', values: alarms },
  ];
  return { ...data, lines, bands: [[0, 1]] };
}

/** The fan begins at the last value; as much of the time to come is shown as of the time before, at most. */
function withForecast({ forecast, v }: Series, scale: number, rangeSeconds: number, data: ChartData): ChartData {
  const end = data.times.at(-1);
  if (forecast === undefined || end === undefined) return data;
  const ahead = forecast.t.map((time) => time / scale);
  const skipped = ahead.filter((time) => time <= end).length;
  const later = ahead.slice(skipped);
  if (later.length === 0) return data;
  const past = data.times.slice(1).map(() => null);
  const onward = (values: readonly (number | null)[]) => [...past, v.at(-1) ?? null, ...values.slice(skipped)];
  const padded = data.lines.map((line) => ({ ...line, values: [...line.values, ...later.map(() => null)] }));
  const lines: ChartLine[] = [
    ...padded,
    { label: 'forecast upper', token: 'flow', kind: 'edge', values: onward(forecast.upper) },
    { label: 'forecast lower', token: 'flow', kind: 'edge', values: onward(forecast.lower) },
    { label: 'forecast', token: 'flow', kind: 'ahead', values: onward(forecast.mean) },
  ];
  const [from, last] = data.range;
  const to = Math.max(last, Math.min(later.at(-1) as number, last + rangeSeconds));
  const bands = [...(data.bands ?? []), [padded.length, padded.length + 1] as const];
  return { ...data, times: [...data.times, ...later], lines, bands, range: [from, to] };
}

function withThresholdOf({ threshold }: Series, scale: number, data: ChartData, format: ValueFormat): ChartData {
  if (threshold === undefined) return data;
  const { value, crossing } = threshold;
  const marked = crossing === null ? null : { time: crossing.t / scale, text: crossingText(threshold) };
  return { ...data, threshold: { value, text: `threshold ${format(value)}`, crossing: marked } };
}

/** `in 42 min, probability 78 %`. */
function crossingText({ crossing, probability }: NonNullable<Series['threshold']>): string {
  const when = crossing === null ? '' : `in ${formatDuration(Math.round(crossing.minutes) * 60_000)}`;
  const chance = probability === null ? '' : `probability ${Math.round(probability * 100)} %`;
  return [when, chance].filter((text) => text !== '').join(', ');
}

/** For the legend: the threshold, and when it will be crossed, also where that is outside of the chart. */
export function thresholdText({ threshold }: Series, format: ValueFormat): string {
  if (threshold === undefined) return '';
  const said = crossingText(threshold);
  const crossed =
    threshold.crossing !== null || threshold.probability === null ? said : `no crossing in sight${said === '' ? '' : `, ${said}`}`;
  return `threshold ${format(threshold.value)}${crossed === '' ? '' : `: ${crossed}`}`;
}

/** What the legend says of a time: the value, or beyond the last one what is expected, and between what. */
export function readOutText(series: Series, index: number, format: ValueFormat): { readonly time: number; readonly text: string } {
  const scale = series.unit === 's' ? 1000 : 1;
  const at = index < series.t.length ? series.t[index] : undefined;
  if (at !== undefined) return { time: at * scale, text: format(series.v[index]) };
  const { forecast } = series;
  const end = series.t.at(-1) ?? 0;
  const skipped = forecast?.t.filter((time) => time <= end).length ?? 0;
  const step = index - series.t.length + skipped;
  const [mean, lower, upper] = [forecast?.mean[step], forecast?.lower[step], forecast?.upper[step]].map((each) => format(each));
  return { time: (forecast?.t[step] ?? end) * scale, text: `${mean} expected, ${lower} to ${upper}` };
}
