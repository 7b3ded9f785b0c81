import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { millrace, temporaryFolder } from '../cli/run-millrace.ts';
import { kafkaIsHere, useKafka } from './support/fixture.ts';
import { readTopic } from './support/raw-source.ts';

const runMsMax = 120_000;
const compactionMsMax = 120_000;
const keys = 10;
const first = 400;
const later = 60;
const begin = Date.UTC(2026, 0, 1);

describe.skipIf(!kafkaIsHere)('a compacted topic that is read again after a restart', () => {
  const fixture = useKafka({ properties: { 'log.cleaner.backoff.ms': 100, 'log.initial.task.delay.ms': 100 } });
  const folder = temporaryFolder();
  const data = mkdtempSync(join(tmpdir(), 'millrace-compacted-'));
  afterAll(() => {
    folder.remove();
    rmSync(data, { recursive: true, force: true });
  });
  const command = (...args: string[]) => millrace([...args, '--data', data], { timeoutMs: runMsMax });

  it('gives no row twice, and what is gone is told', async () => {
    const topic = await fixture.topic(1, {
      'cleanup.policy': 'compact',
      'segment.ms': '200',
      'min.cleanable.dirty.ratio': '0.001',
      'max.compaction.lag.ms': '200',
    });
    const producer = fixture.kafka.producer();
    await producer.connect();
    const produce = (from: number, count: number, key = (n: number) => `k${n % keys}`) =>
      producer.send({
        topic,
        messages: Array.from({ length: count }, (_, index) => from + index).map((n) => ({
          key: key(n),
          value: JSON.stringify({ ts: new Date(begin + n * 10).toISOString(), n }),
        })),
      });
    await produce(0, first);
    writeFileSync(
      join(folder.path, 'q.sql'),
      `CREATE TABLE m (ts TIMESTAMP, n BIGINT) WITH (connector = kafka, brokers = '${fixture.cluster.addresses()}', topic = '${topic}',
         event_time = ts, "end" = latest);
       CREATE MATERIALIZED VIEW plain AS SELECT ts, n FROM m;
       CREATE MATERIALIZED VIEW totals WITH (emit = changes, state_ttl = '1000 d') AS SELECT n % 2 AS odd, count(*) AS rows FROM m GROUP BY n % 2;`,
    );
    expect((await command('run', folder.path, '--until-end')).code).toBe(0);
    // The segment that is written to is not compacted.
    await delay(500);
    await produce(first, later, (n) => `later-${n}`);
    const until = Date.now() + compactionMsMax;
    const left = async () => (await readTopic(fixture.options(topic))).records.filter(({ offset }) => offset < first).length;
    while ((await left()) === first && Date.now() < until) await delay(200);
    await delay(1_000);
    const kept = await left();
    expect(kept).toBeLessThan(first);
    await producer.disconnect();

    const again = await command('run', folder.path, '--until-end');
    expect(again.code, again.stderr).toBe(0);
    expect(`${again.stdout}${again.stderr}`).toMatch(
      new RegExp(`${first - kept} rows of partition 0 that open windows and groups held are gone`),
    );
    const rows = async (sql: string) => JSON.parse((await command('sql', sql, '--format', 'json')).stdout) as Record<string, unknown>[];
    expect(await rows('SELECT count(*)::INTEGER AS n, count(DISTINCT n)::INTEGER AS d FROM plain')).toEqual([
      { n: first + later, d: first + later },
    ]);
    expect(await rows('SELECT sum(rows)::INTEGER AS n FROM totals')).toEqual([{ n: kept + later }]);
  }, 400_000);
});
