import type { QueryDefinition } from '../plan/catalog.ts';
import { quoteName, quoteText } from '../plan/type-name.ts';
import type { Series } from '../status/series.ts';
import { seriesColumns } from '../status/series-columns.ts';
import { seriesAhead } from './series-ahead.ts';
import { pointsDefault, pointsMax } from './limits.ts';
import type { PageSql } from './page-sql.ts';

/** Without a range, so much (ms) up to the newest row. */
const rangeMsDefault = 15 * 60_000;
const stepsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000];
const longStepsMs = [900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000];

export type SeriesKey = readonly (readonly [column: string, value: string | null])[];

export interface SeriesRequest {
  readonly value: string | undefined;
  /** Undefined: the one of the newest row. */
  readonly key: SeriesKey | undefined;
  /** Times in ms. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Without `from`: so much (ms) up to `to`. */
  readonly length?: number | undefined;
  readonly points: number | undefined;
}

/** A request that names what is not there. */
export class SeriesError extends Error {}

/**
 * One key of one value over time. Where there are more rows than `points`, a bucket gives its least and its greatest, each at its own
 * time, so that spikes survive.
 */
export async function readSeries(query: QueryDefinition, request: SeriesRequest, sql: PageSql): Promise<Series> {
  const { time, keys, values, band } = seriesColumns(query);
  const value = request.value ?? values[0];
  if (query.kind === 'insert') throw new SeriesError(`rows of ${query.id} are not stored`);
  if (time === null) throw new SeriesError(`${query.id} has no column of time`);
  if (value === undefined || !values.includes(value))
    throw new SeriesError(`${query.id} has no number ${value ?? ''}; it has ${values.join(', ') || 'none'}`);
  const unknown = request.key?.find(([column]) => !keys.includes(column));
  if (unknown !== undefined) throw new SeriesError(`${query.id} has no key ${unknown[0]}; it has ${keys.join(', ') || 'none'}`);
  const from = `FROM ${quoteName(query.name)}`;
  const at = `epoch_ms(CAST(${quoteName(time)} AS TIMESTAMP))`;
  const key = request.key ?? (await newestKey(from, quoteName(time), keys, sql));
  const empty: Series = { value, key, unit: 's', step: 0, t: [], v: [], rows: 0 };
  const keyed = [`${quoteName(time)} IS NOT NULL`, ...key.map(keyCondition)];
  const to = request.to ?? (await newestTime(at, from, keyed, sql));
  if (to === null) return empty;
  const start = request.from ?? to - (request.length ?? rangeMsDefault);
  const timeColumn = `CAST(${quoteName(time)} AS TIMESTAMP)`;
  const conditions = [...keyed, `${timeColumn} >= ${moment(start)}`, `${timeColumn} <= ${moment(to)}`];
  const banded = band !== null && isBanded(query, value, band);
  const alarm = band === null || band.alarm === null ? 'false' : `coalesce(${quoteName(band.alarm)}, false)`;
  const more = banded ? `, ${quoteName(band.lower)} AS low, ${quoteName(band.upper)} AS high, ${alarm} AS alarm` : '';
  const rows = `SELECT ${at} AS t, CAST(${quoteName(value)} AS DOUBLE) AS v${more} ${from} WHERE ${conditions.join(' AND ')}`;
  const points = Math.min(Math.max(2, request.points ?? pointsDefault), pointsMax);
  const series = await fill(empty, rows, points, banded, sql);
  if (series.t.length === 0) return series;
  const shown = { from: `${from} WHERE ${conditions.join(' AND ')}`, time: timeColumn, at };
  return { ...series, ...(await seriesAhead(query, value, shown, series.unit, sql)) };
}

/** The first number of a row is what its band is about; score and band's own ends are not. */
function isBanded(query: QueryDefinition, value: string, { lower, upper }: { lower: string; upper: string }): boolean {
  const { values } = seriesColumns(query);
  return value !== lower && value !== upper && value === values[0];
}

