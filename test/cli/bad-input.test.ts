import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { millrace, type Outcome, summaryOf, temporaryFolder } from './run-millrace.ts';

const rows = `ts,host,value
2026-01-01 00:00:01,a,1.5
2026-01-01 00:00:02,b,2.5
2026-01-01 00:00:12,a,3.5
`;
const source = (path = 'rows.csv', more = '') => `CREATE TABLE readings (ts TIMESTAMP NOT NULL, host VARCHAR NOT NULL, value DOUBLE)
  WITH (connector = file, path = '${path}', event_time = ts, max_lateness = '5 s'${more});`;
const view = `CREATE MATERIALIZED VIEW totals AS
SELECT host, window_start, count(*) AS n, sum(value) AS total
FROM tumble(readings, ts, INTERVAL '10 seconds')
GROUP BY host, window_start, window_end;`;

const folders: { remove(): void }[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove();
});

function folderWith(sql: string, files: Readonly<Record<string, string>> = { 'rows.csv': rows }): string {
  const folder = temporaryFolder({ ...files, 'query.sql': sql });
  folders.push(folder);
  return folder.path;
}

const toTheEnd = ['run', 'query.sql', '--speed', 'max', '--until-end', '--json'];

async function stored(cwd: string, sql: string): Promise<unknown[]> {
  const outcome = await millrace(['sql', sql, '--format', 'json'], { cwd });
  expect(outcome.stderr).toBe('');
  return JSON.parse(outcome.stdout) as unknown[];
}

/** One message, at a place, with no stack trace in sight. */
function expectMessage(outcome: Outcome, code: number, ...parts: readonly string[]): void {
  for (const part of parts) expect(outcome.stderr).toContain(part);
  expect(outcome.stderr).not.toMatch(/\n\s+at .*\.ts:\d+/);
  expect(outcome.code).toBe(code);
}

describe('query files with mistakes', () => {
  it.each([
    ['a keyword', view.replace('FROM tumble', 'FORM tumble'), 'query.sql:6:', 'FROM'],
    ['a column', view.replace('sum(value)', 'sum(valeu)'), 'query.sql:5:', 'value'],
    ['a type', `${view};`.replace('sum(value)', 'sum(host)'), 'query.sql:5:', 'sum'],
    ['a table', view.replace('tumble(readings', 'tumble(reading'), 'query.sql:6:', 'readings'],
  ])('names the place of %s', async (_, body, place, hint) => {
    const outcome = await millrace(['check', 'query.sql'], { cwd: folderWith(`${source()}\n\n${body}`) });
    expect(outcome.stderr + outcome.stdout).toContain(place);
    expect(outcome.stderr + outcome.stdout).toContain(hint);
    expect(outcome.stderr + outcome.stdout).toContain('^');
    expect(outcome.code).toBe(1);
  });

  it('suggests the option that was meant', async () => {
    const outcome = await millrace(toTheEnd, { cwd: folderWith(`${source('rows.csv', ", max_latenes = '1 s'")}\n${view}`) });
    expectMessage(outcome, 1, 'max_latenes', 'max_lateness', 'query.sql:2:');
  });

  it('refuses what no kernel runs yet, by name and place', async () => {
    const join = `CREATE MATERIALIZED VIEW pairs AS
SELECT a.host, b.value FROM readings AS a ASOF JOIN readings AS b ON a.host = b.host AND a.ts <= b.ts;`;
    expectMessage(
      await millrace(toTheEnd, { cwd: folderWith(`${source()}\n${join}`) }),
      1,
      'query.sql:4:',
      'ASOF JOIN with the next row is not supported yet',
    );
  });

  it('says which query file is missing', async () => {
    expectMessage(await millrace(['run', 'nowhere.sql'], { cwd: folderWith(view) }), 2, 'nowhere.sql');
  });
});

describe('input with mistakes', () => {
  it('names the file that is missing', async () => {
    expectMessage(await millrace(toTheEnd, { cwd: folderWith(`${source('absent.csv')}\n${view}`) }), 2, 'readings', 'absent.csv');
  });

  it('keeps rows that cannot be read, counted and with the reason, and goes on', async () => {
    const text = `${rows}2026-01-01 00:00:13,a,five\nnot a time,b,1\n2026-01-01 00:00:14,b\n2026-01-01 00:00:15,b,4.5\n`;
    const cwd = folderWith(`${source()}\n${view}`, { 'rows.csv': text });
    const outcome = await millrace(toTheEnd, { cwd });
    expect(outcome.stderr).toBe('');
    expect(summaryOf(outcome).sources.readings).toMatchObject({ rows: 4, rejected: 3, late: 0 });
    expect(await stored(cwd, 'SELECT field, "at" FROM readings__rejected ORDER BY "at"')).toMatchObject([
      { field: 'value', at: 'rows.csv:5' },
      { field: 'ts', at: 'rows.csv:6' },
      { at: 'rows.csv:7' },
    ]);
    expect(await stored(cwd, 'SELECT sum(n)::INTEGER AS n FROM totals')).toEqual([{ n: 4 }]);
  });

  it('keeps rows whose time runs backwards beyond the lateness', async () => {
    const text = `${rows}2026-01-01 00:00:02,b,9\n2026-01-01 00:00:08,b,1\n`;
    const cwd = folderWith(`${source()}\n${view}`, { 'rows.csv': text });
    const outcome = await millrace(toTheEnd, { cwd });
    expect(summaryOf(outcome).sources.readings).toMatchObject({ rows: 5, late: 1 });
    expect(await stored(cwd, 'SELECT host, value FROM readings__late')).toEqual([{ host: 'b', value: 9 }]);
    expect(await stored(cwd, 'SELECT sum(n)::INTEGER AS n FROM totals')).toEqual([{ n: 4 }]);
  });

  it('ends well on an empty source', async () => {
    const cwd = folderWith(`${source()}\n${view}`, { 'rows.csv': 'ts,host,value\n' });
    const outcome = await millrace(toTheEnd, { cwd });
    expect(outcome.code).toBe(0);
    expect(summaryOf(outcome).queries[Object.keys(summaryOf(outcome).queries)[0] as string]).toMatchObject({ rows_in: 0, rows_out: 0 });
    expect(await stored(cwd, 'SELECT count(*)::INTEGER AS n FROM totals')).toEqual([{ n: 0 }]);
  });
});

