import { formatDuration } from '../status/format-duration.ts';
import type { BacktestMeasures, Measures } from './measure.ts';

/** A column of the table of measures. */
export interface MeasureColumn {
  readonly title: string;
  readonly meaning: string;
  /** Of one series, or of all. */
  readonly cell: (measures: Measures) => string;
}

const unknown = '-';

/** What can be said of this backtest, in the order in which it is shown. */
export function measureColumns({ all, labelled }: BacktestMeasures): MeasureColumn[] {
  const columns: MeasureColumn[] = [{ title: 'rows', meaning: 'rows of the result', cell: ({ rows }) => rows.toLocaleString('en') }];
  if (all.events !== null && labelled) columns.push(...eventColumns);
  if (all.events !== null) columns.push(...alarmColumns);
  if (all.vusPr !== null) columns.push(surfaceColumn);
  if (all.coverage !== null) columns.push(coverageColumn);
  if (all.forecast !== null) columns.push(...forecastColumns);
  return columns;
}

const eventColumns: readonly MeasureColumn[] = [
  {
    title: 'events found',
    meaning: 'labelled events with an alarm in them, of all',
    cell: ({ events }) => (events === null ? unknown : `${events.eventsFound}/${events.events}`),
  },
  { title: 'precision', meaning: 'share of alarms inside a labelled event', cell: ({ events }) => percent(events?.precision) },
  { title: 'recall', meaning: 'share of labelled events with an alarm in them', cell: ({ events }) => percent(events?.recall) },
  {
    title: 'delay',
    meaning: 'median time from the first row of an event to its first alarm',
    cell: ({ events }) => (events?.delayMedian == null ? unknown : formatDuration(events.delayMedian * 1000)),
  },
];

const alarmColumns: readonly MeasureColumn[] = [
  { title: 'alarms', meaning: 'rows with an alarm', cell: ({ events }) => (events === null ? unknown : String(events.alarms)) },
  { title: 'alarms/day', meaning: 'alarms over the time judged, of each series', cell: ({ events }) => fixed(events?.alarmsPerDay, 2) },
];

const surfaceColumn: MeasureColumn = {
  title: 'VUS-PR',
  meaning:
    'volume under the surface of precision over recall of the scores, whatever the threshold: 1 is best; of all: the mean of series with an event',
  cell: ({ vusPr }) => fixed(vusPr, 3),
};

const coverageColumn: MeasureColumn = {
  title: 'in band',
  meaning: 'share of values in [lower, upper]',
  cell: ({ coverage }) => (coverage === null || coverage.rows === 0 ? unknown : percent(coverage.inside / coverage.rows)),
};

const forecastColumns: readonly MeasureColumn[] = [
  { title: 'forecasts', meaning: 'forecasts compared with what came', cell: ({ forecast }) => String(forecast?.origins ?? 0) },
  {
    title: 'MASE vs naive',
    meaning:
      'mean absolute error by that of the seasonal naive forecast, the value of a day before: below 1 is better; of all: the geometric mean',
    cell: ({ forecast }) => fixed(forecast?.ratio, 3),
  },
  {
    title: 'in band',
    meaning: 'share of the values to come in [lower, upper]',
    cell: ({ forecast }) => (forecast === null || forecast.banded === 0 ? unknown : percent(forecast.inside / forecast.banded)),
  },
];

function percent(share: number | null | undefined): string {
  return share == null ? unknown : `${(share * 100).toFixed(1)} %`;
}

function fixed(value: number | null | undefined, digits: number): string {
  return value == null ? unknown : value.toFixed(digits);
}
