import type { ForecastOrigin } from '../forecast-origins.ts';
import type { SeriesMeasures } from '../measure.ts';
import { stepOf } from '../measure-forecast.ts';
import { timeText } from '../place-labels.ts';
import type { SeriesRows } from '../series-rows.ts';
import { type Axes, areaPath, linePath, tenth } from './draw-lines.ts';
import { numberText, numberTicks, type Scale, scale, timeTicks } from './scale.ts';

/** Of a drawing, in pixels. */
const [width, left, right] = [1120, 64, 12] as const;
const [top, plotHeight, scoreHeight, gap, axisHeight] = [10, 190, 46, 14, 22] as const;
const [valueTicks, timeTicksMax, markRadius] = [4, 8, 4] as const;
/** Alarms of one kind that are nearer to each other (pixels) are drawn as one. */
const markDistance = 1.5;
/** Rows that are further apart than so many usual steps are not joined by a line. */
const gapSteps = 12;
/** Of the range of values, free above and below. */
const freeShare = 0.08;

interface Frame {
  readonly time: Scale;
  readonly value: Scale;
  readonly axes: Axes;
}

/** A series as SVG: its values, the band, alarms (full inside a labelled event, hollow outside) and labelled windows; scores below. */
export function drawSeries(measured: SeriesMeasures, index: number, scored: boolean): string {
  const { series } = measured;
  const frame = frameOf(series);
  const bottom = top + plotHeight;
  const scoreTop = bottom + gap;
  const end = scored ? scoreTop + scoreHeight : bottom;
  const clip = `plot-${index}`;
  const parts = [
    `<clipPath id="${clip}"><rect x="${left}" y="${top}" width="${width - left - right}" height="${plotHeight}"/></clipPath>`,
    valueAxis(frame.value),
    timeAxis(frame.time, bottom, end),
    skippedArea(measured, frame.time, end),
    ...measured.windows.map(([first, last]) => windowArea(series, first, last, frame.time, end)),
    `<g clip-path="url(#${clip})">${bands(measured, frame)}<path class="value" d="${linePath(series.values, frame.axes)}"/>${forecasts(measured, frame)}</g>`,
    ...alarmMarks(measured, frame),
    scored ? scoreLine(measured, frame, scoreTop) : '',
  ];
  const label = `${escapeText(series.name)}: values, band, alarms and labelled events`;
  return `<svg viewBox="0 0 ${width} ${end + axisHeight}" role="img" aria-label="${label}">${parts.join('')}</svg>`;
}

function frameOf(series: SeriesRows): Frame {
  const { times, values, rows } = series;
  const ms = (row: number) => Number(times[row]) / 1000;
  const last = series.origins.at(-1);
  const time = scale(ms(0), Math.max(ms(rows - 1), last === undefined ? 0 : Number(last.time) / 1000), left, width - right);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0, 1];
  const free = high > low ? (high - low) * freeShare : Math.max(Math.abs(high) * freeShare, 1e-9);
  const value = scale(low - free, high + free, top + plotHeight, top);
  const step = stepOf(series) ?? 0;
  const apart = (row: number) => row > 0 && (ms(row) - ms(row - 1)) * 1000 > gapSteps * step;
  return { time, value, axes: { x: (row) => time.at(ms(row)), y: value, apart } };
}

function valueAxis(value: Scale): string {
  return numberTicks(value, valueTicks)
    .map((tick) => {
      const y = tenth(value.at(tick));
      return `<line class="grid" x1="${left}" x2="${width - right}" y1="${y}" y2="${y}"/><text class="tick" x="${left - 8}" y="${y + 4}" text-anchor="end">${numberText(tick)}</text>`;
    })
    .join('');
}

function timeAxis(time: Scale, bottom: number, end: number): string {
  const line = `<line class="axis" x1="${left}" x2="${width - right}" y1="${bottom}" y2="${bottom}"/>`;
  const ticks = timeTicks(time, timeTicksMax).map(({ at, text }) => {
    const x = tenth(time.at(at));
    const anchor = x < left + 30 ? 'start' : x > width - right - 30 ? 'end' : 'middle';
    return `<line class="axis" x1="${x}" x2="${x}" y1="${end}" y2="${end + 4}"/><text class="tick" x="${x}" y="${end + 17}" text-anchor="${anchor}">${text}</text>`;
  });
  return line + ticks.join('');
}

function skippedArea({ series, skippedRows }: SeriesMeasures, time: Scale, end: number): string {
  if (skippedRows === 0) return '';
  const x = tenth(time.at(Number(series.times[Math.min(skippedRows, series.rows - 1)]) / 1000));
  return `<rect class="skipped" x="${left}" y="${top}" width="${tenth(x - left)}" height="${end - top}"><title>not judged</title></rect>`;
}

