import type { QueryDefinition } from '../plan/catalog.ts';
import { quoteName } from '../plan/type-name.ts';
import { breachColumns, type BreachColumns, type ColumnPath, forecastColumns, type ForecastColumns } from '../status/forecast-columns.ts';
import type { Series } from '../status/series.ts';
import { seriesColumns } from '../status/series-columns.ts';
import type { PageSql } from './page-sql.ts';

/** Where forecasts do not say how far apart their steps are, the last so many times of the series do. */
const timesMax = 100;
/** Rows of steps: forecasts have at most 60. */
const stepsMax = 1_000;

/** Rows of one series in the range that is shown. */
export interface SeriesRows {
  /** SQL from FROM to WHERE. */
  readonly from: string;
  /** SQL: the column of time, and the same in ms. */
  readonly time: string;
  readonly at: string;
}

/** What the last row of a series says of the time after it. */
export async function seriesAhead(
  query: QueryDefinition,
  value: string,
  rows: SeriesRows,
  unit: Series['unit'],
  sql: PageSql,
): Promise<Pick<Series, 'forecast' | 'threshold'>> {
  const scale = unit === 's' ? 1000 : 1;
  const forecast = forecastColumns(query);
  const breach = breachColumns(query);
  const isOf = (column: string | null) => value === (column ?? seriesColumns(query).values[0]);
  const ahead = forecast !== null && isOf(forecast.value) ? await readForecast(forecast, rows, scale, sql) : undefined;
  const threshold = breach !== null && isOf(breach.value) ? await readThreshold(breach, rows, scale, sql) : undefined;
  return { ...(ahead === undefined ? {} : { forecast: ahead }), ...(threshold === undefined ? {} : { threshold }) };
}

async function readForecast(
  { lists, stepMicros }: ForecastColumns,
  rows: SeriesRows,
  scale: number,
  sql: PageSql,
): Promise<Series['forecast']> {
  const columns = [lists.mean, lists.lower, lists.upper].map((path) => `unnest(${pathText(path)})`).join(', ');
  const found = await sql.ask(`SELECT ${rows.at} AS t, ${columns} FROM (${lastRow(rows)})`, stepsMax);
  const stepMs = stepMicros === null ? await usualStep(rows, sql) : stepMicros / 1000;
  if (found.rows.length === 0 || stepMs === null) return undefined;
  const column = (at: number) => found.rows.map((row) => finite(row[at]));
  return {
    t: found.rows.map((row, k) => (Number(row[0]) + (k + 1) * stepMs) / scale),
    mean: column(1),
    lower: column(2),
    upper: column(3),
  };
}

async function readThreshold(breach: BreachColumns, rows: SeriesRows, scale: number, sql: PageSql): Promise<Series['threshold']> {
  const { threshold, bound, minutesUntil, probability } = breach;
  const columns = [minutesUntil, probability].map((path) => (path === null ? 'NULL' : `CAST(${pathText(path)} AS DOUBLE)`)).join(', ');
  const [last] = (await sql.ask(`SELECT ${rows.at}, ${columns} FROM (${lastRow(rows)})`, 1)).rows;
  const minutes = finite(last?.[1]);
  const crossing = minutes === null ? null : { t: (Number(last?.[0]) + minutes * 60_000) / scale, minutes };
  return { value: threshold, bound, crossing, probability: finite(last?.[2]) };
}

/** Milliseconds between two rows, as most of the last ones have it. */
async function usualStep({ from, at }: SeriesRows, sql: PageSql): Promise<number | null> {
  const last = `SELECT DISTINCT ${at} AS t ${from} ORDER BY t DESC LIMIT ${timesMax}`;
  const { rows } = await sql.ask(`SELECT median(d) FROM (SELECT t - lag(t) OVER (ORDER BY t) AS d FROM (${last}))`, 1);
  return finite(rows[0]?.[0] === null ? null : Number(rows[0]?.[0]));
}

function lastRow({ from, time }: SeriesRows): string {
  return `${from} ORDER BY ${time} DESC LIMIT 1`;
}

function pathText(path: ColumnPath): string {
  return path.map((name) => quoteName(name as string)).join('.');
}

function finite(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
