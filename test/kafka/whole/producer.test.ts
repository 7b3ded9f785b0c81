import { afterAll, describe, expect, it } from 'vitest';
import type { Cluster } from '../../../connectors/kafka/network/cluster.ts';
import { committedOffsets } from '../../../connectors/kafka/produce/committed-offsets.ts';
import { codecs } from '../../../connectors/kafka/produce/compress.ts';
import { IdempotentProducer } from '../../../connectors/kafka/produce/idempotent-producer.ts';
import { ProducerFenced, RequestRefused, TransactionFailed } from '../../../connectors/kafka/produce/producer-error.ts';
import type { ProducerRecord } from '../../../connectors/kafka/produce/record-batch.ts';
import { TransactionalProducer } from '../../../connectors/kafka/produce/transactional-producer.ts';
import { clusterAt } from '../support/client.ts';
import { kafkaIsHere, useKafka } from '../support/fixture.ts';
import { sumOf } from '../support/java-client.ts';
import { readTopic } from '../support/raw-source.ts';

function records(first: number, count: number, bytes = 100): ProducerRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    key: Buffer.from(`key-${(first + index) % 10}`),
    value: Buffer.from(`{"number":${first + index},"pad":"${'abcdefgh'.repeat(Math.ceil(bytes / 8)).slice(0, bytes)}"}`),
    timestamp: 1_790_000_000_000 + first + index,
  }));
}

