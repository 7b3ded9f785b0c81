import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { KafkaCluster } from '../../test/kafka/broker/cluster.ts';
import { missingTools } from '../../test/kafka/broker/jars.ts';
import { JavaClient } from '../../test/kafka/support/java-client.ts';
import type { ProduceTask } from './produce-clients.ts';

const run = promisify(execFile);
const runMsMax = 300_000;

/** Rows written to one partition as JSON of some 90 bytes, by transactions of at least 8,192; Java's consumer counts them. */
export async function kafkaProduce(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      messages: { type: 'string', default: '500000' },
      clients: { type: 'string', default: 'sink,producer,kafkajs,platformatic' },
      compression: { type: 'string', default: 'none,gzip' },
    },
  });
  const missing = missingTools();
  if (missing !== null) throw new Error(`no Kafka broker: ${missing}`);
  const cluster = await KafkaCluster.start({ properties: { 'log.segment.bytes': 1 << 30 } });
  const java = await JavaClient.start(cluster);
  const worker = join(import.meta.dirname, 'produce-worker.ts');
  const messages = Number(values.messages);
  try {
    for (const compression of values.compression.split(',') as ProduceTask['compression'][]) {
      for (const client of values.clients.split(',')) {
        const topic = `${client}-${compression}`;
        await java.tell('create', topic);
        const task: ProduceTask = { brokers: cluster.addresses(), topic, messages, compression };
        const { stdout } = await run(process.execPath, ['--no-warnings', worker, client, JSON.stringify(task)], { timeout: runMsMax });
        const { wallMs, cpuMs, memoryBytes } = JSON.parse(stdout) as { wallMs: number; cpuMs: number; memoryBytes: number };
        const [count] = (await java.consume(topic)).split(' ');
        const cells = [
          compression.padEnd(6),
          client.padEnd(13),
          `${((cpuMs * 1000) / messages).toFixed(2)} CPU s/M`.padStart(15),
          `${(messages / wallMs).toFixed(0)} k/s`.padStart(9),
          `${(memoryBytes / 1e6).toFixed(0)} MB`.padStart(8),
          Number(count) === messages ? '' : `${count} OF ${messages} MESSAGES`,
        ];
        process.stdout.write(`${cells.join(' ')}\n`);
      }
    }
  } finally {
    await java.close();
    await cluster.stop();
  }
}
