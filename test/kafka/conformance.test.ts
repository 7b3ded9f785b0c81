import { afterAll, describe, it } from 'vitest';
import type { DecoderProgram } from '../../connectors/formats/decoder.ts';
import { kafka } from '../../connectors/kafka/kafka.ts';
import type { OptionValues } from '../../connectors/options.ts';
import { Compiler } from '../../engine/compile/compiler.ts';
import { parseOptions } from '../../engine/sql/options.ts';
import { conformanceSuite } from '../connectors/conformance.ts';
import { column } from '../connectors/open-source.ts';
import { Kafka, logLevel } from 'kafkajs';
import { KafkaCluster } from './broker/cluster.ts';
import { kafkaIsHere } from './support/fixture.ts';

const columns = [
  column('ts', 'timestamp'),
  column('number', 'bigint'),
  column('name', 'varchar'),
  column('_offset', 'bigint'),
  column('share', 'double'),
  column('_partition', 'integer'),
  column('_key', 'varchar'),
];
const messagesPerPartition = 9_000;

function options(written: Readonly<Record<string, string>>): OptionValues {
  const span = { start: 0, end: 1 };
  const raw = Object.entries(written).map(([name, value]) => ({ name, value, nameSpan: span, valueSpan: span }));
  const report = (error: Error) => {
    throw error;
  };
  return parseOptions(kafka.options, raw, { span, owner: 'kafka', columns: columns.map(({ name }) => name), report });
}

async function produce(brokers: string): Promise<void> {
  const client = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'rows', numPartitions: 2 }], waitForLeaders: true });
  await admin.disconnect();
  const producer = client.producer();
  await producer.connect();
  for (let first = 0; first < messagesPerPartition; first += 1_000) {
    const messages = [0, 1].flatMap((partition) =>
      Array.from({ length: 1_000 }, (_, index) => {
        const number = first + index;
        const ts = new Date(1_700_000_000_000 + number * 1000).toISOString();
        const row = { ts, number, name: number % 5 === 0 ? null : `name ${number % 37}`, share: number / 7 };
        return { partition, key: `k${number % 3}`, value: JSON.stringify(row) };
      }),
    );
    await producer.send({ topic: 'rows', messages });
  }
  await producer.disconnect();
}

if (kafkaIsHere) {
  const cluster = await KafkaCluster.start();
  afterAll(() => cluster.stop());
  await produce(cluster.addresses());
  const given = options({ brokers: cluster.addresses(), topic: 'rows', end: 'latest' });
  const every = columns.map((_, index) => index);
  const compiler = new Compiler({ cacheDirectory: null });
  const programs = new Map<string, DecoderProgram>();
  for (const needed of [every, every.filter((index) => index % 2 === 1 || index === 0), [0]]) {
    const spec = kafka.decoder?.(columns, needed, given);
    if (spec) programs.set(needed.join(), await compiler.compileDecoder('rows', spec));
  }
  await compiler.close();
  conformanceSuite({
    name: 'kafka: JSON',
    connector: kafka,
    columns,
    options: given,
    directory: '.',
    eventTime: 0,
    bounded: true,
    faulty: [column('_offset', 'varchar'), column('_partition', 'double')],
    unopenable: options({ brokers: cluster.addresses(), topic: 'nowhere' }),
    decoder: (needed) => programs.get(needed.join()) as DecoderProgram,
  });
} else {
  describe.skip('kafka: JSON conforms', () => it('needs a broker', () => undefined));
}
