import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../broker/free-ports.ts';
import { kafkaIsHere, useKafka } from '../support/fixture.ts';
import { sumOf } from '../support/java-client.ts';
import { BrokerProxy } from '../support/proxy.ts';
import { RawSource, readTopic } from '../support/raw-source.ts';

const [port] = (await freePorts(1)) as [number];

describe.skipIf(!kafkaIsHere)('faults on the way', () => {
  const fixture = useKafka({ properties: { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}` } });
  let proxy: BrokerProxy;
  beforeAll(async () => {
    if (!kafkaIsHere) return;
    proxy = new BrokerProxy(port, fixture.cluster.plan.nodes[0]?.ports.PLAINTEXT as number);
    await proxy.open();
  });
  afterAll(() => proxy?.close());
  const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);

  async function threeBatches(): Promise<string> {
    const topic = await fixture.topic();
    for (const first of [0, 100, 200]) await fixture.java.produce(topic, 0, first, 10, 105);
    return topic;
  }

  it('a checksum that is wrong once: the batch is fetched again, and nothing is lost', async () => {
    const topic = await threeBatches();
    proxy.damage('{"number":105,', 1);
    const { records, rejected } = await readTopic(fixture.options(topic));
    expect(proxy.damaged).toBe(1);
    expect(rejected).toEqual([]);
    expect(records.map(({ offset }) => offset)).toEqual(numbers(30));
    expect(sumOf(records, 1)).toBe(await fixture.java.consume(topic));
  });

  it('a checksum that stays wrong: the batch is rejected with its place and bytes, the others come', async () => {
    const topic = await threeBatches();
    const before = proxy.damaged;
    proxy.damage('{"number":105,', Number.POSITIVE_INFINITY);
    const { records, rejected } = await readTopic(fixture.options(topic));
    proxy.damage('', 0);
    expect(proxy.damaged - before).toBeGreaterThanOrEqual(2);
    expect(records.map(({ offset }) => offset)).toEqual([...numbers(10), ...numbers(10, 20)]);
    expect(rejected).toMatchObject([
      { reason: 'the records of one batch have a wrong checksum', at: `${topic}, partition 0, offsets 10 to 19` },
    ]);
    expect(Buffer.from(rejected[0]?.bytes as Uint8Array).includes('{"number":106,')).toBe(true);
    const unchecked = await readTopic({ ...fixture.options(topic), check_crc: 'false' });
    expect(unchecked.records.length).toBe(30);
  });

  it('a broker that is out of reach is told of, and nothing is lost or doubled when it is back', async () => {
    const topic = await fixture.topic(2);
    await fixture.java.produce(topic, 0, 0, 500, 105);
    const source = await RawSource.open(fixture.options(topic));
    await source.read(500);
    expect(source.reader.waiting?.()).toBeNull();
    // The bootstrap address does not go through the proxy: metadata can be had, records cannot.
    await proxy.close();
    const waiting = () => source.reader.waiting?.() ?? null;
    await source.readUntil(() => waiting() !== null, 60_000).finally(() => proxy.open());
    expect(waiting()?.reason).toMatch(
      /^connector kafka, topic .*: partition \d cannot be read: .*(takes no connections|broke the connection)$/,
    );
    await fixture.java.produce(topic, 1, 500, 500, 105);
    await source.readUntil(({ records }) => records.length >= 1_000 && waiting() === null, 60_000);
    const { records, rejected } = source.seen;
    await source.close();
    expect(rejected).toEqual([]);
    const ordered = [...records].sort((a, b) => a.partition - b.partition);
    expect(sumOf(ordered, 2)).toBe(await fixture.java.consume(topic));
  }, 180_000);

  it.each(['earliest', 'latest', 'fail'] as const)('retention that overtakes the reader while it runs: %s', async (policy) => {
    const topic = await fixture.topic();
    await fixture.java.produce(topic, 0, 0, 2_000, 1_000, 'none', 2_000);
    const few = { fetch_max_bytes: '64 KiB', fetch_max_partition_bytes: '4 KiB', on_offset_out_of_range: policy };
    const source = await RawSource.open({ ...fixture.options(topic), ...few });
    await source.read(5);
    // What is fetched already is read; what comes next is gone.
    await fixture.java.tell('delete', topic, 0, 1_500);
    if (policy === 'fail') {
      await expect(source.readUntil(() => false)).rejects.toThrow(/is not there any more: the log begins at offset 1500$/);
      await source.close();
      return;
    }
    await source.readUntil(({ rejected }) => rejected.length > 0);
    const read = source.seen.records.length;
    const next = policy === 'earliest' ? 1_500 : 2_000;
    expect(read).toBeLessThan(1_500);
    expect(source.seen.rejected).toMatchObject([{ reason: `offsets ${read} to ${next - 1} were removed before they were read` }]);
    await fixture.java.produce(topic, 0, 2_000, 5, 105);
    const { records } = await source.readUntil((seen) => seen.records.at(-1)?.offset === 2_004);
    expect(records.map(({ offset }) => offset)).toEqual([...numbers(read), ...numbers(2_005 - next, next)]);
    await source.close();
  });

  it('a client that the broker throttles reads everything once, and no faster than it may', async () => {
    const topic = await fixture.topic();
    await fixture.java.produce(topic, 0, 0, 600, 1_000, 'none', 2_000);
    const slow = `slow-${topic}`;
    await fixture.java.tell('quota', slow, 40_000);
    const begun = Date.now();
    const small = { fetch_max_bytes: '64 KiB', fetch_max_partition_bytes: '64 KiB', client_id: slow };
    const { records } = await readTopic({ ...fixture.options(topic), ...small });
    expect(Date.now() - begun).toBeGreaterThan(1_000);
    expect(sumOf(records, 1)).toBe(await fixture.java.consume(topic));
  }, 120_000);

  it('a quiet partition does not hold back the others of its broker', async () => {
    const topic = await fixture.topic(8);
    const source = await RawSource.open({ ...fixture.options(topic), fetch_max_wait: '30 s' });
    for (let partition = 0; partition < 8; partition += 3) {
      const before = source.seen.records.length;
      await fixture.java.produce(topic, partition, 0, 10, 105);
      // One answer that waited for its 30 s, or for each partition in turn, would be too late.
      await source.read(before + 10, 25_000);
    }
    await source.close();
  }, 90_000);
});
