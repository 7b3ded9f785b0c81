import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { kafkaIsHere, useKafka } from '../../../kafka/support/fixture.ts';
import { brokerProperties, GroupRun } from '../support/group-run.ts';

/** Longer than a session. */
const frozenMs = 5_000;

describe.skipIf(!kafkaIsHere)('lanes of a group move and nothing is lost or doubled', () => {
  const fixture = useKafka({ properties: brokerProperties });
  let run: GroupRun | null = null;
  afterEach(async () => {
    await run?.close();
    run = null;
  });

  it('when processes join and leave in order', async () => {
    run = await GroupRun.start(fixture, 'joins', ['a']);
    run.up('b');
    await run.settled();
    run.up('c');
    await run.settled();
    const [a] = [run.process('a')];
    await a.stop();
    run.processes.delete('a');
    await run.settled();
    expect(a.events.at(-1)?.text).toMatch(/^stopped/);
    run.up('a');
    await run.settled();
    await run.finish();
  }, 300_000);

  it('when three processes are killed in turns', async () => {
    run = await GroupRun.start(fixture, 'turns', ['a', 'b', 'c']);
    for (const victim of ['a', 'b', 'c', 'a', 'b', 'c']) {
      await delay(1_500);
      await run.process(victim).kill();
      await run.settled([victim]);
      run.up(victim);
      await run.settled();
    }
    await run.finish();
  }, 600_000);

  it('when one is frozen for longer than its session, and comes back to find that others have its lanes', async () => {
    run = await GroupRun.start(fixture, 'frozen', ['a', 'b', 'c']);
    for (const victim of ['a', 'b']) {
      await delay(1_500);
      run.process(victim).signal('SIGSTOP');
      await run.settled([victim]);
      await delay(frozenMs);
      run.process(victim).signal('SIGCONT');
      await run
        .process(victim)
        .until('word that it has lost its lanes', ({ events }) =>
          events.some(({ text }) => /went on without this process|taken over by another/.test(text)),
        );
      await run.settled();
    }
    await run.finish();
  }, 600_000);

  it('when static members are killed and come back at once: each to its own lanes', async () => {
    run = await GroupRun.start(fixture, 'static', ['a', 'b'], { isStatic: true });
    const before = run.process('a').lanes;
    await delay(2_000);
    await run.process('a').kill();
    run.up('a');
    await run.settled();
    expect(run.process('a').lanes).toEqual(before);
    await run.process('b').kill();
    run.up('b');
    await run.settled();
    await run.finish();
  }, 300_000);

  it('when the broker restarts, in order and killed', async () => {
    run = await GroupRun.start(fixture, 'broker', ['a', 'b']);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await delay(2_000);
      await fixture.cluster.stopNode(1, signal);
      await delay(2_000);
      await fixture.cluster.startNode(1);
      await delay(4_000);
    }
    await run.process('a').kill();
    await run.settled(['a']);
    run.up('a');
    await run.settled();
    await run.finish();
  }, 600_000);
});
