import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { millrace } from '../../cli/run-millrace.ts';
import { GroupProcess } from '../../crash/group/support/group-process.ts';
import { kafkaIsHere, useKafka } from '../support/fixture.ts';

const waitMsMax = 90_000;
const sqlMsMax = 60_000;

describe.skipIf(!kafkaIsHere)('a topic that is deleted while it is read', () => {
  const fixture = useKafka();
  let running: GroupProcess | null = null;
  let folder = '';
  afterEach(async () => {
    if (running?.running) await running.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (gone: string, other: string, options: string) => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-deleted-'));
    const queries = join(folder, 'queries');
    mkdirSync(queries);
    const source = (name: string, topic: string, more: string) =>
      `CREATE TABLE ${name} (n BIGINT) WITH (connector = kafka, brokers = '${fixture.cluster.addresses()}', topic = '${topic}', metadata_max_age = '1 s'${more});
       CREATE MATERIALIZED VIEW of_${name} AS SELECT n FROM ${name};`;
    writeFileSync(join(queries, 'all.sql'), `${source('gone', gone, options)}\n${source('other', other, '')}`);
    running = new GroupProcess({ name: 'one', queries, data: join(folder, 'data'), arguments: [] });
    return running;
  };
  const count = async (view: string) => {
    const done = await millrace(['sql', `SELECT count(*)::INTEGER AS n FROM ${view}`, '--data', join(folder, 'data'), '--format', 'json'], {
      timeoutMs: sqlMsMax,
    });
    return done.code === 0 ? Number((JSON.parse(done.stdout) as { n: number }[])[0]?.n) : -1;
  };
  const until = async (view: string, rows: number) => {
    const end = Date.now() + waitMsMax;
    let found = -1;
    while (found !== rows && Date.now() < end) {
      await delay(300);
      found = await count(view);
    }
    expect(found, running?.trouble).toBe(rows);
  };
  const produce = async (topic: string, from: number, rows: number) => {
    const producer = fixture.kafka.producer();
    await producer.connect();
    const messages = Array.from({ length: rows }, (_, index) => ({ value: JSON.stringify({ n: from + index }) }));
    await producer.send({ topic, messages });
    await producer.disconnect();
  };
  const drop = async (topic: string) => {
    const admin = fixture.kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  };
  const remake = async (topic: string) => {
    const admin = fixture.kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    await admin.disconnect();
    await delay(1_000);
  };

  it('stops its source only, and says so', async () => {
    const [gone, other] = [await fixture.topic(), await fixture.topic()];
    await produce(gone, 0, 10);
    const engine = start(gone, other, '');
    await until('of_gone', 10);
    await drop(gone);
    await engine.until('word that the source has failed', ({ events }) => events.some(({ text }) => /has failed/.test(text)));
    const [failure] = engine.events.filter(({ text }) => /has failed/.test(text));
    expect(failure?.text).toMatch(/source gone has failed: .*topic \S+: the topic is gone: it was deleted/);
    await produce(other, 0, 7);
    await until('of_other', 7);
    expect(engine.running).toBe(true);
  }, 300_000);

  it('is waited for where that is wanted, and the one made anew is read from its beginning where that is wanted too', async () => {
    const [gone, other] = [await fixture.topic(), await fixture.topic()];
    await produce(gone, 0, 10);
    const engine = start(gone, other, ', on_topic_deleted = wait, on_offset_out_of_range = earliest');
    await until('of_gone', 10);
    await drop(gone);
    await engine.until('word that the source waits', ({ events }) => events.some(({ text }) => /source gone waits/.test(text)));
    // Longer than a source that does not wait would.
    await delay(32_000);
    await produce(other, 0, 7);
    await until('of_other', 7);
    expect(engine.events.filter(({ text }) => /has failed/.test(text))).toEqual([]);
    await remake(gone);
    await produce(gone, 100, 15);
    await until('of_gone', 25);
    expect(await count("gone__rejected WHERE reason LIKE '%deleted and made anew%'")).toBe(1);
  }, 300_000);

  it('and made anew at once is told apart: nothing of it is taken for what was read', async () => {
    const [gone, other] = [await fixture.topic(), await fixture.topic()];
    await produce(gone, 0, 10);
    const engine = start(gone, other, ', on_topic_deleted = wait');
    await until('of_gone', 10);
    await drop(gone);
    await remake(gone);
    await produce(gone, 100, 15);
    await engine.until('word that the source has failed', ({ events }) => events.some(({ text }) => /has failed/.test(text)));
    expect(engine.events.find(({ text }) => /has failed/.test(text))?.text).toMatch(/deleted and made anew/);
    await produce(other, 0, 7);
    await until('of_other', 7);
    expect(await count('of_gone')).toBe(10);
  }, 300_000);
});
