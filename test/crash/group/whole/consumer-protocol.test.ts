import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type KafkaFixture, kafkaIsHere, useKafka } from '../../../kafka/support/fixture.ts';
import { brokerProperties, consumerProperties, GroupRun, type GroupRunOptions } from '../support/group-run.ts';

/** Longer than a session. */
const frozenMs = 5_000;
let run: GroupRun | null = null;

async function start(fixture: KafkaFixture, name: string, members: readonly string[], options: GroupRunOptions = {}): Promise<GroupRun> {
  run = await GroupRun.start(fixture, name, members, { protocol: 'consumer', ...options });
  return run;
}

afterEach(async () => {
  await run?.close();
  run = null;
});

describe.skipIf(!kafkaIsHere)('lanes that the broker shares out move and nothing is lost or doubled', () => {
  const fixture = useKafka({ properties: consumerProperties });

  it('when processes join and leave in order', async () => {
    const run = await start(fixture, 'joins', ['a']);
    run.up('b');
    await run.settled();
    run.up('c');
    await run.settled();
    const a = run.process('a');
    await a.stop();
    run.processes.delete('a');
    await run.settled();
    expect(a.events.at(-1)?.text).toMatch(/^stopped/);
    run.up('a');
    await run.settled();
    await run.finish();
  }, 300_000);

  it('when processes are killed', async () => {
    const run = await start(fixture, 'kills', ['a', 'b']);
    for (const victim of ['a', 'b']) {
      await delay(2_000);
      await run.process(victim).kill();
      await run.settled([victim]);
      run.up(victim);
      await run.settled();
    }
    await run.finish();
  }, 300_000);

  it('when one is frozen for longer than its session, and comes back to find that others have its lanes', async () => {
    const run = await start(fixture, 'frozen', ['a', 'b']);
    await delay(1_500);
    run.process('a').signal('SIGSTOP');
    await run.settled(['a']);
    await delay(frozenMs);
    run.process('a').signal('SIGCONT');
    await run
      .process('a')
      .until('word that it has lost its lanes', ({ events }) =>
        events.some(({ text }) => /went on without this process|taken over by another/.test(text)),
      );
    await run.settled();
    await run.finish();
  }, 300_000);

  it('when the broker restarts, in order and killed', async () => {
    const run = await start(fixture, 'broker', ['a', 'b'], { exchanged: false });
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await delay(2_000);
      await fixture.cluster.stopNode(1, signal);
      await delay(2_000);
      await fixture.cluster.startNode(1);
      await delay(4_000);
    }
    await run.settled();
    await run.finish();
  }, 300_000);

  it('when processes of the classic protocol are replaced one after the other', async () => {
    const run = await start(fixture, 'both', ['a'], { protocol: 'classic', exchanged: false });
    const consumer = { more: ['--group-protocol', 'consumer'], sessionless: true };
    run.up('b', consumer);
    await run.settled();
    await run.process('a').stop();
    run.processes.delete('a');
    await run.settled();
    run.up('a', consumer);
    await run.settled();
    await run.finish();
  }, 300_000);
});

describe.skipIf(!kafkaIsHere)('static members of a group whose lanes the broker shares out', () => {
  const fixture = useKafka({ properties: { ...consumerProperties, 'group.consumer.session.timeout.ms': 30_000 } });

  it('get their own lanes back when they are started again, and wait for who was killed under their name', async () => {
    const run = await start(fixture, 'static', ['a', 'b'], { isStatic: true, exchanged: false });
    const before = run.process('a').lanes;
    await run.process('a').stop();
    run.up('a');
    await run.settled();
    expect(run.process('a').lanes).toEqual(before);
    await run.process('b').kill();
    run.up('b');
    await run
      .process('b')
      .until('word that it waits', ({ events }) => events.some(({ text }) => /process of the same member name/.test(text)));
    await run.settled();
    await run.finish();
  }, 300_000);
});

describe.skipIf(!kafkaIsHere)('a broker that does not share lanes out', () => {
  const fixture = useKafka({ properties: { ...brokerProperties, 'group.coordinator.rebalance.protocols': 'classic' } });

  it('is named, with what helps', async () => {
    const run = await start(fixture, 'old', ['a'], { protocol: 'classic', exchanged: false });
    const b = run.up('b', { more: ['--group-protocol', 'consumer'], sessionless: true });
    expect((await b.exited).code).toBe(2);
    expect(b.errors).toMatch(/the broker does not take --group-protocol consumer.*--group-protocol classic/s);
  }, 200_000);
});