describe.skipIf(!kafkaIsHere)('our producer', () => {
  const fixture = useKafka();
  const clients: Cluster[] = [];
  const client = () => {
    const made = clusterAt(fixture.cluster.addresses());
    clients.push(made);
    return made;
  };
  const open = (transactionalId: string, more: Partial<Parameters<typeof TransactionalProducer.open>[0]> = {}) =>
    TransactionalProducer.open({ client: client(), transactionalId, transactionTimeoutMs: 60_000, ...more });
  afterAll(() => {
    for (const each of clients) each.close();
  });

  it.each(codecs)('writes what Java and the source read alike: %s', async (compression) => {
    const topic = await fixture.topic(2);
    const producer = await open(`codec-${topic}`, { compression, batchBytes: 64 << 10 });
    for (let round = 0; round < 3; round++) {
      producer.begin();
      for (const partition of [0, 1]) await producer.send(topic, partition, records(round * 10_000, 2_000, 10 + 90 * partition));
      await producer.send(topic, 0, [
        { key: null, value: null, timestamp: 5 },
        { key: Buffer.alloc(0), value: Buffer.alloc(200_000, round), timestamp: -1 >>> 0 },
      ]);
      await producer.commit();
    }
    await producer.close();
    const seen = await readTopic(fixture.options(topic));
    expect(seen.records.length).toBe(3 * 4_002);
    expect(seen.rejected).toEqual([]);
    expect(await fixture.java.consume(topic)).toBe(sumOf(seen.records, 2));
  });

  it('leaves nothing of an aborted transaction, and goes on', async () => {
    const topic = await fixture.topic();
    const producer = await open(`abort-${topic}`);
    producer.begin();
    await producer.send(topic, 0, records(0, 10));
    await producer.commitOffsets(`group-${topic}`, [{ topic, partition: 0, offset: 7, metadata: 'aborted' }]);
    await producer.flush();
    await producer.abort();
    producer.begin();
    await producer.abort();
    producer.begin();
    await producer.commit();
    producer.begin();
    await producer.send(topic, 0, records(100, 10));
    await producer.commitOffsets(`group-${topic}`, [{ topic, partition: 0, offset: 8, metadata: 'x'.repeat(4_000) }]);
    await producer.commit();
    const seen = await readTopic(fixture.options(topic));
    expect(seen.records.map(({ value }) => JSON.parse(value as string).number)).toEqual(Array.from({ length: 10 }, (_, i) => 100 + i));
    const offsets = await committedOffsets(client(), `group-${topic}`, [{ topic, partition: 0 }]);
    expect(offsets).toEqual([{ topic, partition: 0, error: 0, offset: 8n, metadata: 'x'.repeat(4_000) }]);
    expect(await committedOffsets(client(), `other-${topic}`, [{ topic, partition: 0 }])).toMatchObject([{ offset: -1n }]);
    producer.begin();
    const far = producer.commitOffsets(`group-${topic}`, [{ topic, partition: 0, offset: 9, metadata: 'x'.repeat(5_000) }]);
    await expect(far).rejects.toThrow(/OFFSET_METADATA_TOO_LARGE/);
    await producer.abort();
  });

  it('is fenced by the next one of its name, which ends what was open', async () => {
    const topic = await fixture.topic();
    const first = await open(`fenced-${topic}`);
    first.begin();
    await first.send(topic, 0, records(0, 5));
    await first.flush();
    const second = await open(`fenced-${topic}`);
    await first.send(topic, 0, records(5, 5));
    await expect(first.commit()).rejects.toThrow(ProducerFenced);
    await first.close();
    second.begin();
    await second.send(topic, 0, records(50, 1));
    await second.commit();
    const idle = await open(`fenced-${topic}`);
    second.begin();
    await second.send(topic, 0, records(60, 1));
    await expect(second.commit()).rejects.toThrow(ProducerFenced);
    idle.begin();
    await idle.commitOffsets(`g-${topic}`, [{ topic, partition: 0, offset: 1 }]);
    const last = await open(`fenced-${topic}`);
    await expect(idle.commit()).rejects.toThrow(ProducerFenced);
    await last.close();
    expect((await readTopic(fixture.options(topic))).records.map(({ value }) => JSON.parse(value as string).number)).toEqual([50]);
  });

  it('tells a transaction that took too long from being fenced', async () => {
    const topic = await fixture.topic();
    const producer = await open(`slow-${topic}`, { transactionTimeoutMs: 1_000 });
    producer.begin();
    await producer.send(topic, 0, records(0, 5));
    await producer.flush();
    await expect
      .poll(
        async () => {
          await producer.send(topic, 0, records(5, 1));
          return producer.flush().catch((error: unknown) => error);
        },
        { timeout: 50_000, interval: 500 },
      )
      .toBeInstanceOf(TransactionFailed);
    await producer.abort();
    producer.begin();
    await producer.send(topic, 0, records(70, 2));
    await producer.commit();
    expect((await readTopic(fixture.options(topic))).records.map(({ value }) => JSON.parse(value as string).number)).toEqual([70, 71]);
  });

  it('says how large a batch was that is too large, and which topic there is not', async () => {
    const topic = await fixture.topic(1, { 'max.message.bytes': '2000' });
    const producer = await open(`large-${topic}`);
    producer.begin();
    await producer.send(topic, 0, records(0, 1));
    await producer.flush();
    await producer.send(topic, 0, records(1, 1, 5_000));
    const refusal = await producer.commit().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RequestRefused);
    expect((refusal as Error).message).toMatch(/topic-.*, partition 0: .*MESSAGE_TOO_LARGE \(a batch of 5\d\d\d bytes\)/);
    await producer.abort();
    producer.begin();
    await producer.send(topic, 0, records(2, 1));
    await producer.commit();
    expect((await readTopic(fixture.options(topic))).records.map(({ value }) => JSON.parse(value as string).number)).toEqual([2]);
    const impatient = await open(`missing-${topic}`, { deliveryMsMax: 1_500 });
    impatient.begin();
    await impatient.send('no-such-topic', 0, records(0, 1));
    await expect(impatient.commit()).rejects.toThrow(/no-such-topic|UNKNOWN_TOPIC_OR_PARTITION/);
  });

  it('writes without transactions too', async () => {
    const topic = await fixture.topic();
    const producer = await IdempotentProducer.open({ client: client(), compression: 'zstd' });
    for (let round = 0; round < 5; round++) await producer.send(topic, 0, records(round * 1000, 1000));
    const seen = await readTopic(fixture.options(topic));
    expect(seen.records.length).toBe(5_000);
    expect(await fixture.java.consume(topic)).toBe(sumOf(seen.records, 1));
  });
});
