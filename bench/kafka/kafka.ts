import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { KafkaCluster } from '../../test/kafka/broker/cluster.ts';
import { missingTools } from '../../test/kafka/broker/jars.ts';
import { JavaClient } from '../../test/kafka/support/java-client.ts';
import type { ConsumeTask, Figures, Work } from './consumed.ts';
import { makeTopic, type Topic } from './topics.ts';

const run = promisify(execFile);
const runMsMax = 300_000;
const clients = ['millrace', 'kafkajs', 'platformatic', 'java'] as const;
type Client = (typeof clients)[number];
const topics = '105-none,105-lz4,105-zstd,360-none,360-lz4,360-zstd,arrow-none,arrow-lz4,arrow-zstd';

/** Reading, decoding, and the whole way to committed rows: every client reads the same topics, counts and sums are compared. */
export async function kafka(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      messages: { type: 'string', default: '1000000' },
      clients: { type: 'string', default: clients.join(',') },
      topics: { type: 'string', default: topics },
      work: { type: 'string', default: 'consume,decode,aggregate' },
      'no-crc': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const missing = missingTools();
  if (missing !== null) throw new Error(`no Kafka broker: ${missing}`);
  const cluster = await KafkaCluster.start({ properties: { 'log.segment.bytes': 1 << 30 } });
  const java = await JavaClient.start(cluster);
  const options: Record<string, string> = values['no-crc'] ? { check_crc: 'false' } : {};
  try {
    for (const name of values.topics.split(',')) {
      const topic = await makeTopic(java, name, Number(values.messages));
      for (const work of values.work.split(',') as Work[]) {
        const task: ConsumeTask = { brokers: cluster.addresses(), ...topic, topic: name, work, options };
        let expected: Figures | null = null;
        for (const client of values.clients.split(',') as Client[]) {
          if (!does(client, work, topic)) continue;
          const figures = client === 'java' ? await measureJava(java, task) : await measureNode(client, task);
          const same = expected === null || (expected.sum === figures.sum && expected.count === figures.count);
          expected ??= figures;
          const text = values.json
            ? `${JSON.stringify({ topic: name, work, client, same, ...figures })}\n`
            : line(topic, work, client, figures, same);
          process.stdout.write(text);
        }
      }
    }
  } finally {
    await java.close();
    await cluster.stop();
  }
}

/** Java has no Arrow here, and only JSON is aggregated. */
function does(client: Client, work: Work, { format }: Topic): boolean {
  if (work === 'aggregate') return format === 'json' && client !== 'java';
  return work === 'consume' || client !== 'java' || format === 'json';
}

/** The kernels of a whole run are in the cache afterwards: the second one is measured. */
async function measureNode(client: Client, task: ConsumeTask): Promise<Figures> {
  const worker = join(import.meta.dirname, 'consume-worker.ts');
  const once = async () => {
    const words = ['--no-warnings', worker, client, JSON.stringify(task)];
    const { stdout } = await run(process.execPath, words, { timeout: runMsMax });
    return JSON.parse(stdout) as Figures;
  };
  if (client === 'millrace' && task.work === 'aggregate') await once();
  return once();
}

/** The process has read nothing before but is warm from producing; its memory is not measured. */
async function measureJava(java: JavaClient, { topic, messages, work }: ConsumeTask): Promise<Figures> {
  const [count, sum, wallMs, cpuMs] = (await java.tell('measure', topic, messages, work)).split(' ').map(Number) as [
    number,
    number,
    number,
    number,
  ];
  return { count, sum, wallMs, cpuMs, memoryBytes: Number.NaN };
}

/** Rates are of messages, of Arrow of rows. */
function line({ name, rows, bytes }: Topic, work: Work, client: string, { wallMs, cpuMs, memoryBytes }: Figures, same: boolean): string {
  const cells = [
    name.padEnd(11),
    work.padEnd(10),
    client.padEnd(13),
    `${((cpuMs * 1000) / rows).toFixed(3)} CPU s/M`.padStart(16),
    `${(rows / cpuMs / 1000).toFixed(2)} M/CPU s`.padStart(14),
    `${(rows / wallMs).toFixed(0)} k/s`.padStart(11),
    `${(bytes / wallMs / 1000).toFixed(0)} MB/s`.padStart(10),
    Number.isNaN(memoryBytes) ? ''.padStart(8) : `${(memoryBytes / 1e6).toFixed(0)} MB`.padStart(8),
    same ? '' : 'OTHER RESULTS',
  ];
  return `${cells.join(' ').trimEnd()}\n`;
}
