import { describe, expect, it } from 'vitest';
import { sumOf } from './support/java-client.ts';
import { kafkaIsHere, useKafka } from './support/fixture.ts';
import { RawSource, readTopic } from './support/raw-source.ts';

describe.skipIf(!kafkaIsHere)('reading a topic', () => {
  const fixture = useKafka();

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('gives what Java produced and what Java reads: %s', async (codec) => {
    const topic = await fixture.topic(3);
    const { java } = fixture;
    for (let partition = 0; partition < 3; partition++) {
      await java.produce(topic, partition, partition * 100_000, 7_000, 105, codec);
      await java.produce(topic, partition, partition * 100_000 + 7_000, 40, 3_000, codec, 200_000);
    }
    const { records, rejected } = await readTopic(fixture.options(topic));
    expect(rejected).toEqual([]);
    expect(sumOf(records, 3)).toBe(await java.consume(topic));
    expect(records.length).toBe(21_120);
  });

  it('gives what kafkajs produced, with tombstones, empty values, headers and no keys', async () => {
    const topic = await fixture.topic();
    const producer = fixture.kafka.producer();
    await producer.connect();
    const headers = { trace: 'abc', empty: '', many: ['a', 'b'] };
    await producer.send({
      topic,
      messages: [
        { key: 'a', value: 'one', timestamp: '1700000000000' },
        { key: 'a', value: null, timestamp: '1700000000001' },
        { key: null, value: '', timestamp: '1700000000002', headers },
        { key: '', value: 'ünï', timestamp: '1699999999999', headers: {} },
      ],
    });
    await producer.disconnect();
    const { records } = await readTopic(fixture.options(topic));
    expect(records).toEqual([
      { partition: 0, offset: 0, timestamp: 1700000000000, key: 'a', value: 'one' },
      { partition: 0, offset: 1, timestamp: 1700000000001, key: 'a', value: null },
      { partition: 0, offset: 2, timestamp: 1700000000002, key: null, value: '' },
      { partition: 0, offset: 3, timestamp: 1699999999999, key: '', value: 'ünï' },
    ]);
  });

  it('takes the time of append where the topic asks for it', async () => {
    const topic = await fixture.topic(1, { 'message.timestamp.type': 'LogAppendTime' });
    const before = Date.now();
    await fixture.java.produce(topic, 0, 0, 500, 105, 'lz4');
    const { records } = await readTopic(fixture.options(topic));
    expect(records.every(({ timestamp }) => timestamp >= before - 1000 && timestamp <= Date.now() + 1000)).toBe(true);
    expect(sumOf(records, 1)).toBe(await fixture.java.consume(topic));
  });

  it('reads values of a megabyte, and ones larger than a fetch', async () => {
    const topic = await fixture.topic(2, { 'max.message.bytes': '10000000' });
    await fixture.java.produce(topic, 0, 0, 5, 1_000_000, 'none', 100);
    await fixture.java.produce(topic, 1, 0, 3, 2_000_000, 'zstd', 100);
    const small = { fetch_max_bytes: '64 KiB', fetch_max_partition_bytes: '16 KiB' };
    for (const sizes of [{}, small]) {
      const { records, rejected } = await readTopic({ ...fixture.options(topic), ...sizes });
      expect(rejected).toEqual([]);
      expect(sumOf(records, 2)).toBe(await fixture.java.consume(topic));
    }
  });

  it('ends at once when a topic is empty, and brings what comes later', async () => {
    const topic = await fixture.topic(2);
    expect((await readTopic(fixture.options(topic))).records).toEqual([]);
    const source = await RawSource.open(fixture.options(topic));
    expect(await source.reader.poll()).toMatchObject({ idle: true });
    await fixture.java.produce(topic, 1, 0, 10, 105);
    expect((await source.read(10)).length).toBe(10);
    await source.close();
  });

  it('goes on where it was left, in the middle of a batch too', async () => {
    const topic = await fixture.topic();
    await fixture.java.produce(topic, 0, 0, 1_000, 105, 'lz4', 60_000);
    const all = (await readTopic(fixture.options(topic))).records;
    for (const offset of [0, 1, 333, 999]) {
      const [[partition, position]] = [...(await readTopic(fixture.options(topic))).positions] as [[string, { topic: string }]];
      const positions = new Map([[partition, { topic: position.topic, offset }]]);
      const { records } = await readTopic(fixture.options(topic), { positions });
      expect(records).toEqual(all.slice(offset));
    }
  });

  it('starts at the latest record, or at a time', async () => {
    const topic = await fixture.topic();
    await fixture.java.produce(topic, 0, 1_700_000_000_000, 1_000, 105);
    const latest = await RawSource.open({ ...fixture.options(topic), start: 'latest' });
    await fixture.java.produce(topic, 0, 1_700_000_001_000, 5, 105);
    const late = await latest.read(5);
    expect(late[0]?.offset).toBe(1_000);
    await latest.close();
    const from = await readTopic({ ...fixture.options(topic), start: '2023-11-14T22:13:20.500Z' });
    expect([from.records.length, from.records[0]?.offset]).toEqual([505, 500]);
    expect((await readTopic({ ...fixture.options(topic), start: '2033-01-01' })).records).toEqual([]);
  });

  it('shares partitions between readers', async () => {
    const topic = await fixture.topic(3);
    for (let partition = 0; partition < 3; partition++) await fixture.java.produce(topic, partition, 0, 100, 105);
    const parts = [0, 1].map((own) => readTopic(fixture.options(topic), { owns: (_name, index) => index % 2 === own }));
    const [even, odd] = await Promise.all(parts);
    expect([even?.records.length, odd?.records.length]).toEqual([200, 100]);
  });

  it('tells of records that cannot be decoded, and goes on', async () => {
    const topic = await fixture.topic();
    const producer = fixture.kafka.producer();
    await producer.connect();
    await producer.send({
      topic,
      messages: ['good', 'bad one', 'good too'].map((value, index) => ({ value, timestamp: `${1700000000000 + index}` })),
    });
    await producer.disconnect();
    const { records, rejected } = await readTopic(fixture.options(topic), { rejects: 'bad' });
    expect(records.map(({ value }) => value)).toEqual(['good', 'good too']);
    expect(rejected).toEqual(
      [
        { reason: 'unwanted', field: null, at: `${topic}, partition 0, offset 1, 2023-11-14T22:13:20.001Z`, bytes: Buffer.from('bad one') },
      ].map((row) => ({ ...row, bytes: new Uint8Array(row.bytes) })),
    );
  });
});
