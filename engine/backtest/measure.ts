import { bufferRows } from './buffer-rows.ts';
import { type AlarmedSeries, type EventScore, scoreEvents } from './events.ts';
import { type ForecastScore, scoreForecasts, stepOf, togetherForecasts } from './measure-forecast.ts';
import type { ForecastOrigin } from './forecast-origins.ts';
import { nabScore } from './nab-score.ts';
import type { PlacedLabels } from './place-labels.ts';
import type { ResultColumns } from './result-columns.ts';
import type { RowWindow } from './row-window.ts';
import type { SeriesRows } from './series-rows.ts';
import { volumeUnderSurface } from './volume-under-surface.ts';

/** Rows at the beginning of a series that are not judged: the smaller of both. */
export interface Skip {
  readonly rows: number;
  /** Of the rows of the series. */
  readonly share: number;
}

export interface Coverage {
  /** Rows with a value and a band, and those whose value lies in it. */
  readonly rows: number;
  readonly inside: number;
}

/** What is known of one series, or of all together. Null: it cannot be said, for want of labels or of a column. */
export interface Measures {
  readonly rows: number;
  /** Without labels: alarms and their frequency alone. */
  readonly events: EventScore | null;
  /** Of all: the mean over series with a labelled event. */
  readonly vusPr: number | null;
  readonly coverage: Coverage | null;
  readonly forecast: ForecastScore | null;
}

export interface SeriesMeasures extends Measures {
  readonly series: SeriesRows;
  readonly windows: readonly RowWindow[];
  readonly skippedRows: number;
  /** Microseconds from one value of a forecast to the next. */
  readonly step: number | null;
}

export interface BacktestMeasures {
  readonly all: Measures;
  readonly series: readonly SeriesMeasures[];
  readonly labelled: boolean;
  /** NAB's standard score of the alarms; null without alarms or labels. */
  readonly nab: number | null;
}

/** `stepMicros`: of forecasts; null: as far apart as the rows of the series are. */
export function measure(
  series: readonly SeriesRows[],
  columns: ResultColumns,
  alarmed: boolean,
  labels: PlacedLabels | null,
  { skip, stepMicros }: { readonly skip: Skip; readonly stepMicros: number | null },
): BacktestMeasures {
  const judged = series.map((each): AlarmedSeries => ({ ...alarmsOf(each, labels), skippedRows: skippedRows(each, skip) }));
  const measured = series.map((each, index): SeriesMeasures => {
    const { windows, skippedRows: skipped } = judged[index] as AlarmedSeries;
    const step = columns.forecast === null ? null : (stepMicros ?? stepOf(each));
    return {
      series: each,
      rows: each.rows,
      windows,
      skippedRows: skipped,
      step,
      events: alarmed ? scoreEvents([judged[index] as AlarmedSeries]) : null,
      vusPr: columns.score === null ? null : surfaceOf(each, labels?.rows.get(each.name), skipped),
      coverage: columns.band === null ? null : coverageOf(each, skipped),
      forecast: step === null ? null : scoreForecasts(each, step, judgedOrigins(each, skipped)),
    };
  });
  const events = alarmed ? scoreEvents(judged) : null;
  const windows = judged.reduce((sum, each) => sum + each.windows.length, 0);
  const forecasts = measured.flatMap(({ forecast }) => forecast ?? []);
  return {
    series: measured,
    labelled: labels !== null,
    all: {
      rows: series.reduce((sum, { rows }) => sum + rows, 0),
      events,
      vusPr: meanOf(measured.flatMap(({ vusPr }) => vusPr ?? [])),
      coverage: columns.band === null ? null : coverageOfAll(measured),
      forecast: columns.forecast === null ? null : togetherForecasts(forecasts),
    },
    nab: events === null || windows === 0 ? null : nabOf(judged),
  };
}

function alarmsOf({ name, times, alarms }: SeriesRows, labels: PlacedLabels | null): Omit<AlarmedSeries, 'skippedRows'> {
  return { times, alarms, windows: labels?.windows.get(name) ?? [] };
}

function skippedRows({ rows }: SeriesRows, skip: Skip): number {
  return Math.min(skip.rows, Math.floor(rows * skip.share), rows);
}

function judgedOrigins({ origins, times }: SeriesRows, skipped: number): readonly ForecastOrigin[] {
  const first = times[skipped];
  return first === undefined ? [] : origins.filter(({ time }) => time >= first);
}

function surfaceOf({ scores, values }: SeriesRows, labels: Uint8Array | undefined, skipped: number): number | null {
  return labels === undefined ? null : volumeUnderSurface(scores.subarray(skipped), labels.subarray(skipped), bufferRows(values));
}

function coverageOf({ values, lower, upper, rows: all }: SeriesRows, skipped: number): Coverage {
  let [rows, inside] = [0, 0];
  for (let row = skipped; row < all; row++) {
    const [value, low, high] = [values[row] as number, lower[row] as number, upper[row] as number];
    if (Number.isNaN(value) || Number.isNaN(low) || Number.isNaN(high)) continue;
    rows++;
    if (value >= low && value <= high) inside++;
  }
  return { rows, inside };
}

function coverageOfAll(measured: readonly SeriesMeasures[]): Coverage {
  const sum = (part: keyof Coverage) => measured.reduce((total, { coverage }) => total + (coverage?.[part] ?? 0), 0);
  return { rows: sum('rows'), inside: sum('inside') };
}

function nabOf(judged: readonly AlarmedSeries[]): number {
  const series = judged.map(({ alarms, windows, skippedRows: probation }) => ({
    alarms: Array.from(alarms.keys()).filter((row) => alarms[row] !== 0),
    windows: windows.filter(([, last]) => last >= probation),
    probation,
  }));
  return nabScore(series).score;
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
