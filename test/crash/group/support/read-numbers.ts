import { setTimeout as delay } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';

/** All there is has been read when nothing has come for so long (ms). */
const quietMs = 4_000;

/** `n` of every committed message of a topic, sorted: what another client sees of it. */
export async function readNumbers(kafka: Kafka, topic: string): Promise<number[]> {
  const consumer = kafka.consumer({ groupId: `reads-${topic}`, sessionTimeout: 30_000, readUncommitted: false });
  const numbers: number[] = [];
  let joined = false;
  let lastAt = Date.now();
  consumer.on('consumer.group_join', () => {
    joined = true;
    lastAt = Date.now();
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachBatch: async ({ batch }) => {
      lastAt = Date.now();
      for (const { value } of batch.messages) numbers.push(Number((JSON.parse(String(value)) as { n: number }).n));
    },
  });
  while (!joined || Date.now() - lastAt < quietMs) await delay(100);
  await consumer.disconnect();
  return numbers.sort((a, b) => a - b);
}