describe('a machine with mistakes', () => {
  it('names the table whose broker is not there', async () => {
    const sink = "CREATE TABLE out (host VARCHAR) WITH (connector = kafka, role = sink, brokers = '127.0.0.1:1', topic = written);";
    const cwd = folderWith(`${source()}\n${sink}\nINSERT INTO out SELECT host FROM readings;`);
    expectMessage(await millrace(toTheEnd, { cwd }), 2, 'table out: connector kafka, topic written: ', '127.0.0.1:1 takes no connections');
  });

  it('names the port in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((ready) => server.once('listening', ready));
    const { port } = server.address() as { port: number };
    const outcome = await millrace(['run', 'query.sql', '--port', String(port), '--for', '5s'], {
      cwd: folderWith(`${source()}\n${view}`),
    });
    server.close();
    expectMessage(outcome, 2, `port ${port} is in use`, '--port 0');
  });

  it('names the process that holds the data folder', async () => {
    const cwd =
      folderWith(`CREATE TABLE fleet (ts TIMESTAMP, host VARCHAR, name VARCHAR, value DOUBLE) WITH (connector = generator, stream = metrics, event_time = ts);
CREATE MATERIALIZED VIEW per_host AS SELECT host, window_start, count(*) AS n FROM tumble(fleet, ts, INTERVAL '1 second') GROUP BY host, window_start, window_end;`);
    const holder = spawn(
      process.execPath,
      [resolve(import.meta.dirname, '../../engine/cli/millrace.mjs'), 'run', 'query.sql', '--port', '0'],
      { cwd, stdio: 'ignore' },
    );
    try {
      await untilExists(join(cwd, '.millrace', 'lock.json'), holder);
      const outcome = await millrace(['run', 'query.sql', '--port', '0', '--for', '2s'], { cwd });
      expectMessage(outcome, 2, '.millrace', String(holder.pid));
    } finally {
      holder.kill('SIGTERM');
      await new Promise((gone) => holder.once('exit', gone));
    }
  });

  it('says that it may not write', async () => {
    const cwd = folderWith(`${source()}\n${view}`);
    chmodSync(cwd, 0o755);
    mkdirSync(join(cwd, 'locked'));
    chmodSync(join(cwd, 'locked'), 0o555);
    const asNobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    const outcome = await millrace([...toTheEnd, '--data', 'locked/data'], { cwd, ...asNobody });
    expectMessage(outcome, 2, 'locked/data', 'permission');
  });

  it('ends with one message when the disk is full, and keeps what was committed', async () => {
    const cwd = folderWith(`CREATE TABLE fleet (ts TIMESTAMP NOT NULL, host VARCHAR, service VARCHAR, name VARCHAR, value DOUBLE)
  WITH (connector = generator, stream = metrics, event_time = ts, hosts = 200, interval = '1 s', start = '2026-01-01', faults = none, retention = '1000 d');
CREATE MATERIALIZED VIEW per_host AS SELECT host, window_start, count(*) AS n FROM tumble(fleet, ts, INTERVAL '10 seconds') GROUP BY host, window_start, window_end;`);
    const settings = ['run', 'query.sql', '--speed', 'max', '--until-end', '--json'];
    const outcome = await millrace([...settings, '--for', '60s'], { cwd, fileBytesMax: 24 << 20, timeoutMs: 90_000 });
    expectMessage(outcome, 3, 'No space is left');
    // A row for each host and metric every second: one lost or doubled would show.
    const perSecond = await stored(
      cwd,
      'SELECT DISTINCT n::INTEGER AS n FROM (SELECT ts, count(*) AS n FROM fleet GROUP BY ts HAVING ts < (SELECT max(ts) FROM fleet))',
    );
    expect(perSecond).toHaveLength(1);
  }, 120_000);

  it('says that the data folder is a file', async () => {
    const cwd = folderWith(`${source()}\n${view}`);
    writeFileSync(join(cwd, 'taken'), '');
    expectMessage(await millrace([...toTheEnd, '--data', 'taken'], { cwd }), 2, 'taken');
  });
});

async function untilExists(path: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200 && !existsSync(path); tries++) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}
