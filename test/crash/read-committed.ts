import { setTimeout as delay } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';

/** All there is has been read when nothing has come for so long (ms). */
const quietMs = 4_000;

export interface CommittedMessage {
  readonly key: string | null;
  readonly value: string | null;
}

let readers = 0;

/** Every committed message of a topic, in the order of its partition: what another client sees of it. */
export async function readCommitted(kafka: Kafka, topic: string): Promise<CommittedMessage[]> {
  const consumer = kafka.consumer({ groupId: `reads-${topic}-${readers++}`, sessionTimeout: 30_000, readUncommitted: false });
  const messages: CommittedMessage[] = [];
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
      for (const { key, value } of batch.messages) messages.push({ key: textOf(key), value: textOf(value) });
    },
  });
  while (!joined || Date.now() - lastAt < quietMs) await delay(100);
  await consumer.disconnect();
  return messages;
}

/** `n` of every committed message of a topic, sorted. */
export async function readNumbers(kafka: Kafka, topic: string): Promise<number[]> {
  const messages = await readCommitted(kafka, topic);
  return messages.map(({ value }) => (JSON.parse(String(value)) as { n: number }).n).sort((a, b) => a - b);
}

function textOf(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString('utf8');
}
