import { describe, expect, it } from 'vitest';
import { sumOf } from './support/java-client.ts';
import { kafkaIsHere, useKafka } from './support/fixture.ts';
import { RawSource, readTopic } from './support/raw-source.ts';

describe.skipIf(!kafkaIsHere)('transactions', () => {
  const fixture = useKafka();

  it('of several producers, aborted and committed in turns over several fetches, come out as Java reads them', async () => {
    const topic = await fixture.topic(2);
    const { java } = fixture;
    const names = ['a', 'b', 'c'].map((name) => `${name}-${topic}`);
    for (const [index, name] of names.entries()) await java.tell('open', name, ['none', 'lz4', 'zstd'][index] as string, true, 2_000);
    let number = 0;
    for (let round = 0; round < 12; round++) {
      for (const name of names) await java.tell('begin', name);
      // Every transaction lies in between the others' and is larger than a fetch.
      for (let part = 0; part < 3; part++) {
        for (const name of names) {
          await java.tell('send', name, topic, part % 2, number, 60, 1_000);
          number += 60;
        }
      }
      for (const [index, name] of names.entries()) await java.tell((round + index) % 3 === 0 ? 'commit' : 'abort', name);
    }
    for (const name of names) await java.tell('close', name);
    const small = { fetch_max_bytes: '64 KiB', fetch_max_partition_bytes: '32 KiB' };
    for (const sizes of [{}, small]) {
      const committed = await readTopic({ ...fixture.options(topic), ...sizes });
      expect(committed.records.length).toBe(12 * 180);
      expect(sumOf(committed.records, 2)).toBe(await java.consume(topic));
      const all = await readTopic({ ...fixture.options(topic), ...sizes, isolation: 'read_uncommitted' });
      expect(all.records.length).toBe(36 * 180);
      expect(sumOf(all.records, 2)).toBe(await java.consume(topic, 'read_uncommitted'));
    }
  }, 120_000);

  it('that were aborted stay away when reading begins in their middle', async () => {
    const topic = await fixture.topic();
    const { java } = fixture;
    const name = `middle-${topic}`;
    await java.tell('open', name, 'none', true, 1_000);
    await java.tell('begin', name);
    await java.tell('send', name, topic, 0, 0, 200, 300);
    await java.tell('abort', name);
    await java.tell('begin', name);
    await java.tell('send', name, topic, 0, 200, 10, 300);
    await java.tell('commit', name);
    await java.tell('close', name);
    const [position] = [...(await readTopic(fixture.options(topic))).positions.values()] as [{ topic: string }];
    for (const offset of [0, 57, 199, 200, 201, 205]) {
      const { records } = await readTopic(fixture.options(topic), { positions: new Map([['0', { topic: position.topic, offset }]]) });
      expect(records.map((record) => record.offset)).toEqual(
        [201, 202, 203, 204, 205, 206, 207, 208, 209, 210].filter((each) => each >= offset),
      );
    }
  });

  it('that are open are waited for', async () => {
    const topic = await fixture.topic();
    const { java } = fixture;
    const name = `open-${topic}`;
    await java.tell('open', name, 'none', true, 1_000);
    await java.tell('begin', name);
    await java.tell('send', name, topic, 0, 0, 20, 105);
    await java.produce(topic, 0, 100, 5, 105);
    const source = await RawSource.open(fixture.options(topic));
    for (let poll = 0; poll < 5; poll++) expect(await source.reader.poll()).toMatchObject({ idle: true });
    await java.tell('commit', name);
    const records = await source.read(25);
    expect(records.map(({ offset }) => offset)).toEqual([...Array(20).keys(), 20, 21, 22, 23, 24]);
    await source.close();
    await java.tell('close', name);
  });
});
