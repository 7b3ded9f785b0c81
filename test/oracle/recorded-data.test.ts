import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { millrace, summaryOf, temporaryFolder } from '../cli/run-millrace.ts';
import { compareRows } from './compare-rows.ts';
import { Reference } from './reference.ts';

const data = resolve(import.meta.dirname, '../../../shared/data');
const present = existsSync(join(data, 'det_smd.parquet'));
if (!present) process.stdout.write('skipped: recorded data (no ../shared/data beside the project)\n');

const channels = Array.from({ length: 38 }, (_, index) => `c${String(index).padStart(2, '0')}`);

/** Machines one after the other in one file: time runs backwards at each, so lateness must span the whole recording. */
const smd = `
CREATE TABLE smd (machine VARCHAR NOT NULL, part VARCHAR, t TIMESTAMP NOT NULL, label TINYINT, ${channels.map((name) => `${name} FLOAT`).join(', ')})
  WITH (connector = file, path = '${join(data, 'det_smd.parquet')}', timestamp_unit = 's', event_time = t, max_lateness = '3650 d');`;

const nab = `
CREATE TABLE nab (series VARCHAR NOT NULL, ts TIMESTAMP NOT NULL, value DOUBLE, window_id TINYINT, probation BOOLEAN)
  WITH (connector = file, path = '${join(data, 'det_nab.parquet')}', event_time = ts, max_lateness = '36500 d');`;

const queries: Readonly<Record<string, string>> = {
  smd_minutes: `SELECT machine, window_start, window_end, count(*) AS n, sum(c00) AS sum0, avg(c01) AS avg1, min(c02) AS min2, max(c03) AS max3,
       stddev_samp(c04) AS sd4, var_pop(c05) AS var5, count(*) FILTER (WHERE label = 1) AS anomalous
FROM tumble(smd, t, INTERVAL '1 minute') GROUP BY machine, window_start, window_end`,
  smd_hop: `SELECT machine, part, window_start, count(*) AS n, ${channels
    .slice(0, 12)
    .map((name) => `max(${name}) AS max_${name}`)
    .join(', ')}
FROM hop(smd, t, INTERVAL '1 minute', INTERVAL '5 minutes') GROUP BY machine, part, window_start, window_end`,
  smd_busy: `SELECT machine, window_start, count(*) AS n, avg(c00 + c01) AS both, sum(CASE WHEN c02 > 0.5 THEN 1 ELSE 0 END) AS high
FROM tumble(smd, t, INTERVAL '10 minutes') WHERE part = 'test' AND c00 > 0.05
GROUP BY machine, window_start, window_end HAVING count(*) > 10`,
  nab_hours: `SELECT series, window_start, window_end, count(value) AS n, avg(value) AS mean, min(value) AS low, max(value) AS high, stddev_samp(value) AS sd,
       arg_max(ts, value) AS peak_at, bool_or(probation) AS learning
FROM tumble(nab, ts, INTERVAL '1 hour') GROUP BY series, window_start, window_end`,
  nab_days: `SELECT series, window_start, sum(n) AS n, max(high) AS high
FROM tumble(nab_hours, window_start, INTERVAL '1 day') GROUP BY series, window_start, window_end`,
};

const rank: Readonly<Record<string, string>> = { nab_hours: 'arg_max may pick any of equal values' };

describe.skipIf(!present)('recorded data: every stored row is what DuckDB computes from the same Parquet files', () => {
  const folder = temporaryFolder({
    'recorded.sql': [smd, nab, ...Object.entries(queries).map(([name, body]) => `CREATE MATERIALIZED VIEW ${name} AS\n${body};`)].join(
      '\n\n',
    ),
  });
  const store = join(folder.path, 'data');
  afterAll(() => folder.remove());

  it('runs to the end and loses nothing', async () => {
    const outcome = await millrace(['run', 'recorded.sql', '--data', store, '--speed', 'max', '--until-end', '--json'], {
      cwd: folder.path,
      timeoutMs: 120_000,
    });
    expect(outcome.stderr).toBe('');
    expect(outcome.code).toBe(0);
    const summary = summaryOf(outcome);
    const reference = await Reference.create();
    for (const [source, file] of [
      ['smd', 'det_smd'],
      ['nab', 'det_nab'],
    ] as const) {
      const [[rows] = []] = await reference.rows(`SELECT count(*)::INTEGER FROM read_parquet('${join(data, `${file}.parquet`)}')`);
      expect(summary.sources[source]).toMatchObject({ rows, late: 0, rejected: 0 });
    }
  }, 180_000);

  it.each(Object.keys(queries))('%s', async (name) => {
    const reference = await Reference.create();
    await reference.run(
      `CREATE TABLE smd AS SELECT * REPLACE (make_timestamp(t::BIGINT * 1000000) AS t) FROM read_parquet('${join(data, 'det_smd.parquet')}')`,
    );
    await reference.run(`CREATE TABLE nab AS SELECT * FROM read_parquet('${join(data, 'det_nab.parquet')}')`);
    if (name === 'nab_days') await reference.run(`CREATE TABLE nab_hours AS ${queries.nab_hours}`);
    const file = join(folder.path, `${name}.parquet`);
    // Without what a tie leaves open: both answers are right then.
    const columns = name in rank ? "COLUMNS(lambda c: c <> 'peak_at')" : '*';
    const got = await millrace(['sql', `SELECT ${columns} FROM ${name}`, '--data', store, '--format', 'parquet'], {
      cwd: folder.path,
      stdoutFile: file,
    });
    expect(got.stderr).toBe('');
    const expected = await reference.rows(`SELECT ${columns} FROM (${queries[name]})`);
    expect(expected.length).toBeGreaterThan(10);
    expect(compareRows(await reference.rows(`FROM read_parquet('${file}')`), expected)).toEqual([]);
  });
});
