import { DuckDBInstance } from '@duckdb/node-api';
import type { Catalog } from '../../engine/plan/catalog.ts';
import { quoteName } from '../../engine/plan/type-name.ts';
import type { SqlSource } from '../../engine/serve/sql-route.ts';
import { jsonValue } from '../../engine/store/json-value.ts';
import { sqlError } from '../../engine/store/sql-failure.ts';
import type { SqlRequest, SqlResult } from '../../engine/store/store.ts';
import { services } from './fake-engine.ts';

export interface FakeSql extends SqlSource {
  /** Statements so far. */
  readonly asked: string[];
  close(): void;
}

/**
 * Ad-hoc SQL over an hour of results of the simulated queries, six windows a minute and ten services, the newest at `now`; answers have
 * the form that the store gives them.
 */
export async function fakeSql(catalog: Catalog, now = Date.now()): Promise<FakeSql> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'; SET errors_as_json = true");
  const end = Math.floor(now / 10_000) * 10_000;
  const list = services.map((service) => `'${service}'`).join(', ');
  await connection.run(`CREATE TABLE results AS
    SELECT t - INTERVAL 10 SECOND AS window_start, t AS window_end, service, requests, (requests * share)::BIGINT AS errors, share AS ratio
    FROM (SELECT make_timestamp((${end} - i * 10000)::BIGINT * 1000) AS t, service, (1000 + 90 * sin(i / 20.0))::BIGINT AS requests,
            CASE WHEN service = 'checkout' AND i < 40 THEN 0.07 ELSE 0.01 + 0.002 * sin(i / 7.0) END AS share
          FROM range(360) AS windows(i), (SELECT unnest([${list}]) AS service))`);
  for (const { name } of catalog.queries) await connection.run(`CREATE VIEW ${quoteName(name)} AS FROM results`);
  await connection.run(`CREATE TABLE audit_log__rejected AS SELECT make_timestamp(${end}::BIGINT * 1000) AS time, '0' AS partition,
    'line 7' AS "at", 'user_id' AS field, 'is missing' AS reason, '{"ts":1}'::BLOB AS bytes FROM range(3)`);
  const asked: string[] = [];
  const query = async ({ sql, rowsMax }: SqlRequest, signal?: AbortSignal): Promise<SqlResult> => {
    asked.push(sql);
    const started = performance.now();
    const stop = () => connection.interrupt();
    signal?.addEventListener('abort', stop);
    try {
      const reader = await connection.runAndReadUntil(sql, rowsMax + 1);
      const types = reader.columnTypes();
      const rows = reader.getRows().map((row) => row.map((value, index) => jsonValue(value, types[index] as (typeof types)[number])));
      const columns = reader.columnNames().map((name, index) => ({ name, type: String(types[index]) }));
      return { columns, rows: rows.slice(0, rowsMax), truncated: rows.length > rowsMax, ms: performance.now() - started };
    } catch (error) {
      throw sqlError(error, sql);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  };
  return {
    asked,
    query,
    async export(request, format, signal) {
      const { columns, rows } = await query(request, signal);
      return Buffer.from(
        format === 'csv'
          ? [columns.map(({ name }) => name), ...rows].map((row) => `${row.join(',')}\n`).join('')
          : `${format} ${rows.length}`,
      );
    },
    close: () => connection.closeSync(),
  };
}
