import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { millrace, temporaryFolder } from '../cli/run-millrace.ts';
import { kafkaIsHere, useKafka } from './support/fixture.ts';

const runMsMax = 120_000;

describe.skipIf(!kafkaIsHere)('rows that state needs and retention has removed', () => {
  const fixture = useKafka();
  const folder = temporaryFolder();
  const data = mkdtempSync(join(tmpdir(), 'millrace-lost-'));
  afterAll(() => {
    folder.remove();
    rmSync(data, { recursive: true, force: true });
  });
  const command = (...args: string[]) => millrace([...args, '--data', data], { timeoutMs: runMsMax });

  it('are not left out in silence, whatever on_offset_out_of_range says', async () => {
    const topic = await fixture.topic(1);
    const producer = fixture.kafka.producer();
    await producer.connect();
    const produce = (first: number, count: number) =>
      producer.send({
        topic,
        messages: Array.from({ length: count }, (_, index) => ({
          value: JSON.stringify({ ts: new Date(Date.UTC(2026, 0, 1) + (first + index) * 10).toISOString(), k: `k${index % 3}` }),
        })),
      });
    await produce(0, 300);
    writeFileSync(
      join(folder.path, 'q.sql'),
      `CREATE TABLE m (ts TIMESTAMP, k VARCHAR) WITH (connector = kafka, brokers = '${fixture.cluster.addresses()}', topic = '${topic}',
         event_time = ts, on_offset_out_of_range = earliest, "end" = latest);
       CREATE MATERIALIZED VIEW totals WITH (emit = changes, state_ttl = '1000 d') AS SELECT k, count(*) AS n FROM m GROUP BY k;
       CREATE MATERIALIZED VIEW plain AS SELECT ts, k FROM m;`,
    );
    expect((await command('run', folder.path, '--until-end')).code).toBe(0);
    await fixture.java.tell('delete', topic, 0, 120);
    await produce(300, 30);
    await producer.disconnect();
    const check = await command('check', folder.path);
    expect(check.stdout).toMatch(/partition 0: rows that are needed are GONE: offset 0 is needed, and the log has 120 to 330/);
    expect(check.code).toBe(1);
    const refused = await command('run', folder.path, '--until-end');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toMatch(/rows that \S*totals must read again are gone: partition 0: offset 0 is needed/);
    const id = /--forget (\S+)/.exec(refused.stderr)?.[1] as string;
    const accepted = await command('run', folder.path, '--until-end', '--forget', id);
    expect(accepted.stderr).not.toContain('error');
    expect(accepted.code).toBe(0);
    const rows = async (sql: string) => JSON.parse((await command('sql', sql, '--format', 'json')).stdout) as Record<string, unknown>[];
    expect(await rows('SELECT count(*)::INTEGER AS n FROM plain')).toEqual([{ n: 330 }]);
    expect(await rows('SELECT count(*)::INTEGER AS n FROM totals')).toEqual([{ n: 3 }]);
  }, 300_000);
});
