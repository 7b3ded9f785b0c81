import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { kafkaIsHere, useKafka } from '../support/fixture.ts';
import { RawSource, readTopic } from '../support/raw-source.ts';

describe.skipIf(!kafkaIsHere)('what changes while a topic is read', () => {
  const fixture = useKafka();
  const admin = async <T>(work: (admin: ReturnType<typeof fixture.kafka.admin>) => Promise<T>): Promise<T> => {
    const client = fixture.kafka.admin();
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.disconnect();
    }
  };

  it('a partition that is added is read from its beginning', async () => {
    const topic = await fixture.topic(1);
    await fixture.java.produce(topic, 0, 0, 10, 105);
    const source = await RawSource.open({ ...fixture.options(topic), metadata_max_age: '200 ms', start: 'latest' });
    await admin((client) => client.createPartitions({ topicPartitions: [{ topic, count: 3 }] }));
    await fixture.java.produce(topic, 2, 0, 10, 105);
    const records = await source.read(10);
    expect(records.every(({ partition }) => partition === 2)).toBe(true);
    expect(source.reader.partitions).toEqual(['0', '1', '2']);
    // After a restart it is known where each of them was left, though nothing came from the others.
    await fixture.java.produce(topic, 0, 50, 3, 105);
    const { positions } = await source.readUntil((seen) => seen.positions.size === 3 && seen.records.length === 13);
    await source.close();
    await fixture.java.produce(topic, 1, 0, 4, 105);
    const again = await readTopic({ ...fixture.options(topic), start: 'latest' }, { positions });
    expect(again.records.map(({ partition }) => partition)).toEqual([1, 1, 1, 1]);
  });

  it('records that were removed before they were read: fail, earliest, latest', async () => {
    const topic = await fixture.topic(1);
    await fixture.java.produce(topic, 0, 0, 100, 105);
    const [position] = [...(await readTopic(fixture.options(topic))).positions.values()] as [{ topic: string }];
    await fixture.java.tell('delete', topic, 0, 60);
    const positions = new Map([['0', { topic: position.topic, offset: 20 }]]);
    const read = (policy: string) => readTopic({ ...fixture.options(topic), on_offset_out_of_range: policy }, { positions });
    await expect(read('fail')).rejects.toMatchObject({
      message: `connector kafka, topic ${topic}: partition 0, offset 20 is not there any more: the log begins at offset 60`,
      hint: expect.stringContaining('on_offset_out_of_range'),
    });
    const earliest = await read('earliest');
    expect(earliest.records.map(({ offset }) => offset)).toEqual([...Array(40).keys()].map((each) => each + 60));
    expect(earliest.rejected.map(({ reason }) => reason)).toEqual(['offsets 20 to 59 were removed before they were read']);
    const latest = await read('latest');
    expect(latest.records).toEqual([]);
    expect(latest.rejected.map(({ reason }) => reason)).toEqual(['offsets 20 to 99 were removed before they were read']);
  });

  it('an offset beyond the end', async () => {
    const topic = await fixture.topic(1);
    await fixture.java.produce(topic, 0, 0, 10, 105);
    const [position] = [...(await readTopic(fixture.options(topic))).positions.values()] as [{ topic: string }];
    const positions = new Map([['0', { topic: position.topic, offset: 50 }]]);
    await expect(readUntilFailure({ ...fixture.options(topic) }, positions)).rejects.toThrow('was cut at offset 10');
    const source = await RawSource.open({ ...fixture.options(topic), on_offset_out_of_range: 'earliest' }, { positions });
    await source.readUntil(({ rejected }) => rejected.length === 1);
    await fixture.java.produce(topic, 0, 10, 5, 105);
    expect((await source.read(5)).map(({ offset }) => offset)).toEqual([10, 11, 12, 13, 14]);
    await source.close();
  });

  it('a topic that is deleted and made anew', async () => {
    const topic = await fixture.topic(1);
    await fixture.java.produce(topic, 0, 0, 30, 105);
    const going = await RawSource.open({ ...fixture.options(topic), on_offset_out_of_range: 'earliest', metadata_max_age: '200 ms' });
    const strict = await RawSource.open({ ...fixture.options(topic), metadata_max_age: '200 ms' });
    await Promise.all([going.read(30), strict.read(30)]);
    await admin((client) => client.deleteTopics({ topics: [topic] }));
    await delay(700);
    await admin((client) => client.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true }));
    await fixture.java.produce(topic, 0, 500, 7, 105);
    const seen = await going.readUntil(({ records }) => records.length === 37);
    expect(seen.rejected[0]?.reason).toContain('deleted and made anew');
    await expect(strict.readUntil(() => false, 10_000)).rejects.toThrow('the topic was deleted and made anew');
    const { positions } = strict.seen;
    await expect(readTopic(fixture.options(topic), { positions })).rejects.toThrow('deleted and made anew since it was read');
    const away = await readTopic({ ...fixture.options(topic), on_offset_out_of_range: 'latest' }, { positions });
    expect([away.records.length, away.rejected[0]?.reason]).toEqual([7, expect.stringContaining('made anew since it was read')]);
    await Promise.all([going.close(), strict.close()]);
  });

  it('a broker that stops, in order or not, and comes back', async () => {
    const topic = await fixture.topic(1);
    await fixture.java.produce(topic, 0, 0, 1_000, 105);
    const source = await RawSource.open(fixture.options(topic));
    await source.read(1_000);
    for (const [round, signal] of (['SIGTERM', 'SIGKILL'] as const).entries()) {
      const stopped = fixture.cluster.stopNode(1, signal);
      const polling = source.readUntil(({ records }) => records.length >= 1_000 + (round + 1) * 500, 120_000);
      await stopped;
      await fixture.cluster.startNode(1);
      await fixture.java.produce(topic, 0, 1_000 + round * 500, 500, 105);
      await polling;
    }
    const { records, rejected } = source.seen;
    expect(rejected).toEqual([]);
    expect(records.map(({ offset }) => offset)).toEqual([...Array(2_000).keys()]);
    await source.close();
  }, 180_000);
});

async function readUntilFailure(
  options: Record<string, string>,
  positions: ReadonlyMap<string, { topic: string; offset: number }>,
): Promise<void> {
  const source = await RawSource.open(options, { positions });
  try {
    await source.readUntil(() => false, 10_000);
  } finally {
    await source.close();
  }
}
