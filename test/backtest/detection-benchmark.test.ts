import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';

const main = resolve(import.meta.dirname, '../../bench/main.ts');

/** A series with a step, a metric with a spike, and a host one of whose channels leaves its range. */
const tables = {
  'det_nab.parquet': `SELECT 'a/b' AS series, make_timestamp(300000000 * i) AS ts, sin(i) + if(i >= 1500, 20, 0) AS value,
    CAST(if(i BETWEEN 1490 AND 1600, 0, -1) AS TINYINT) AS window_id, i < 300 AS probation FROM range(2000) r(i)`,
  'det_kpi.parquet': `SELECT 'k' AS series, make_timestamp(300000000 * i) AS ts, sin(i) + if(i = 1500, 20, 0) AS value,
    CAST(i = 1500 AS TINYINT) AS label FROM range(2000) r(i)`,
  'det_smd.parquet': `SELECT 'm' AS machine, if(i < 5000, 'train', 'test') AS part, CAST(i % 5000 AS INTEGER) AS t,
    CAST(i >= 9000 AND i < 9020 AS TINYINT) AS label, CAST(sin(i) AS FLOAT) AS c00, CAST(cos(i) AS FLOAT) AS c01,
    CAST(if(i >= 9000 AND i < 9020, 9, sin(i * i)) AS FLOAT) AS c02 FROM range(10000) r(i)`,
};

it('detection: a folder of the published form gives a table, and rows in Parquet', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-detection-'));
  try {
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
    for (const [name, query] of Object.entries(tables)) await connection.run(`COPY (${query}) TO '${join(folder, name)}' (FORMAT parquet)`);
    const out = join(folder, 'rows.parquet');
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'detection', '--data', folder, '--out', out]);
    expect(stdout).toMatch(/NAB: 1 series, 2000 points[\s\S]*anomaly\(\) [\s\S]*drift SPOT [\s\S]*frozen mean/);
    expect(stdout).toMatch(/KPI: 1 series[\s\S]*1 hosts, 10000 rows: 1 of 1 events found, 1 of 1 alarms inside of one/);
    const rows = await connection.runAndReadAll(`SELECT series, count(*), min(epoch_ms(ts)), max(epoch_ms(ts)) // 60000, count(score),
      list(epoch_ms(ts) // 60000 ORDER BY ts) FILTER (WHERE alarm) FROM '${out}' GROUP BY series ORDER BY series`);
    const minutes = (value: unknown) => (value as { items: bigint[] } | null)?.items.map(Number);
    const [nab, kpi, host] = rows.getRows().map(([name, count, from, to, scored, alarms]) => ({
      row: [name, ...[count, from, to, scored].map(Number)],
      alarms: minutes(alarms),
    }));
    expect(nab?.row).toEqual(['a/b', 2000, 0, 5 * 1999, 1950]);
    expect(nab?.alarms).toContain(5 * 1500);
    expect(kpi?.row).toEqual(['k', 2000, 0, 5 * 1999, 1950]);
    expect(host).toEqual({ row: ['m', 5000, 0, 4999, 5000], alarms: [4000] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
