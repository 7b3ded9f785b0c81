import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { kafkaIsHere, useKafka } from './support/fixture.ts';

const millrace = join(import.meta.dirname, '..', '..', 'engine', 'cli', 'millrace.mjs');
const runMsMax = 90_000;

describe.skipIf(!kafkaIsHere)('queries over a topic', () => {
  const fixture = useKafka();
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-queries-'));
  const data = join(folder, 'data');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const command = (...args: string[]) => {
    const done = spawnSync(process.execPath, [millrace, ...args, '--data', data], { encoding: 'utf8', timeout: runMsMax });
    if (done.status !== 0) throw new Error(`${args[0]}: ${done.stdout}${done.stderr}`);
    return done.stdout;
  };
  const rows = (sql: string) => JSON.parse(command('sql', sql, '--format', 'json')) as Record<string, unknown>[];

  it('come to what was produced, with what could not be read beside, and go on after a restart', async () => {
    const topic = await fixture.topic(3);
    const producer = fixture.kafka.producer();
    await producer.connect();
    const base = Date.UTC(2026, 0, 1);
    const produce = async (first: number, count: number) => {
      const messages = Array.from({ length: count }, (_, index) => {
        const number = first + index;
        const value =
          number % 500 === 499
            ? 'no JSON'
            : JSON.stringify({ ts: new Date(base + number * 10).toISOString(), host: `h${number % 5}`, v: number });
        return { partition: number % 3, key: `k${number % 7}`, value };
      });
      await producer.send({ topic, messages });
    };
    await produce(0, 9_000);
    writeFileSync(
      join(folder, 'orders.sql'),
      `CREATE TABLE m (ts TIMESTAMP, host VARCHAR, v BIGINT, _key VARCHAR, _partition INTEGER, _offset BIGINT) WITH (
         connector = 'kafka', brokers = '${fixture.cluster.addresses()}', topic = '${topic}', event_time = 'ts', max_lateness = '10 s', "end" = 'latest');
       CREATE MATERIALIZED VIEW w AS
         SELECT window_start, host, count(*) AS n, sum(v) AS total, min(_key) AS k, max(_partition) AS p
         FROM TUMBLE(m, ts, INTERVAL '10 seconds') GROUP BY window_start, host;`,
    );
    command('run', folder, '--until-end');
    expect(rows('SELECT count(*)::INTEGER AS windows, sum(n)::INTEGER AS n FROM w')).toEqual([{ windows: 45, n: 8_982 }]);
    expect(rows('SELECT count(*)::INTEGER AS n, min(reason) AS reason FROM m__rejected')).toEqual([
      { n: 18, reason: 'it is not a JSON object' },
    ]);
    await produce(9_000, 6_000);
    await producer.disconnect();
    command('run', folder, '--until-end');
    const [sum] = rows('SELECT sum(n)::INTEGER AS n, sum(total)::BIGINT AS total, min(k) AS k, max(p) AS p FROM w');
    const good = Array.from({ length: 15_000 }, (_, number) => number).filter((number) => number % 500 !== 499);
    expect(sum).toMatchObject({ n: good.length, k: 'k0', p: 2 });
    expect(Number(sum?.total)).toBe(good.reduce((total, number) => total + number, 0));
  }, 240_000);
});