function windowArea({ times }: SeriesRows, first: number, last: number, time: Scale, end: number): string {
  const [from, to] = [times[first] as bigint, times[last] as bigint];
  const [start, stop] = [time.at(Number(from) / 1000), time.at(Number(to) / 1000)];
  const title = `labelled: ${timeText(from)} to ${timeText(to)}`;
  const wide = Math.max(stop - start, 2);
  const cap = `<rect class="window-cap" x="${tenth(start)}" y="${top - 4}" width="${tenth(wide)}" height="4"/>`;
  return `<g><title>${title}</title><rect class="window" x="${tenth(start)}" y="${top}" width="${tenth(wide)}" height="${end - top}"/>${cap}</g>`;
}

function bands(measured: SeriesMeasures, frame: Frame): string {
  const { series, coverage } = measured;
  const band = coverage === null ? '' : `<path class="band" d="${areaPath(series.lower, series.upper, frame.axes)}"/>`;
  const ahead = drawnForecasts(measured, frame).map(({ origin: { time, lower, upper }, axes }) => {
    const begins = tenth(frame.time.at(Number(time) / 1000));
    const line = `<line class="origin" x1="${begins}" x2="${begins}" y1="${top}" y2="${top + plotHeight}"/>`;
    return lower === null || upper === null ? line : `${line}<path class="band" d="${areaPath(lower, upper, axes)}"/>`;
  });
  return band + ahead.join('');
}

function forecasts(measured: SeriesMeasures, frame: Frame): string {
  return drawnForecasts(measured, frame)
    .map(({ origin, axes }) => `<path class="forecast" d="${linePath(origin.mean, axes)}"/>`)
    .join('');
}

/** One after the other: a forecast that begins before the one drawn has ended is left out. */
function drawnForecasts({ series, step }: SeriesMeasures, frame: Frame): { readonly origin: ForecastOrigin; readonly axes: Axes }[] {
  if (step === null) return [];
  let reached = Number.NEGATIVE_INFINITY;
  return series.origins.flatMap((origin) => {
    const start = Number(origin.time);
    if (start < reached) return [];
    reached = start + origin.mean.length * step;
    return [{ origin, axes: { x: (ahead: number) => frame.time.at((start + (ahead + 1) * step) / 1000), y: frame.value } }];
  });
}

function alarmMarks({ series, windows, skippedRows }: SeriesMeasures, { axes, value }: Frame): string[] {
  const marks: string[] = [];
  const drawnAt = { true: Number.NEGATIVE_INFINITY, false: Number.NEGATIVE_INFINITY };
  for (let row = skippedRows; row < series.rows; row++) {
    if (series.alarms[row] === 0) continue;
    const kind = windows.some(([first, last]) => row >= first && row <= last) ? 'true' : 'false';
    if (axes.x(row) - drawnAt[kind] < markDistance) continue;
    drawnAt[kind] = axes.x(row);
    const level = series.values[row] as number;
    const [x, y] = [tenth(axes.x(row)), tenth(Number.isFinite(level) ? value.at(level) : top + plotHeight)];
    const title = `${kind === 'true' ? 'alarm inside a labelled event' : 'alarm'}: ${timeText(series.times[row] as bigint)}, ${numberText(level)}`;
    marks.push(
      `<g class="alarm ${kind}"><title>${title}</title><line x1="${x}" x2="${x}" y1="${top}" y2="${top + plotHeight}"/><circle cx="${x}" cy="${y}" r="${markRadius}"/></g>`,
    );
  }
  return marks;
}

/** As high as the highest of the rows judged; what is above is cut off. */
function scoreLine({ series, skippedRows }: SeriesMeasures, { axes }: Frame, scoreTop: number): string {
  const found = series.scores.subarray(skippedRows).reduce((most, score) => (Number.isFinite(score) ? Math.max(most, score) : most), 0);
  const highest = found > 0 ? found : 1;
  const y = scale(0, highest, scoreTop + scoreHeight, scoreTop);
  const scores = series.scores.map((score) => Math.min(Math.max(score, 0), highest));
  const place = `x="${left - 8}" text-anchor="end"`;
  const line = `<line class="axis" x1="${left}" x2="${width - right}" y1="${scoreTop + scoreHeight}" y2="${scoreTop + scoreHeight}"/>`;
  const texts = `<text class="tick" ${place} y="${scoreTop + 8}">${numberText(highest)}</text><text class="tick" ${place} y="${scoreTop + scoreHeight}">score</text>`;
  return `${line}${texts}<path class="score" d="${linePath(scores, { ...axes, y })}"/>`;
}

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
