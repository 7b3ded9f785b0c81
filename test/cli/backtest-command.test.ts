import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { millrace, temporaryFolder } from './run-millrace.ts';

const sql = `CREATE TABLE metrics (ts TIMESTAMP NOT NULL, host VARCHAR NOT NULL, value DOUBLE, unit VARCHAR)
  WITH (connector = file, path = 'nothing.csv', event_time = ts);
CREATE MATERIALIZED VIEW detector AS
SELECT ts, host AS series, value, abs(value) AS score, abs(value) > 50 AS is_alarm, -20.0 AS lower, 20.0 AS upper FROM metrics;
CREATE MATERIALIZED VIEW scored AS SELECT ts, host, value, abs(value) AS score FROM metrics;
CREATE MATERIALIZED VIEW plain AS SELECT ts, host, value FROM metrics;
CREATE MATERIALIZED VIEW sums WITH (emit = changes, state_ttl = '1 d') AS SELECT host, sum(value) AS score FROM metrics GROUP BY host;
CREATE MATERIALIZED VIEW stops AS SELECT ts, host AS series, value, CAST(host AS INTEGER) > 3 AS is_alarm FROM metrics;
CREATE MATERIALIZED VIEW units AS SELECT ts, host AS series, value, unit = 'K' AS is_alarm FROM metrics;
CREATE MATERIALIZED VIEW outlook WITH (state_ttl = '30 d') AS
SELECT ts, host, value, forecast(value, array_agg(value) OVER w, step := INTERVAL '1 hour', every := INTERVAL '6 hours', method := 'seasonal_naive') AS f
FROM metrics WINDOW w AS (PARTITION BY host ORDER BY ts);`;

const start = Date.UTC(2026, 0, 1);
const time = (minute: number) => new Date(start + minute * 60_000).toISOString().slice(0, 19).replace('T', ' ');

/** 1,441 minutes of two hosts. a: alarms at 30 (outside), 104 and 110 (inside); b: none, but a labelled hour. */
function minutes(): string {
  const high = new Set([30, 104, 110]);
  const lines = Array.from({ length: 1441 }, (_, minute) => [
    `${time(minute)},a,${high.has(minute) ? 90 : minute % 10}`,
    `${time(minute)},b,${minute % 20 === 0 ? 40 : 5}`,
  ]);
  return ['ts,host,value', ...lines.flat()].join('\n');
}

const labels = `series,start,end\na,${time(100)},${time(120)}\nb,${time(600)},${time(660)}\n`;
let folder: ReturnType<typeof temporaryFolder>;
const backtest = (...args: string[]) => millrace(['backtest', 'detect.sql', ...args], { cwd: folder.path });

beforeAll(() => {
  folder = temporaryFolder({ 'detect.sql': sql, 'cpu.csv': minutes(), 'labels.csv': labels });
});
afterAll(() => folder.remove());

