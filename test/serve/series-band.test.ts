import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import type { PageSql } from '../../engine/serve/page-sql.ts';
import { readSeries } from '../../engine/serve/series.ts';
import { loadCatalog } from '../../engine/sql/load-catalog.ts';
import { seriesColumns } from '../../engine/status/series-columns.ts';
import { fixtureEnvironment } from '../plan/fixture-connectors.ts';

const text = `CREATE TABLE m (ts TIMESTAMP NOT NULL, host VARCHAR NOT NULL, value DOUBLE) WITH (connector = generator, event_time = ts);
CREATE MATERIALIZED VIEW v WITH (state_ttl = '1 d') AS
SELECT ts, host, value, a.score, a.is_alarm, a.lower, a.upper, a.type
FROM (SELECT ts, host, value, anomaly(value, array_agg(value) OVER (PARTITION BY host ORDER BY ts)) AS a FROM m);`;

/** 400 seconds of one host: the value is i, its band i - 1 to i + 1, an alarm at 250. */
async function recorded(): Promise<PageSql> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`CREATE TABLE v AS SELECT TIMESTAMP '2026-01-01' + to_seconds(i::INTEGER) AS ts, 'h' AS host, i::DOUBLE AS value,
    1.5 AS score, i = 250 AS is_alarm, i - 1.0::DOUBLE AS lower, i + 1.0::DOUBLE AS upper, NULL::VARCHAR AS type FROM range(400) r(i)`);
  const ask = async (sql: string, limit: number) => {
    const rows = (await connection.runAndReadAll(sql))
      .getRows()
      .map((row) => row.map((each) => (typeof each === 'bigint' ? Number(each) : each)));
    return { rows: rows.slice(0, limit), truncated: rows.length > limit };
  };
  return { ask } as unknown as PageSql;
}

it('what was expected of a series, and its alarms, come with it: row by row and in steps', async () => {
  const { catalog, diagnostics } = await loadCatalog([{ path: 'q/q.sql', text }], fixtureEnvironment);
  expect(diagnostics).toEqual([]);
  const query = catalog.queries[0]!;
  expect(seriesColumns(query)).toMatchObject({ time: 'ts', keys: ['host'], values: ['value', 'score', 'lower', 'upper'] });
  const sql = await recorded();
  const request = { value: undefined, key: undefined, from: undefined, to: undefined, points: 500 };
  const whole = await readSeries(query, request, sql);
  expect(whole.key).toEqual([['host', 'h']]);
  expect(whole.band?.lower.slice(0, 3)).toEqual([-1, 0, 1]);
  expect(whole.band?.upper.slice(0, 3)).toEqual([1, 2, 3]);
  expect(whole.band?.alarm.flatMap((alarm, index) => (alarm ? [whole.v[index]] : []))).toEqual([250]);
  const steps = await readSeries(query, { ...request, points: 100 }, sql);
  expect(steps.step).toBeGreaterThan(1);
  expect(steps.band?.alarm.filter(Boolean).length).toBe(1);
  expect(steps.v.every((value, index) => value! >= steps.band!.lower[index]! && value! <= steps.band!.upper[index]!)).toBe(true);
  expect((await readSeries(query, { ...request, value: 'score' }, sql)).band).toBeUndefined();
  const minute = await readSeries(query, { ...request, length: 60_000 }, sql);
  const unit = minute.unit === 's' ? 1 : 1_000;
  expect(minute.t.at(-1)).toBe(whole.t.at(-1));
  expect((minute.t.at(-1) as number) - (minute.t[0] as number)).toBe(60 * unit);
});
