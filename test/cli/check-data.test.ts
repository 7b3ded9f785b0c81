import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { millrace, temporaryFolder } from './run-millrace.ts';

const source = (seed: number) =>
  `CREATE TABLE spans (ts TIMESTAMP, service VARCHAR, duration_ms DOUBLE) WITH (connector = generator, stream = spans, seed = ${seed},
     start = '2026-11-23 00:00:00', rate = 200, event_time = ts);`;
const total =
  "CREATE MATERIALIZED VIEW total WITH (emit = changes, state_ttl = '1 d') AS SELECT service, count(*) AS n FROM spans GROUP BY service;";
const slow = (limit: number, aggregate: string) =>
  `CREATE MATERIALIZED VIEW slow AS SELECT window_start, ${aggregate} AS n FROM tumble(spans, ts, INTERVAL '1 hour')
     WHERE duration_ms > ${limit} GROUP BY window_start, window_end;`;
const plain = 'CREATE MATERIALIZED VIEW plain AS SELECT ts FROM spans WHERE duration_ms > 1000;';

describe('millrace check --data', () => {
  const folder = temporaryFolder();
  const data = join(folder.path, 'data');
  const file = join(folder.path, 'q.sql');
  afterAll(() => folder.remove());
  const write = (...parts: string[]) => writeFileSync(file, parts.join('\n'));
  const check = (...more: string[]) => millrace(['check', file, '--data', data, ...more]);
  const run = (...more: string[]) =>
    millrace(['run', file, '--data', data, '--speed', '20x', '--for', '2s', '--port', '0', '--json', ...more]);

  it('says that there is nothing yet', async () => {
    write(source(1), total, slow(10, 'count(*)'), plain);
    const outcome = await check();
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('There is no Millrace data');
  });

  it('says what is kept, made again, dropped, new and gone', { timeout: 300_000 }, async () => {
    expect((await run()).code).toBe(0);
    const same = await check();
    expect(same.stdout).toMatch(/plain: goes on where it was\n/);
    expect(same.stdout).toMatch(/total: its open windows and groups are made again \(from rows since /);
    expect(same.stdout).toMatch(/source spans: goes on where it was; about [\d,]+ rows are read again/);
    expect(same.code).toBe(0);
    write(source(1), slow(20, 'count(*)'), plain, 'CREATE MATERIALIZED VIEW fresh AS SELECT ts FROM spans WHERE duration_ms > 2000;');
    const changed = await check();
    expect(changed.stdout).toMatch(/slow: what it has open is DROPPED.*\(Filter duration_ms > 20\S* was Filter duration_ms > 10/);
    expect(changed.stdout).toContain('total: is in no file any more');
    expect(changed.stdout).toContain('fresh: begins');
    expect(changed.code).toBe(1);
    write(source(1), total, slow(10, 'sum(duration_ms)'), plain);
    const told = JSON.parse((await check('--format', 'json')).stdout.trim().split('\n').at(-1) ?? '') as {
      queries: { query: string; outcome: string; text: string }[];
    };
    const query = told.queries.find(({ query: id }) => id.endsWith('slow'));
    expect(query?.outcome).toBe('dropped');
    expect(query?.text).toMatch(/Aggregate.*sum\(duration_ms\).*was Aggregate.*count\(\*\)/);
    const restarted = await run();
    expect(restarted.stdout).toMatch(/queries after the restart: .*1 begun anew/);
    expect(restarted.stdout).toMatch(/slow is not what it was before \(Aggregate/);
  });

  it('a source that is another one is not gone on with unless that is wanted', { timeout: 300_000 }, async () => {
    write(source(2), total, plain);
    const outcome = await check();
    expect(outcome.stdout).toMatch(/source spans: is ANOTHER source.*it had seed = 1 and has seed = 2 now/);
    expect(outcome.code).toBe(1);
    const refused = await run();
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/source "spans" is not the one that was read before.*seed = 1/);
    expect(refused.stderr).toContain('--forget spans');
    const forgotten = await run('--forget', 'spans');
    expect(forgotten.code).toBe(0);
    expect((await check()).stdout).toMatch(/source spans: goes on/);
    const wrong = await run('--forget', 'nothing');
    expect(wrong.stderr).toContain('there is no source or query "nothing"');
  });
});
