import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultPoint, faultVariable } from '../../connectors/fault-point.ts';
import { kafkaIsHere, useKafka } from './support/fixture.ts';
import { readTopic } from './support/raw-source.ts';

const whole = process.env.KAFKA_TESTS === 'all';
/** A process is killed at each of these in turn. */
const points: readonly FaultPoint[] = whole
  ? [
      ...(['sink_part_written', 'sink_prepared', 'commit_before', 'commit_after', 'epoch_stored', 'sink_committed'] as const),
      ...(['publish_begun', 'publish_sent', 'publish_positioned', 'publish_committed', 'publish_dropped'] as const),
    ]
  : ['epoch_stored', 'publish_committed'];
const rows = 20_000;
const script = resolve(import.meta.dirname, '../run/support/run-files.ts');
const runMsMax = 120_000;

describe.skipIf(!kafkaIsHere)('INSERT INTO a topic', () => {
  const fixture = useKafka();
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-insert-'));
  const start = Date.UTC(2026, 10, 23);
  beforeAll(() => {
    const lines = Array.from({ length: rows }, (_, n) => `${new Date(start + n * 100).toISOString()},host-${n % 5},${n}`);
    for (const half of [0, 1]) {
      const own = lines.filter((_, n) => n % 2 === half);
      writeFileSync(join(folder, `load-${half}.csv`), `ts,host,n\n${own.join('\n')}\n`);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function run(name: string, sql: string, speed: string, environment: Record<string, string> = {}): Promise<number | null> {
    const place = join(folder, name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'load.sql'), sql);
    const args = [script, join(place, 'data'), join(folder, 'kernels'), speed, '2', join(place, 'load.sql')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...environment } });
    const killer = setTimeout(() => child.kill('SIGKILL'), runMsMax);
    let errors = '';
    child.stderr.on('data', (text: Buffer) => {
      errors += text;
    });
    const code = await new Promise<number | null>((done) => child.on('close', done));
    clearTimeout(killer);
    if (code !== 0 && code !== null) throw new Error(errors);
    return code;
  }

  it('brings every row once, wherever the process is killed', async () => {
    const [all, means] = [await fixture.topic(3), await fixture.topic(2)];
    const sql = `
      CREATE TABLE load (ts TIMESTAMP, host VARCHAR, n BIGINT)
        WITH (connector = file, path = '../load-*.csv', partition_by = file, event_time = ts, max_lateness = '5 s');
      CREATE TABLE everything (ts TIMESTAMP, host VARCHAR, n BIGINT)
        WITH (role = sink, connector = kafka, brokers = '${fixture.cluster.addresses()}', topic = '${all}', key = host, timestamp = ts, compression = zstd);
      CREATE TABLE means (window_start TIMESTAMP, host VARCHAR, n BIGINT)
        WITH (role = sink, connector = kafka, brokers = '${fixture.cluster.addresses()}', topic = '${means}', key = 'window_start, host', format = csv);
      INSERT INTO everything SELECT ts, host, n FROM load;
      INSERT INTO means SELECT window_start, host, count(*) AS n FROM tumble(load, ts, INTERVAL '10 seconds') GROUP BY window_start, window_end, host;`;
    let kills = 0;
    for (const [index, point] of points.entries()) {
      // Not always at the first epoch. So slow that rows are left for the next one.
      const code = await run('killed', sql, whole ? '40' : '150', { [faultVariable]: `${point}:${1 + (index % 3)}` });
      if (code === null) kills++;
    }
    expect(kills).toBeGreaterThanOrEqual(points.length / 2);
    expect(await run('killed', sql, 'Infinity')).toBe(0);
    const { records } = await readTopic(fixture.options(all));
    const numbers = records.map(({ value }) => (JSON.parse(value as string) as { n: number }).n).sort((a, b) => a - b);
    expect(numbers.length).toBe(rows);
    expect(numbers.findIndex((n, index) => n !== index)).toBe(-1);
    const windows = (await readTopic(fixture.options(means))).records.map(({ value }) => (value as string).split(','));
    expect(new Set(windows.map(([at, host]) => `${at} ${host}`)).size).toBe(windows.length);
    expect(windows.length).toBe((rows / 100) * 5);
    expect(windows.reduce((sum, fields) => sum + Number(fields[2]), 0)).toBe(rows);
    expect(await fixture.java.consume(all)).toMatch(new RegExp(`^${rows} `));
  }, 600_000);

  it.skipIf(!whole)(
    'keeps the newest row of each key where a result changes',
    async () => {
      const topic = await fixture.topic(2, { 'cleanup.policy': 'compact' });
      const sql = `
      CREATE TABLE load (ts TIMESTAMP, host VARCHAR, n BIGINT)
        WITH (connector = file, path = '../load-*.csv', partition_by = file, event_time = ts, max_lateness = '5 s');
      CREATE TABLE latest (host VARCHAR, rows BIGINT, total HUGEINT)
        WITH (role = sink, connector = kafka, brokers = '${fixture.cluster.addresses()}', topic = '${topic}', key_format = json);
      CREATE MATERIALIZED VIEW totals WITH (emit = changes, state_ttl = '1 day') AS
        SELECT host, count(*) AS rows, sum(n) AS total FROM load WHERE n % 10 <> 7 GROUP BY host;
      INSERT INTO latest SELECT host, rows, total FROM totals;`;
      await run('changes', sql, '600', { [faultVariable]: 'publish_committed:2' });
      expect(await run('changes', sql, 'Infinity')).toBe(0);
      const newest = new Map((await readTopic(fixture.options(topic))).records.map(({ key, value }) => [key, value]));
      const expected = new Map(
        [0, 1, 2, 3, 4].map((host) => {
          const own = Array.from({ length: rows }, (_, n) => n).filter((n) => n % 5 === host && n % 10 !== 7);
          const total = own.reduce((sum, n) => sum + n, 0);
          return [`{"host":"host-${host}"}`, `{"host":"host-${host}","rows":${own.length},"total":${total}}`];
        }),
      );
      expect(newest).toEqual(expected);
    },
    300_000,
  );
});
