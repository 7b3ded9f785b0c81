import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { GroupClient } from '../../../connectors/kafka/group/group-client.ts';
import { readConnectionSettings } from '../../../connectors/kafka/settings.ts';
import { kafkaIsHere, useKafka } from '../../kafka/support/fixture.ts';
import { brokerProperties, GroupRun } from './support/group-run.ts';

describe.skipIf(!kafkaIsHere)('processes of a group', () => {
  const fixture = useKafka({ properties: brokerProperties });
  let run: GroupRun | null = null;
  afterEach(async () => {
    await run?.close();
    run = null;
  });

  it('share the lanes, take over those of one that is killed, and lose and double nothing', async () => {
    run = await GroupRun.start(fixture, 'kills', ['a', 'b']);
    await delay(3_000);
    await run.process('a').kill();
    await run.settled(['a']);
    await delay(2_000);
    run.up('a');
    await run.settled();
    await delay(2_000);
    await run.process('b').kill();
    run.up('b');
    await run.settled();
    await run.finish();
    expect(run.rows.sent).toBeGreaterThan(2_500);
  }, 240_000);

  it('go on from what the former owners of lanes had in memory', async () => {
    run = await GroupRun.start(fixture, 'images', ['a', 'b'], { exchanged: false });
    await delay(3_000);
    await run.process('a').kill();
    await run.settled(['a']);
    const told = run.process('b').events.map(({ text }) => text);
    expect(told.filter((text) => /on from the image of memory/.test(text)).length).toBeGreaterThan(0);
    run.up('a');
    await run.settled();
    await run.finish();
  }, 240_000);

  it('remove from a topic between lanes what nobody needs any more', async () => {
    const topic = await fixture.topic(2);
    const producer = fixture.kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages: Array.from({ length: 10 }, (_, n) => ({ value: `${n}`, partition: 1 })) });
    await producer.disconnect();
    const client = new GroupClient(readConnectionSettings(fixture.options(topic)), 'trims', '.');
    await client.deleteRecords(topic, 1, 7);
    await expect(client.deleteRecords(topic, 1, 11)).rejects.toThrow(/old records cannot be removed: OFFSET_OUT_OF_RANGE/);
    client.close();
    const admin = fixture.kafka.admin();
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(topic);
    await admin.disconnect();
    expect(offsets.map(({ partition, low }) => [partition, low]).sort()).toEqual([
      [0, '0'],
      [1, '7'],
    ]);
  }, 60_000);
});