describe('millrace backtest', () => {
  it('measures a detector by its labels, and draws every series', async () => {
    const args = ['--query', 'detector', '--data', 'cpu.csv', '--labels', 'labels.csv', '--out', 'report.html'];
    const got = await backtest(...args, '--json');
    expect([got.code, got.stderr]).toEqual([0, 'the report is report.html\n']);
    const { all, series, rows_read } = JSON.parse(got.stdout) as Record<string, Record<string, unknown>>;
    expect(rows_read).toBe(2882);
    expect(series?.a).toMatchObject({
      events: 1,
      events_found: 1,
      alarms: 3,
      precision: 2 / 3,
      recall: 1,
      delay_seconds: 240,
      alarms_per_day: 3,
    });
    expect(series?.a).toMatchObject({ coverage: 1438 / 1441 });
    expect(series?.b).toMatchObject({ events: 1, events_found: 0, alarms: 0, precision: null, recall: 0, delay_seconds: null });
    expect(all).toMatchObject({ rows: 2882, events: 2, events_found: 1, precision: 2 / 3, recall: 0.5, alarms_per_day: 1.5 });
    const page = readFileSync(join(folder.path, 'report.html'), 'utf8');
    expect(page.match(/<svg viewBox="0 0 1120/g)).toHaveLength(2);
    expect(page.match(/class="alarm true"><title>/g)).toHaveLength(2);
    expect(page.match(/class="alarm false"><title>/g)).toHaveLength(1);
    expect(page).toContain(`labelled: ${time(100)} to ${time(120)}`);
    expect(page).not.toMatch(/NaN|undefined|Infinity|https?:/);
  });

  it('prints a table', async () => {
    const got = await backtest('--query', 'detector', '--data', 'cpu.csv', '--labels', 'labels.csv', '--skip', '50');
    const [head, ...lines] = got.stdout.replaceAll(/[\u202f ]+/g, ' ').split('\n');
    expect(head).toBe('series rows events found precision recall delay alarms alarms/day VUS-PR in band');
    expect(lines[0]).toMatch(/^a 1,441 1\/1 100\.0 % 100\.0 % 4 min 2 2\.07 /);
    expect(lines[2]).toMatch(/^all \(2\) 2,882 1\/2 /);
  });

  it('takes labels as NAB has them, and data of many files without a series in them', async () => {
    mkdirSync(join(folder.path, 'many'), { recursive: true });
    for (const name of ['one', 'two']) {
      const rows = Array.from({ length: 100 }, (_, minute) => `${time(minute)},${minute === 50 && name === 'one' ? 99 : 1}`);
      writeFileSync(join(folder.path, 'many', `${name}.csv`), ['timestamp,value', ...rows].join('\n'));
    }
    const windows = { 'real/one.csv': [[`${time(45)}.000000`, `${time(55)}.000000`]], 'real/two.csv': [], 'real/elsewhere.csv': [] };
    writeFileSync(join(folder.path, 'windows.json'), JSON.stringify(windows));
    const columns = ['--column', 'ts=timestamp', '--column', 'host=parse_filename(file_name, true)'];
    const got = await backtest('--query', 'detector', '--data', 'many/*.csv', '--labels', 'windows.json', ...columns, '--json');
    expect(got.code).toBe(0);
    expect(got.stderr).toBe('warning: labels of 1 series that are not in the result are left out: "real/elsewhere.csv"\n');
    const { all, series } = JSON.parse(got.stdout) as { all: object; series: object };
    expect(all).toMatchObject({ events: 1, events_found: 1, precision: 1 });
    expect(Object.keys(series)).toEqual(['one', 'two']);
  });

  it('takes labels by point, and a threshold on a score', async () => {
    const points = ['host,ts,label', ...Array.from({ length: 11 }, (_, k) => `a,${time(100 + k)},${k < 6 ? 1 : 0}`)].join('\n');
    writeFileSync(join(folder.path, 'points.csv'), points);
    const args = ['--query', 'scored', '--series', 'host', '--data', 'cpu.csv', '--labels', 'points.csv', '--json'];
    const got = await backtest(...args, '--threshold', '50');
    expect(got.stderr).toBe('warning: 1 series have no labels; alarms in them count as false\n');
    expect(JSON.parse(got.stdout).all).toMatchObject({ events: 1, events_found: 1, alarms: 3, precision: 1 / 3 });
    const without = await backtest(...args);
    expect(without.stderr).toContain('no alarm column');
    expect(JSON.parse(without.stdout).all).toMatchObject({ alarms: null, precision: null, vus_pr: expect.any(Number) });
  });

  it('compares forecasts with what came', async () => {
    const wave = (hour: number) => Math.sin((hour / 24) * 2 * Math.PI) * 10 + (hour % 7);
    const rows = Array.from({ length: 400 }, (_, hour) => `${time(hour * 60)},a,${wave(hour)}`);
    writeFileSync(join(folder.path, 'hours.csv'), ['ts,host,value', ...rows].join('\n'));
    const got = await backtest('--query', 'outlook', '--data', 'hours.csv', '--skip', '200', '--out', 'forecast.html', '--json');
    expect(got.code).toBe(0);
    const { all } = JSON.parse(got.stdout) as { all: { mase_ratio: number; forecast_coverage: number; forecasts: number } };
    // Both are the value of a day before.
    expect(all.mase_ratio).toBeCloseTo(1, 9);
    expect(all.forecasts).toBeGreaterThan(20);
    expect(all.forecast_coverage).toBeGreaterThan(0.5);
    expect(readFileSync(join(folder.path, 'forecast.html'), 'utf8')).toContain('class="forecast"');
  }, 60_000);

  it.each([
    [['--data', 'none.csv'], 'none.csv cannot be read'],
    [['--data', 'cpu.doc'], 'is of no kind that can be read'],
    [['--data', 'cpu.csv', '--query', 'other'], 'holds no query "other"'],
    [['--data', 'cpu.csv', '--query', 'plain'], 'has no alarm column'],
    [['--data', 'cpu.csv', '--query', 'units'], 'has no column "unit", which the query reads; it has ts, host, value'],
    [['--data', 'cpu.csv', '--query', 'sums'], 'change after they have come'],
    [['--data', 'cpu.csv', '--query', 'stops'], 'has stopped: '],
    [['--data', 'cpu.csv', '--where', 'value > 1000'], 'the data has no rows'],
    [['--data', 'cpu.csv', '--column', 'value=host'], 'Could not convert string'],
    [['--data', 'cpu.csv', '--column', 'nothing=1'], 'no table of the query has a column "nothing"'],
    [['--data', 'cpu.csv', '--score', 'nothing'], 'the result has no column "nothing"'],
    [['--data', 'cpu.csv', '--threshold', '1'], 'says itself what alarms: is_alarm'],
    [['--data', 'cpu.csv', '--labels', 'none.csv'], 'none.csv cannot be read'],
    [
      ['--data', 'cpu.csv', '--labels', 'cpu.csv', '--label-column', 'series=1'],
      'the labels name "1", but the series of the result are "a", "b"',
    ],
    [
      [
        '--data',
        'cpu.csv',
        '--labels',
        'labels.csv',
        '--label-column',
        "start=start - INTERVAL '9 d'",
        '--label-column',
        'end="end" - INTERVAL \'9 d\'',
      ],
      'no labelled time lies in the data, which goes from 2026-01-01 00:00:00 to 2026-01-02 00:00:00',
    ],
    [['--data', 'cpu.csv', '--out', 'nowhere/report.html'], 'there is no folder nowhere'],
    [['--data', 'cpu.csv', '--skip', '2.5'], 'is not a number of rows'],
  ])('%j ends with a message, a hint and code 2', async (args, message) => {
    const query = args.includes('--query') ? [] : ['--query', 'detector'];
    const got = await backtest(...args, ...query);
    expect(got.stderr).toContain(message);
    if (!args.includes('--skip')) expect(got.stderr).toContain('help: ');
    expect([got.code, got.stdout]).toEqual([2, '']);
  });

  it('asks which query is meant', async () => {
    const got = await backtest('--data', 'cpu.csv');
    expect(got.stderr).toContain('say which: --query NAME, of detector, scored');
    expect(got.code).toBe(2);
  });

  const nab = resolve(import.meta.dirname, '../../../shared/data/det_nab.parquet');
  it.skipIf(!existsSync(nab))(
    'runs a shipped detector over public series (skipped without ../shared/data)',
    async () => {
      const query = resolve(import.meta.dirname, '../../queries/learning/01_host_anomalies.sql');
      const got = await millrace(
        [
          ...['backtest', query, '--data', nab, '--labels', nab.replace('.parquet', '_windows.json'), '--skip', '15%,750', '--json'],
          ...['--column', 'host=series', '--column', "name='system.cpu.utilization'", '--where', "series LIKE 'realKnown%'"],
        ],
        { cwd: folder.path },
      );
      expect(got.code).toBe(0);
      expect(JSON.parse(got.stdout).all).toMatchObject({ rows: 34284, events: 11, events_found: 10 });
    },
    120_000,
  );
});