async function fill(empty: Series, rows: string, points: number, banded: boolean, sql: PageSql): Promise<Series> {
  const own = banded ? ', low, high, alarm' : '';
  const raw = await sql.ask(`SELECT t, v${own} FROM (${rows}) ORDER BY t`, points);
  if (!raw.truncated) {
    const found = raw.rows.map(([t, v, low, high, alarm]): Point => [Number(t), finite(v), finite(low), finite(high), alarm === true]);
    return { ...empty, ...columns(found, banded), rows: raw.rows.length };
  }
  const [first, last] = (await sql.ask(`SELECT min(t), max(t) FROM (${rows})`, 1)).rows[0] as [number, number];
  const stepMs = stepFor((2 * (last - first)) / points);
  const bucketed = await sql.ask(
    `SELECT arg_min(t, v), min(v), arg_max(t, v), max(v), count(*), min(t)${banded ? ', min(low), max(high), bool_or(alarm)' : ''} FROM (${rows}) GROUP BY t // ${stepMs} ORDER BY min(t)`,
    points,
  );
  const found = bucketed.rows.flatMap(bucketPoints);
  const count = bucketed.rows.reduce((sum, row) => sum + Number(row[4]), 0);
  return { ...empty, step: stepMs / 1000, ...columns(found, banded), rows: count };
}

type Point = readonly [t: number, v: number | null, low: number | null, high: number | null, alarm: boolean];

/** One point, or the least and the greatest in the order of time; an alarm of the bucket is the later one's. */
function bucketPoints([lowAt, low, highAt, high, , start, lower, upper, alarm]: readonly unknown[]): Point[] {
  const band = [finite(lower), finite(upper)] as const;
  if (low === null) return [[Number(start), null, ...band, false]];
  const both: Point[] = [
    [Number(lowAt), finite(low), ...band, false],
    [Number(highAt), finite(high), ...band, false],
  ];
  const points = low === high ? both.slice(0, 1) : both.sort((a, b) => a[0] - b[0]);
  const [last] = points.splice(-1) as [Point];
  return [...points, [last[0], last[1], last[2], last[3], alarm === true]];
}

/** Seconds where no time has a fraction of one. */
function columns(points: readonly Point[], banded: boolean): Pick<Series, 'unit' | 't' | 'v' | 'band'> {
  const whole = points.every(([t]) => t % 1000 === 0);
  const band = { lower: points.map((each) => each[2]), upper: points.map((each) => each[3]), alarm: points.map((each) => each[4]) };
  return {
    unit: whole ? 's' : 'ms',
    t: points.map(([t]) => (whole ? t / 1000 : t)),
    v: points.map(([, v]) => v),
    ...(banded ? { band } : {}),
  };
}

async function newestKey(from: string, time: string, keys: readonly string[], sql: PageSql): Promise<SeriesKey> {
  if (keys.length === 0) return [];
  const texts = keys.map((key) => `CAST(${quoteName(key)} AS VARCHAR)`).join(', ');
  const { rows } = await sql.ask(`SELECT ${texts} ${from} ORDER BY ${time} DESC NULLS LAST, ${texts} LIMIT 1`, 1);
  const [newest] = rows;
  return newest === undefined ? [] : keys.map((key, index) => [key, (newest[index] as string | null) ?? null] as const);
}

async function newestTime(at: string, from: string, conditions: readonly string[], sql: PageSql): Promise<number | null> {
  const { rows } = await sql.ask(`SELECT max(${at}) ${from} WHERE ${conditions.join(' AND ')}`, 1);
  const newest = rows[0]?.[0];
  return newest === null || newest === undefined ? null : Number(newest);
}

function keyCondition([column, value]: SeriesKey[number]): string {
  return `CAST(${quoteName(column)} AS VARCHAR) IS NOT DISTINCT FROM ${value === null ? 'NULL' : quoteText(value)}`;
}

function moment(milliseconds: number): string {
  return `make_timestamp(${Math.round(milliseconds)}::BIGINT * 1000)`;
}

function stepFor(milliseconds: number): number {
  const steps = [...stepsMs, ...longStepsMs];
  return steps.find((step) => step >= milliseconds) ?? Math.ceil(milliseconds / 86_400_000) * 86_400_000;
}

function finite(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
