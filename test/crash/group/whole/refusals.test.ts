import { afterEach, describe, expect, it } from 'vitest';
import { kafkaIsHere, useKafka } from '../../../kafka/support/fixture.ts';
import { brokerProperties, GroupRun } from '../support/group-run.ts';

describe.skipIf(!kafkaIsHere)('a process of a group does not start', () => {
  const fixture = useKafka({ properties: brokerProperties });
  let run: GroupRun | null = null;
  afterEach(async () => {
    await run?.close();
    run = null;
  });

  it('with another number of lanes, without its group, or when Kafka has forgotten what was committed', async () => {
    run = await GroupRun.start(fixture, 'refused', ['a']);
    await run.finish();
    const { name } = run;
    const ends = async (flags: readonly string[] | null) => {
      const process = (run as GroupRun).up('a', { more: flags });
      const { code } = await process.exited;
      return `${code} ${process.errors}`;
    };
    expect(await ends(['--lanes', '5'])).toMatch(/^2 .*group refused has 4 lanes/s);
    expect(await ends(null)).toMatch(/^2 .*holds results of group refused/s);
    const admin = fixture.kafka.admin();
    await admin.connect();
    await admin.deleteGroups([name]);
    await admin.disconnect();
    expect(await ends([])).toMatch(/^[12] .*had committed epoch \d+, and Kafka knows of no commit/s);
  }, 400_000);
});
