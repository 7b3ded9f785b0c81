import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { missingTools } from '../../test/kafka/broker/jars.ts';
import { KafkaCluster } from '../../test/kafka/broker/cluster.ts';
import { JavaClient } from '../../test/kafka/support/java-client.ts';
import type { ConsumeTask, Figures } from './consumed.ts';

const run = promisify(execFile);
const runMsMax = 300_000;
const clients = ['millrace', 'kafkajs', 'platformatic', 'java'] as const;
type Client = (typeof clients)[number];

interface Topic {
  readonly name: string;
  readonly codec: string;
  readonly bytes: number;
  readonly messages: number;
}

/** Consume-only: every client reads the same topics, counts and checksums are compared. */
export async function kafka(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      messages: { type: 'string', default: '1000000' },
      clients: { type: 'string', default: clients.join(',') },
      topics: { type: 'string', default: 'none-105,lz4-105,zstd-105,none-360,none-65536' },
      'no-crc': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const missing = missingTools();
  if (missing !== null) throw new Error(`no Kafka broker: ${missing}`);
  const cluster = await KafkaCluster.start({ properties: { 'log.segment.bytes': 1 << 30 } });
  const java = await JavaClient.start(cluster);
  try {
    for (const topic of values.topics.split(',').map((name) => topicOf(name, Number(values.messages)))) {
      await java.tell('create', topic.name);
      await java.produce(topic.name, 0, 0, topic.messages, topic.bytes, topic.codec);
      const options: Record<string, string> = values['no-crc'] ? { check_crc: 'false' } : {};
      const task: ConsumeTask = { brokers: cluster.addresses(), topic: topic.name, messages: topic.messages, options };
      let expected: Figures | null = null;
      for (const client of values.clients.split(',') as Client[]) {
        const figures = client === 'java' ? await measureJava(java, topic) : await measureNode(client, task);
        const same = expected === null || (expected.sum === figures.sum && expected.messages === figures.messages);
        expected ??= figures;
        process.stdout.write(
          values.json ? `${JSON.stringify({ topic: topic.name, client, same, ...figures })}\n` : line(topic, client, figures, same),
        );
      }
    }
  } finally {
    await java.close();
    await cluster.stop();
  }
}

function topicOf(name: string, messages: number): Topic {
  const [codec, bytes] = name.split('-') as [string, string];
  return { name, codec, bytes: Number(bytes), messages: Number(bytes) > 10_000 ? Math.ceil(messages / 100) : messages };
}

async function measureNode(client: Client, task: ConsumeTask): Promise<Figures> {
  const worker = join(import.meta.dirname, 'consume-worker.ts');
  const { stdout } = await run(process.execPath, ['--no-warnings', '--no-liftoff', worker, client, JSON.stringify(task)], {
    timeout: runMsMax,
  });
  return JSON.parse(stdout) as Figures;
}

/** The process has read nothing before but is warm from producing; its memory is not measured. */
async function measureJava(java: JavaClient, { name, messages }: Topic): Promise<Figures> {
  const [count, sum, wallMs, cpuMs] = (await java.tell('measure', name, messages)).split(' ').map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return { messages: count, sum, wallMs, cpuMs, memoryBytes: Number.NaN };
}

function line({ name, bytes }: Topic, client: string, { messages, wallMs, cpuMs, memoryBytes }: Figures, same: boolean): string {
  const perSecond = messages / wallMs;
  const cells = [
    name.padEnd(12),
    client.padEnd(13),
    `${((cpuMs * 1000) / messages).toFixed(3)} CPU s/M`.padStart(16),
    `${perSecond.toFixed(0)} k/s`.padStart(11),
    `${((perSecond * bytes) / 1000).toFixed(0)} MB/s`.padStart(10),
    Number.isNaN(memoryBytes) ? ''.padStart(8) : `${(memoryBytes / 1e6).toFixed(0)} MB`.padStart(8),
    same ? '' : 'OTHER RESULTS',
  ];
  return `${cells.join(' ')}\n`;
}
