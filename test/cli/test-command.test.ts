import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { millrace, temporaryFolder } from './run-millrace.ts';

const sql = `CREATE TABLE clicks (ts TIMESTAMP NOT NULL, page VARCHAR NOT NULL, ms DOUBLE)
  WITH (connector = generator, stream = spans, event_time = ts, max_lateness = '5 s', idle_timeout = '30 s');
CREATE MATERIALIZED VIEW pages AS
SELECT window_start, page, count(*) AS n, avg(ms) AS ms FROM tumble(clicks, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, page;`
  .replace('page VARCHAR NOT NULL, ms DOUBLE', 'service VARCHAR NOT NULL, duration_ms DOUBLE NOT NULL, host VARCHAR NOT NULL')
  .replaceAll('page,', 'service,')
  .replaceAll(', page', ', service')
  .replace('avg(ms)', 'avg(duration_ms)');

const good = `# A window's edge, a late row, two partitions, a restart.
lanes 2
insert clicks step 1 s
ts        service  duration_ms
00:00:00  home     1+1x4
00:00:09.999999  cart  7

insert clicks partition b
ts        service  duration_ms
00:00:03  home     100

advance 00:00:10

query
SELECT service, n, ms FROM pages
----
home  6  19.166666666666668
cart  1  7.0

insert clicks
ts        service  duration_ms
00:00:09  home     5
00:00:10  home     5

late clicks service, _late_by
----
home  00:00:01

restart

statement ok
INSERT INTO clicks (ts, service, duration_ms, host) VALUES ('2026-01-01 00:00:11', 'home', 15, 'h'), ('2026-01-01 00:00:12', 'cart', 1, 'h')

statement error
CREATE MATERIALIZED VIEW wrong AS SELECT nothing FROM clicks
----
E02

end

query nosort
SELECT window_start, service, n, ms FROM pages ORDER BY window_start DESC, service
----
00:00:10  cart  1  1
00:00:10  home  2  10
00:00:00  cart  1  7
00:00:00  home  6  19.1666666666667
`;

const folder = temporaryFolder({ 'pages.sql': sql, 'pages.test': good });
const run = (...args: string[]) => millrace(['test', ...args], { cwd: folder.path, timeoutMs: 110_000 });
const write = (text: string) => writeFileSync(join(folder.path, 'pages.test'), text);

describe('millrace test', () => {
  beforeAll(async () => {
    // Compiles the kernel.
    await run('.');
  }, 120_000);
  afterAll(() => folder.remove());

  it('runs what stands beside a query file', async () => {
    write(good);
    const { code, stdout, stderr } = await run('.');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^ok {3}pages\.test {2}4 checks {2}\d+ ms\n1 passed, 0 failed\n$/);
    expect(code).toBe(0);
    expect((await run('pages.sql', '--quiet')).stdout).toBe('1 passed, 0 failed\n');
  });

  it('shows file, line and difference', async () => {
    write(good.replace('cart  1  7.0', 'cart  2  7.0').replace('home  00:00:01', 'home  00:00:02'));
    const { code, stdout } = await run('pages.test');
    expect(code).toBe(1);
    expect(stdout).toContain('FAIL pages.test:14  the answer is another\n    - expected, + got\n');
    expect(stdout).toContain('    - cart  2  7.0\n    + cart  1  7.0\n');
    expect(stdout).toContain('FAIL pages.test:25  the answer is another\n');
    expect(stdout).toMatch(/\n0 passed, 1 failed\n$/);
  });

  it('rewrites what is expected', async () => {
    write(good.replace('cart  1  7.0\n', '').replace('E02', 'E9'));
    const { code, stdout } = await run('.', '--update');
    expect(stdout).toContain('2 expectations rewritten');
    expect(code).toBe(0);
    const text = readFileSync(join(folder.path, 'pages.test'), 'utf8');
    expect(text).toContain('----\ncart  1  7.0\nhome  6  19.166666666666668\n');
    expect(text).toMatch(/----\nE02\d\d .*nothing/);
    expect((await run('.')).code).toBe(0);
  });

  it.each([
    ['insert clicks\nts  page\n00:00:01  a', 'pages.test:2  clicks has no column "page"'],
    ['insert nothing\nts\n00:00:01', 'pages.test:1  the queries tested read no source "nothing"'],
    ['insert clicks\nts  service\nsoon  a', 'pages.test:3  "soon" is no time'],
    ['insert clicks\nts  duration_ms\n00:00:01  1+1x3', 'pages.test:3  how far apart are the values of the series?'],
    ['query\nSELECT x FROM pages\n----', 'pages.test:2  Binder Error'],
    ['insert clicks\nts  duration_ms\n00:00:01  many', 'pages.test:1  Conversion Error'],
    ['advance 00:00:01\nlanes 2', 'pages.test:2  lanes are set before the first rows'],
    ['jump', 'pages.test:1  a test knows no "jump"'],
  ])('%j is told by its line', async (text, message) => {
    write(text);
    const { code, stdout } = await run('.');
    expect(stdout).toContain(`FAIL ${message}`);
    expect(code).toBe(1);
  });

  it('tells of a query that stops, and can expect it', async () => {
    const stopping = temporaryFolder({
      'a.sql': `CREATE TABLE t (ts TIMESTAMP, s VARCHAR) WITH (connector = file, path = 'a.csv', event_time = ts, max_lateness = '1 s');
        CREATE MATERIALIZED VIEW v AS SELECT ts, s::INTEGER AS n FROM t;`,
      'a.test': "statement ok\nINSERT INTO t VALUES ('2025-01-01', 'x')\n\nquery\nFROM v\n----\n",
    });
    const told = await millrace(['test', '.'], { cwd: stopping.path });
    expect(told.stdout).toContain('FAIL a.test:1  the statement fails: ');
    expect(told.stdout).not.toContain('.ts:');
    expect(told.code).toBe(1);
    writeFileSync(join(stopping.path, 'a.test'), "statement error\nINSERT INTO t VALUES ('2025-01-01', 'x')\n----\nv has stopped\n");
    expect((await millrace(['test', '.'], { cwd: stopping.path })).stdout).toMatch(/\n1 passed, 0 failed\n$/);
    stopping.remove();
  });

  it('tells wrong use', async () => {
    expect(await run('absent')).toMatchObject({ code: 2 });
    expect((await run('--help')).stdout).toContain('--update');
    const empty = temporaryFolder({ 'a.sql': sql });
    const { code, stderr } = await millrace(['test'], { cwd: empty.path });
    expect(code).toBe(2);
    expect(stderr).toContain('queries');
    empty.remove();
  });
});
