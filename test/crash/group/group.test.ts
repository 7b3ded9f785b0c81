import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
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
    // Lanes that moved went on from what their former owners had in memory.
    const told = [...run.processes.values()].flatMap(({ events }) => events.map(({ text }) => text));
    expect(told.filter((text) => /on from the image of memory/.test(text)).length).toBeGreaterThan(0);
    expect(run.rows.sent).toBeGreaterThan(2_500);
  }, 240_000);
});
