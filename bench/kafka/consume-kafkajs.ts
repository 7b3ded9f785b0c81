import { createRequire } from 'node:module';
import { zstdDecompressSync } from 'node:zlib';
import { compressionsAlgorithms } from '@platformatic/kafka';
import kafkajs from 'kafkajs';
import { arrowRows } from './arrow-rows.ts';
import { type Consume, plainWork } from './consumed.ts';

const { CompressionCodecs, CompressionTypes } = createRequire(import.meta.url)('kafkajs') as {
  CompressionCodecs: Record<number, unknown>;
  CompressionTypes: Record<string, number>;
};

export const consume: Consume = async (task, started, ended) => {
  const codec = (decompress: (bytes: Buffer) => Buffer) => () => ({
    compress: async () => Buffer.alloc(0),
    decompress: async (bytes: Buffer) => decompress(bytes),
  });
  CompressionCodecs[CompressionTypes.LZ4 as number] = codec((bytes) => Buffer.from(compressionsAlgorithms.lz4.decompressSync(bytes)));
  CompressionCodecs[CompressionTypes.ZSTD as number] = codec((bytes) => zstdDecompressSync(bytes));
  const kafka = new kafkajs.Kafka({ brokers: task.brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({
    groupId: `bench-${process.pid}`,
    maxBytes: 8 << 20,
    maxBytesPerPartition: 4 << 20,
    readUncommitted: false,
  });
  const work = plainWork(task, arrowRows);
  let seen = 0;
  started();
  await consumer.connect();
  await consumer.subscribe({ topic: task.topic, fromBeginning: true });
  await new Promise<void>((resolve) => {
    consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: true,
      eachBatch: async ({ batch }) => {
        for (const { value } of batch.messages) work.take(value as Buffer);
        seen += batch.messages.length;
        if (seen >= task.messages) resolve();
      },
    });
  });
  const result = work.result();
  ended();
  return { ...result, close: () => consumer.disconnect() };
};
