import type { Backtest } from '../backtest/backtest.ts';
import type { Measures } from '../backtest/measure.ts';
import { measureColumns } from '../backtest/measure-cells.ts';
import type { Style } from './style.ts';

/** Series of which a line is printed. */
export const seriesShownMax = 60;
const nameWidthMax = 48;

/** A table: a line for each series, the last for all together. */
export function backtestText(result: Backtest, style: Style): string {
  const columns = measureColumns(result);
  const shown = result.series.slice(0, seriesShownMax);
  const lines = shown.map((each) => [
    shortened(each.series.name === '' ? result.query.name : each.series.name),
    ...columns.map(({ cell }) => cell(each)),
  ]);
  const more = result.series.length - shown.length;
  const total = [`all (${result.series.length})`, ...columns.map(({ cell }) => cell(result.all))];
  const table = [['series', ...columns.map(({ title }) => title)], ...lines, total];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => (row[column] as string).length))) ?? [];
  const line = (row: readonly string[]) =>
    row.map((text, column) => (column === 0 ? text.padEnd(widths[column] as number) : text.padStart(widths[column] as number))).join('  ');
  const out = [
    style.bold(line(table[0] as string[])),
    ...(result.series.length > 1 ? lines.map(line) : []),
    ...(more > 0 ? [style.dim(`... ${more} series more; --json has them all`)] : []),
    style.bold(line(total)),
    ...(result.nab === null ? [] : ['', `NAB standard score ${result.nab.toFixed(1)}`]),
  ];
  return `${out.join('\n')}\n`;
}

function shortened(name: string): string {
  return name.length <= nameWidthMax ? name : `...${name.slice(3 - nameWidthMax)}`;
}

/** One object: all together, then by series. Absent values are null. */
export function backtestJson(result: Backtest): string {
  const plain = ({ rows, events, vusPr, coverage, forecast }: Measures): object => ({
    rows,
    alarms: events?.alarms ?? null,
    alarms_per_day: events?.alarmsPerDay ?? null,
    events: result.labelled ? (events?.events ?? null) : null,
    events_found: result.labelled ? (events?.eventsFound ?? null) : null,
    precision: result.labelled ? (events?.precision ?? null) : null,
    recall: events?.recall ?? null,
    delay_seconds: events?.delayMedian ?? null,
    vus_pr: vusPr,
    coverage: coverage === null || coverage.rows === 0 ? null : coverage.inside / coverage.rows,
    forecasts: forecast?.origins ?? null,
    mase_ratio: forecast?.ratio ?? null,
    forecast_coverage: forecast === null || forecast.banded === 0 ? null : forecast.inside / forecast.banded,
  });
  const series = Object.fromEntries(result.series.map((each) => [each.series.name, plain(each)]));
  const { query, rowsRead, nab, warnings } = result;
  return `${JSON.stringify({ v: 1, query: query.id, rows_read: rowsRead, all: { ...plain(result.all), nab_standard: nab }, series, warnings })}\n`;
}
