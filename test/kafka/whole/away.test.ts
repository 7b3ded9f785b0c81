import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../broker/free-ports.ts';
import { kafkaIsHere, useKafka } from '../support/fixture.ts';
import { BrokerProxy } from '../support/proxy.ts';

const millrace = join(import.meta.dirname, '..', '..', '..', 'engine', 'cli', 'millrace.mjs');
const waitMsMax = 120_000;
const [port, consolePort] = (await freePorts(2)) as [number, number];

interface Overview {
  readonly verdict: { readonly level: string; readonly text: string };
  readonly sources: readonly { readonly status: string; readonly waits: number; readonly waiting: { readonly reason: string } | null }[];
  readonly attention: readonly { readonly kind: string; readonly text: string }[];
  readonly changes: readonly { readonly kind: string; readonly text: string }[];
}

describe.skipIf(!kafkaIsHere)('a run whose broker and topic come and go', () => {
  const fixture = useKafka({ properties: { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}` } });
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-away-'));
  let proxy: BrokerProxy;
  beforeAll(() => {
    if (kafkaIsHere) proxy = new BrokerProxy(port, fixture.cluster.plan.nodes[0]?.ports.PLAINTEXT as number);
  });
  afterAll(async () => {
    await proxy?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const get = async (path: string) => (await fetch(`http://127.0.0.1:${consolePort}${path}`)).text();
  async function until(what: string, enough: (overview: Overview) => boolean): Promise<Overview> {
    const end = Date.now() + waitMsMax;
    let last = 'nothing';
    while (Date.now() < end) {
      last = await get('/api/v1/overview').catch((error: unknown) => String(error));
      if (last.startsWith('{')) {
        const overview = JSON.parse(last) as Overview;
        if (enough(overview)) return overview;
      }
      await delay(200);
    }
    throw new Error(`not in time: ${what}; ${last.slice(0, 3_000)}`);
  }
  const produced = async (topic: string, first: number, count: number) => {
    const producer = fixture.kafka.producer();
    await producer.connect();
    const messages = Array.from({ length: count }, (_, index) => ({
      value: JSON.stringify({ n: first + index, colour: 'red' }),
      headers: { trace: [`t${first + index}`, 'again'] },
    }));
    await producer.send({ topic, messages });
    await producer.disconnect();
  };

  it('waits in sight, does not end, and goes on with every row once', async () => {
    const topic = `late-${process.pid}`;
    writeFileSync(
      join(folder, 'm.sql'),
      `CREATE TABLE m (n BIGINT, _headers STRUCT(name VARCHAR, value VARCHAR)[]) WITH (
         connector = 'kafka', brokers = '127.0.0.1:${port}', topic = '${topic}', metadata_max_age = '1 s');
       CREATE MATERIALIZED VIEW w AS SELECT n, _headers AS h FROM m WHERE n >= 0;`,
    );
    const data = join(folder, 'data');
    const run = spawn(process.execPath, [millrace, 'run', folder, '--data', data, '--port', String(consolePort)], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', CI: '1' },
    });
    let log = '';
    run.stderr.on('data', (text) => (log += text));
    const ended = new Promise<number | null>((resolve) => run.once('exit', resolve));
    const waits = (times: number) => (overview: Overview) =>
      overview.sources[0]?.status === 'waiting' && overview.sources[0].waits === times;
    try {
      // No broker: it is told of, and tried again.
      const first = await until('it waits for the broker', waits(1));
      expect(first.sources[0]?.waiting?.reason).toContain(`127.0.0.1:${port} takes no connections`);
      expect(first.verdict).toMatchObject({ level: 'critical', text: expect.stringContaining('Source m waits') });
      expect(first.attention.map(({ kind }) => kind)).toContain('waiting');
      // A broker, and no topic yet.
      await proxy.open();
      await until('it waits for the topic', ({ sources }) => sources[0]?.waiting?.reason.includes('there is no such topic') ?? false);
      await fixture.java.tell('create', topic);
      await until('it reads', ({ sources }) => sources[0]?.status === 'active');
      await produced(topic, 0, 500);
      await rowsCome(500);
      expect(await get('/metrics')).toMatch(/^millrace_source_unknown_fields_total\{source="m",field="colour"\} 500$/m);
      // The broker goes and comes back.
      await proxy.close();
      await until('it waits once more', waits(2));
      expect(await get('/metrics')).toMatch(/^millrace_source_state\{source="m",state="waiting"\} 1$/m);
      await proxy.open();
      await produced(topic, 500, 500);
      await rowsCome(1_000);
      const { changes } = await until('it goes on', ({ sources }) => sources[0]?.status === 'active' && sources[0].waiting === null);
      const told = changes.filter(({ kind }) => kind === 'source_waits').map(({ text }) => text.split(/[: ]/).slice(0, 4).join(' '));
      expect(told.reverse()).toEqual(['source m waits ', 'source m goes on', 'source m waits ', 'source m goes on']);
      expect(run.exitCode).toBeNull();
      expect(log).toContain('source m waits: connector kafka');
    } finally {
      run.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
  }, 400_000);

  async function rowsCome(count: number): Promise<void> {
    const sql =
      "SELECT count(*)::INTEGER AS n, count(DISTINCT n)::INTEGER AS d, count(*) FILTER (h[1].value = 't' || n AND h[2].value = 'again')::INTEGER AS h FROM w";
    const end = Date.now() + waitMsMax;
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${consolePort}/api/v1/sql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ sql }),
      });
      const text = await answer.text();
      if (text.includes(`[${count},${count},${count}]`)) return;
      if (Date.now() > end) throw new Error(`${count} rows are not there in time: ${text}`);
      await delay(200);
    }
  }
});
