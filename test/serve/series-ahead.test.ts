import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import type { QueryDefinition } from '../../engine/plan/catalog.ts';
import type { PageSql } from '../../engine/serve/page-sql.ts';
import { readSeries } from '../../engine/serve/series.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { breachColumns, forecastColumns } from '../../engine/status/forecast-columns.ts';
import { jsonValue } from '../../engine/store/json-value.ts';
import { fixtureEnvironment } from '../plan/fixture-connectors.ts';

const source =
  'CREATE TABLE m (ts TIMESTAMP NOT NULL, host VARCHAR NOT NULL, other DOUBLE, used DOUBLE) WITH (connector = generator, event_time = ts);';
const call = "forecast(used, array_agg(used) OVER w, step := INTERVAL '30 seconds', horizon := 3)";
const held = "breach(used, array_agg(used) OVER w, 0.9, step := INTERVAL '30 seconds', bound := 'lower')";
const window = 'WINDOW w AS (PARTITION BY host ORDER BY ts)';

async function queryOf(select: string): Promise<QueryDefinition> {
  const text = `${source}\nCREATE MATERIALIZED VIEW v WITH (state_ttl = '1 d') AS\n${select};`;
  const { catalog, diagnostics } = await loadCatalog([{ path: 'q/q.sql', text }], fixtureEnvironment);
  expect(diagnostics).toEqual([]);
  return catalog.queries[0]!;
}

const fields = `SELECT ts, host, other, used, f.mean, f.lower, f.upper, round(b.minutes_until) AS minutes, b.probability AS chance
FROM (SELECT ts, host, other, used, ${call} AS f, ${held} AS b FROM m ${window}) WHERE used > 0`;

describe('where a forecast is', () => {
  it('in columns of their own: names and types say which, the plan of what, how far apart, and against what', async () => {
    const query = await queryOf(fields);
    expect(forecastColumns(query)).toEqual({
      lists: { mean: ['mean'], lower: ['lower'], upper: ['upper'] },
      value: 'used',
      stepMicros: 30_000_000,
    });
    expect(breachColumns(query)).toEqual({
      threshold: 0.9,
      bound: 'lower',
      value: 'used',
      minutesUntil: ['minutes'],
      probability: ['chance'],
    });
  });

  it('in one column, a STRUCT', async () => {
    const query = await queryOf(`SELECT ts, host, used, ${call} AS f, ${held} AS b FROM m ${window}`);
    expect(forecastColumns(query)).toMatchObject({ lists: { mean: ['f', 'mean'], upper: ['f', 'upper'] }, value: 'used' });
    expect(breachColumns(query)).toMatchObject({ minutesUntil: ['b', 'minutes_until'], probability: ['b', 'probability'] });
  });

  it('nowhere: lists of other types, thresholds of a value that is not there', async () => {
    expect(
      forecastColumns(await queryOf("SELECT ts, host, ['a'] AS mean, [1.0::DOUBLE] AS lower, [2.0::DOUBLE] AS upper FROM m")),
    ).toBeNull();
    expect(breachColumns(await queryOf(`SELECT ts, host, (${held}).probability AS p FROM m ${window}`))).toBeNull();
  });
});

/** Ten rows of one host, a minute apart, the last with a forecast of three steps. */
async function recorded(forecast: string): Promise<PageSql> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`CREATE TABLE v AS SELECT TIMESTAMP '2026-01-01' + to_seconds((i * 60)::INTEGER) AS ts, 'h' AS host, 1.0::DOUBLE AS other,
    i / 10.0::DOUBLE AS used, ${forecast} FROM range(10) r(i)`);
  const ask = async (sql: string, limit: number) => {
    const reader = await connection.runAndReadAll(sql);
    const types = reader.columnTypes();
    const rows = reader.getRows().map((row) => row.map((each, k) => jsonValue(each, types[k]!)));
    return { rows: rows.slice(0, limit), truncated: rows.length > limit };
  };
  return { ask } as unknown as PageSql;
}

const request = { value: 'used', key: undefined, from: undefined, to: undefined, points: 500 };
const last = Date.UTC(2026, 0, 1, 0, 9) / 1000;
const lists = `CASE WHEN i = 9 THEN [0.8, 0.7, 0.6] ELSE [9.0] END::DOUBLE[] AS mean, CASE WHEN i = 9 THEN [0.7, 0.6, 0.5] END::DOUBLE[] AS lower,
  CASE WHEN i = 9 THEN [0.9, 0.8, 0.7] END::DOUBLE[] AS upper`;

describe('a series and what comes after it', () => {
  it('is the last row’s forecast, and when it crosses the threshold', async () => {
    const query = await queryOf(fields);
    const sql = await recorded(`${lists}, 1.5::DOUBLE AS minutes, 0.75::DOUBLE AS chance`);
    const series = await readSeries(query, request, sql);
    expect(series.forecast).toEqual({
      t: [last + 30, last + 60, last + 90],
      mean: [0.8, 0.7, 0.6],
      lower: [0.7, 0.6, 0.5],
      upper: [0.9, 0.8, 0.7],
    });
    expect(series.threshold).toEqual({ value: 0.9, bound: 'lower', crossing: { t: last + 90, minutes: 1.5 }, probability: 0.75 });
    const other = await readSeries(query, { ...request, value: 'other' }, sql);
    expect([other.forecast, other.threshold]).toEqual([undefined, undefined]);
  });

  it('is nothing where the last row says nothing, though rows before it did', async () => {
    const query = await queryOf(fields);
    const sql = await recorded(
      `NULL::DOUBLE[] AS mean, NULL::DOUBLE[] AS lower, NULL::DOUBLE[] AS upper, NULL::DOUBLE AS minutes, 0.0::DOUBLE AS chance`,
    );
    const series = await readSeries(query, request, sql);
    expect(series.forecast).toBeUndefined();
    expect(series.threshold).toEqual({ value: 0.9, bound: 'lower', crossing: null, probability: 0 });
  });

  it('takes its steps from the rows where the query does not say them', async () => {
    const query = await queryOf(fields.replace("step := INTERVAL '30 seconds', horizon", 'horizon'));
    const series = await readSeries(query, request, await recorded(`${lists}, NULL::DOUBLE AS minutes, NULL::DOUBLE AS chance`));
    expect(series.forecast?.t).toEqual([last + 60, last + 120, last + 180]);
  });

  it('is read out of a STRUCT', async () => {
    const query = await queryOf(`SELECT ts, host, used, ${call} AS f, ${held} AS b FROM m ${window}`);
    const sql = await recorded(
      `{mean: [0.8::DOUBLE], lower: [0.7::DOUBLE], upper: [0.9::DOUBLE]} AS f, {minutes_until: 2.0::DOUBLE, probability: 0.5::DOUBLE} AS b`,
    );
    const series = await readSeries(query, request, sql);
    expect(series.forecast).toEqual({ t: [last + 30], mean: [0.8], lower: [0.7], upper: [0.9] });
    expect(series.threshold?.crossing).toEqual({ t: last + 120, minutes: 2 });
  });
});
