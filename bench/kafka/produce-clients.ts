import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MessageToProduce, ProduceAcks, Producer } from '@platformatic/kafka';
import kafkajs from 'kafkajs';
import type { Batch } from '../../connectors/batch.ts';
import type { ColumnSpec } from '../../connectors/data-type.ts';
import { kafkaSink } from '../../connectors/kafka/sink/kafka-sink.ts';
import { TransactionalProducer } from '../../connectors/kafka/produce/transactional-producer.ts';
import { clusterAt } from '../../test/kafka/support/client.ts';
import { sinkOptionValues } from '../../test/kafka/support/option-values.ts';
import { buildBatch } from '../../test/store/build-batch.ts';

export interface ProduceTask {
  readonly brokers: string;
  readonly topic: string;
  readonly messages: number;
  readonly compression: 'none' | 'gzip' | 'zstd';
}

/** Writes so many rows; calls `started` when it is connected. */
export type Produce = (task: ProduceTask, started: () => void) => Promise<void>;

const chunkRows = 8_192;
const columns: readonly ColumnSpec[] = [
  { name: 'host', type: { kind: 'varchar' }, nullable: false },
  { name: 'n', type: { kind: 'bigint' }, nullable: false },
  { name: 'value', type: { kind: 'double' }, nullable: false },
  { name: 'text', type: { kind: 'varchar' }, nullable: false },
];
const text = 'a few words, as messages have them';
const hostOf = (n: number) => `host-${n % 100}`;
const jsonOf = (n: number) => JSON.stringify({ host: hostOf(n), n, value: n / 8, text });

function* chunks(messages: number): Generator<readonly [first: number, count: number]> {
  for (let first = 0; first < messages; first += chunkRows) yield [first, Math.min(chunkRows, messages - first)];
}

/** The whole sink: rows in columns, JSON, spool on the disk, transactions. */
const sink: Produce = async ({ brokers, topic, messages, compression }, started) => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const batches: Batch[] = [...chunks(messages)].map(([first, count]) =>
    buildBatch(
      columns,
      Array.from({ length: count }, (_, index) => [hostOf(first + index), BigInt(first + index), (first + index) / 8, text]),
    ),
  );
  const options = sinkOptionValues({ brokers, topic, compression, key: 'host' });
  const context = { sink: 'out', columns, options, changes: false, key: null, directory: folder, folder, committed: new Map() };
  const writer = await kafkaSink.open({ ...context, clock: { now: Date.now }, tell: () => undefined });
  started();
  for (let number = 1; batches.length > 0; number++) {
    const epoch = { writer: '0', number };
    for (const batch of batches.splice(0, 16)) await writer.write(epoch, batch);
    await writer.prepare(epoch);
    await writer.commit(epoch);
  }
  await writer.close();
  rmSync(folder, { recursive: true, force: true });
};

/** Its producer alone, with records that are made as they are sent. */
const producer: Produce = async ({ brokers, topic, messages, compression }, started) => {
  const client = clusterAt(brokers);
  const ours = await TransactionalProducer.open({ client, transactionalId: `bench-${topic}`, transactionTimeoutMs: 60_000, compression });
  started();
  const timestamp = Date.now();
  for (const [first, count] of chunks(messages)) {
    ours.begin();
    const records = Array.from({ length: count }, (_, index) => ({
      key: Buffer.from(hostOf(first + index)),
      value: Buffer.from(jsonOf(first + index)),
      timestamp,
    }));
    await ours.send(topic, 0, records);
    await ours.commit();
  }
  client.close();
};

const kafkaJs: Produce = async ({ brokers, topic, messages, compression }, started) => {
  const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
  const theirs = kafka.producer({ transactionalId: `bench-${topic}`, idempotent: true, maxInFlightRequests: 1 });
  await theirs.connect();
  started();
  for (const [first, count] of chunks(messages)) {
    const transaction = await theirs.transaction();
    const records = Array.from({ length: count }, (_, index) => ({ key: hostOf(first + index), value: jsonOf(first + index) }));
    const codec = compression === 'gzip' ? kafkajs.CompressionTypes.GZIP : kafkajs.CompressionTypes.None;
    await transaction.send({ topic, messages: records, acks: -1, compression: codec });
    await transaction.commit();
  }
  await theirs.disconnect();
};

/** Idempotent, without transactions. */
const platformatic: Produce = async ({ brokers, topic, messages, compression }, started) => {
  const theirs = new Producer<Buffer, Buffer, Buffer, Buffer>({
    clientId: 'bench',
    bootstrapBrokers: brokers.split(','),
    idempotent: true,
    compression,
  });
  await theirs.metadata({ topics: [topic] });
  started();
  for (const [first, count] of chunks(messages)) {
    const records: MessageToProduce<Buffer, Buffer, Buffer, Buffer>[] = Array.from({ length: count }, (_, index) => ({
      topic,
      key: Buffer.from(hostOf(first + index)),
      value: Buffer.from(jsonOf(first + index)),
    }));
    await theirs.send({ messages: records, acks: ProduceAcks.ALL });
  }
  await theirs.close();
};

export const producers: Readonly<Record<string, Produce>> = { sink, producer, kafkajs: kafkaJs, platformatic };
