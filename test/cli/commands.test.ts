import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { millrace, summaryOf, temporaryFolder } from './run-millrace.ts';

const folder = temporaryFolder({
  'readings.csv': Array.from(
    { length: 50 },
    (_, row) => `2026-01-01 00:00:${String(row).padStart(2, '0')},host-${row % 3},${row / 4}`,
  ).join('\n'),
  'readings.sql': `CREATE TABLE readings (ts TIMESTAMP NOT NULL, host VARCHAR NOT NULL, value DOUBLE)
  WITH (connector = file, path = 'readings.csv', header = false, event_time = ts);
-- Per host and ten seconds.
CREATE MATERIALIZED VIEW totals AS
SELECT host, window_start, count(*) AS n, sum(value) AS total
FROM tumble(readings, ts, INTERVAL '10 seconds')
WHERE value > 0.5
GROUP BY host, window_start, window_end;`,
});
const cwd = folder.path;
afterAll(() => folder.remove());

describe('run', () => {
  it('ends with a summary in which every row is accounted for', async () => {
    const outcome = await millrace(['run', 'readings.sql', '--speed', 'max', '--until-end', '--json', '--lanes', '2'], { cwd });
    expect(outcome.stderr).toBe('');
    expect(outcome.code).toBe(0);
    const summary = summaryOf(outcome);
    expect(summary.sources.readings).toMatchObject({ rows: 50, late: 0, rejected: 0, state: 'ended' });
    const [query] = Object.values(summary.queries);
    expect(query).toMatchObject({ rows_in: 50, rows_out: 15, filtered: 3, late: 0 });
  });

  it('goes on where it stopped: nothing is doubled', async () => {
    const again = await millrace(['run', 'readings.sql', '--speed', 'max', '--until-end', '--json'], { cwd });
    expect(again.code).toBe(0);
    expect(summaryOf(again).sources.readings).toMatchObject({ rows: 50 });
    const rows = await millrace(['sql', 'SELECT count(*)::INTEGER AS rows, sum(n)::INTEGER AS n FROM totals', '--format', 'json'], { cwd });
    expect(JSON.parse(rows.stdout)).toEqual([{ rows: 15, n: 47 }]);
  });

  it('refuses flags it does not know and suggests the one that was meant', async () => {
    const outcome = await millrace(['run', '--untilend'], { cwd });
    expect(outcome.stderr).toContain('--until-end');
    expect(outcome.code).toBe(2);
  });
});

describe('check and explain', () => {
  it('say that all is well', async () => {
    const outcome = await millrace(['check', '.'], { cwd });
    expect(outcome.stderr).toMatch(/checked 1 file in \d+ ms: no errors in 1 query/);
    expect(outcome.code).toBe(0);
  });

  it('show the plan with the bound of its state, and the kernel', async () => {
    const plan = await millrace(['explain', 'readings.sql'], { cwd });
    expect(plan.stdout).toMatch(/aggregate/i);
    expect(plan.stdout).toMatch(/bounded: /);
    const kernel = await millrace(['explain', 'readings.sql', '--kernel'], { cwd });
    expect(kernel.stdout).toContain('export function');
    const json = await millrace(['explain', 'readings.sql', '--json'], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({ v: 1, queries: [{ file: 'readings.sql', line: 4 }] });
  });

  it('say what a group cannot run, and what it sends between lanes', async () => {
    const check = await millrace(['check', '.', '--group', '--format', 'short'], { cwd });
    expect(check.stdout).toMatch(/readings\.sql:\d+.*E0615/);
    expect(check.code).toBe(1);
    const explain = await millrace(['explain', 'readings.sql', '--group', 'g', '--json'], { cwd });
    expect(JSON.parse(explain.stdout)).toMatchObject({ v: 1, group: 'g', lanes: 16, queries: [{ refused: [{ code: 'E0615' }] }] });
    expect(explain.code).toBe(1);
    const wrong = await millrace(['explain', 'readings.sql', '--group', 'g.h'], { cwd });
    expect(wrong.stderr).toContain('"g.h" is no name of a group');
    expect(wrong.code).toBe(2);
  });

  it('say that a folder is not a query', async () => {
    const outcome = await millrace(['explain', '.'], { cwd });
    expect(outcome.stdout).toBe('');
    expect(outcome.stderr).toContain('. is a folder');
    expect(outcome.stderr).toContain('name one of its files: millrace explain FOLDER/NAME.sql');
    expect(outcome.code).toBe(2);
  });

  it('explain an error code', async () => {
    const outcome = await millrace(['explain', 'E0311'], { cwd });
    expect(outcome.stdout).toContain('E0311');
    expect(outcome.code).toBe(0);
  });
});

describe('sql', () => {
  const statement = 'SELECT host, sum(n)::INTEGER AS n, sum(total) AS total FROM totals GROUP BY host ORDER BY host';
  let expected: unknown[];
  beforeAll(async () => {
    expected = JSON.parse((await millrace(['sql', statement, '--format', 'json'], { cwd })).stdout) as unknown[];
    expect(expected).toHaveLength(3);
  });

  it('writes CSV, TSV, NDJSON and tables to standard output, the rest to standard error', async () => {
    const text = async (format: string) => (await millrace(['sql', '-', '--format', format], { cwd, input: statement })).stdout;
    expect((await text('csv')).split('\n')[0]?.trim()).toBe('host,n,total');
    expect((await text('tsv')).split('\n')[0]).toBe('host\tn\ttotal');
    expect(
      (await text('ndjson'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(expected);
    const table = await millrace(['sql', statement, '--format', 'table'], { cwd });
    expect(table.stdout).toMatch(/^ host\s+│\s+n │/);
    expect(table.stderr).toMatch(/^3 rows/);
  });

  it('writes Arrow and Parquet as bytes', async () => {
    const file = join(cwd, 'out.arrow');
    await millrace(['sql', statement, '--format', 'arrow'], { cwd, stdoutFile: file });
    const { readFileSync } = await import('node:fs');
    const rows = tableFromIPC(readFileSync(file))
      .toArray()
      .map((row) => row.toJSON());
    expect(rows).toEqual(expected);
    const parquet = join(cwd, 'out.parquet');
    await millrace(['sql', statement, '--format', 'parquet'], { cwd, stdoutFile: parquet });
    expect(readFileSync(parquet).subarray(0, 4).toString()).toBe('PAR1');
  });

  it.each(["SELECT * FROM read_csv('/etc/passwd')", "COPY totals TO '/tmp/x.csv'", 'DROP VIEW totals', 'SELECT 1; SELECT 2'])(
    'refuses %s',
    async (hostile) => {
      const outcome = await millrace(['sql', hostile], { cwd });
      expect(outcome.code).toBe(1);
      expect(outcome.stdout).toBe('');
      expect(outcome.stderr).toMatch(/^error: /);
    },
  );
});
