import { describe, expect, it } from 'vitest';
import { kafkaIsHere, useKafka } from '../support/fixture.ts';
import { sumOf } from '../support/java-client.ts';
import { RawSource } from '../support/raw-source.ts';

describe.skipIf(!kafkaIsHere)('three brokers', () => {
  const fixture = useKafka({ brokers: 3 });

  it('that stop and die in turns lose and double nothing', async () => {
    const partitions = 4;
    const topic = await fixture.topic(partitions, { 'min.insync.replicas': '2' }, 3);
    const source = await RawSource.open({ ...fixture.options(topic), metadata_max_age: '1 s' });
    let sent = 0;
    const produce = async () => {
      for (let partition = 0; partition < partitions; partition++) {
        await fixture.java.produce(topic, partition, sent, 200, 105, 'lz4');
        sent += 200;
      }
    };
    await produce();
    await source.read(sent);
    for (const [index, signal] of (['SIGTERM', 'SIGKILL', 'SIGKILL'] as const).entries()) {
      await fixture.cluster.stopNode(index + 1, signal);
      await produce();
      await source.read(sent, 90_000);
      await fixture.cluster.startNode(index + 1);
      await produce();
      await source.read(sent, 90_000);
    }
    const { records, rejected } = source.seen;
    await source.close();
    expect(rejected).toEqual([]);
    expect(records.length).toBe(sent);
    const ordered = [...records].sort((a, b) => a.partition - b.partition);
    expect(sumOf(ordered, partitions)).toBe(await fixture.java.consume(topic));
  }, 400_000);
});
