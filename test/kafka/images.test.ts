import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { millrace, temporaryFolder } from '../cli/run-millrace.ts';
import { EngineProcess } from '../crash/engine-process.ts';
import { kafkaIsHere, useKafka } from './support/fixture.ts';

const runMsMax = 120_000;
const first = 3_000;
const second = 500;

describe.skipIf(!kafkaIsHere)('an image of memory', () => {
  const fixture = useKafka();
  const folder = temporaryFolder();
  const data = mkdtempSync(join(tmpdir(), 'millrace-image-'));
  afterAll(() => {
    folder.remove();
    rmSync(data, { recursive: true, force: true });
  });
  const command = (...args: string[]) => millrace([...args, '--data', data], { timeoutMs: runMsMax });
  const rows = async (sql: string) => JSON.parse((await command('sql', sql, '--format', 'json')).stdout) as Record<string, unknown>[];

  it('stands for rows of open windows that retention has removed', async () => {
    const topic = await fixture.topic(1);
    const producer = fixture.kafka.producer();
    await producer.connect();
    const produce = (from: number, count: number) =>
      producer.send({
        topic,
        messages: Array.from({ length: count }, (_, index) => ({
          value: JSON.stringify({
            ts: new Date(Date.UTC(2026, 0, 1) + (from + index) * 100).toISOString(),
            k: `k${index % 3}`,
            v: from + index,
          }),
        })),
      });
    const write = (ends: boolean) =>
      writeFileSync(
        join(folder.path, 'q.sql'),
        `CREATE TABLE m (ts TIMESTAMP, k VARCHAR, v BIGINT) WITH (connector = kafka, brokers = '${fixture.cluster.addresses()}',
           topic = '${topic}', event_time = ts, format = json ${ends ? ', "end" = latest' : ''});
         CREATE MATERIALIZED VIEW totals WITH (emit = changes, state_ttl = '1000 d') AS SELECT k, count(*)::INTEGER AS n, sum(v)::INTEGER AS total
           FROM m GROUP BY k;
         CREATE MATERIALIZED VIEW hourly AS SELECT window_start, count(*)::INTEGER AS n, min(v)::INTEGER AS least
           FROM tumble(m, ts, INTERVAL '1 hour') GROUP BY window_start, window_end;`,
      );
    write(false);
    await produce(0, first);
    const engine = new EngineProcess({ queries: folder.path, data, lanes: null, faultAt: null, snapshotEvery: '100ms' });
    const until = Date.now() + runMsMax;
    const images = () => {
      try {
        return readdirSync(join(data, 'snapshots')).filter((name) => name.endsWith('.image'));
      } catch {
        return [];
      }
    };
    // The first image may be of fewer rows: the last ones of what came in drops by drops.
    let sent = first;
    while (images().length < 2 && Date.now() < until) {
      await produce(sent, 1);
      sent++;
      await delay(300);
    }
    await delay(2_000);
    engine.kill();
    await engine.exited;
    expect(images().length, engine.errors).toBeGreaterThanOrEqual(2);
    await fixture.java.tell('delete', topic, 0, first - 100);
    await produce(sent, second);
    await producer.disconnect();
    write(true);
    const check = await command('check', folder.path);
    expect(check.stdout).toMatch(/image of memory of .*totals.*: is used, and only what came after it is read again/);
    expect(check.stdout).not.toContain('GONE');
    expect(check.code).toBe(0);
    const end = await command('run', folder.path, '--until-end');
    expect(end.code, end.stderr).toBe(0);
    const all = sent + second;
    const sum = (all * (all - 1)) / 2;
    expect(await rows('SELECT sum(n)::INTEGER AS n, sum(total)::INTEGER AS total FROM totals')).toEqual([{ n: all, total: sum }]);
    expect(await rows('SELECT sum(n)::INTEGER AS n, min(least)::INTEGER AS least FROM hourly')).toEqual([{ n: all, least: 0 }]);
  }, 300_000);
});
