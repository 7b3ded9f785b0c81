import { describe, expect, it } from 'vitest';
import { kafkaIsHere, useKafka } from '../support/fixture.ts';
import { RawSource } from '../support/raw-source.ts';

describe.skipIf(!kafkaIsHere)('a leader that has not seen everything', () => {
  const fixture = useKafka({ brokers: 3 });

  it('cuts the log, and reading goes on where it was cut, or stops as the option says', async () => {
    const topic = `cut-${process.pid}`;
    const admin = fixture.kafka.admin();
    await admin.connect();
    const configEntries = [
      { name: 'unclean.leader.election.enable', value: 'true' },
      { name: 'min.insync.replicas', value: '1' },
    ];
    await admin.createTopics({
      topics: [{ topic, replicaAssignment: [{ partition: 0, replicas: [1, 2] }], configEntries }],
      waitForLeaders: false,
    });
    await admin.disconnect();
    await fixture.java.produce(topic, 0, 0, 50, 105);
    const going = await RawSource.open({ ...fixture.options(topic), on_offset_out_of_range: 'earliest', metadata_max_age: '1 s' });
    const strict = await RawSource.open({ ...fixture.options(topic), metadata_max_age: '1 s' });
    await Promise.all([going.read(50), strict.read(50)]);
    // Broker 2 misses records 50 to 79, and leads when broker 1 has died.
    await fixture.cluster.stopNode(2, 'SIGKILL');
    await fixture.java.produce(topic, 0, 50, 30, 105);
    await Promise.all([going.read(80, 60_000), strict.read(80, 60_000)]);
    await fixture.cluster.stopNode(1, 'SIGKILL');
    await fixture.cluster.startNode(2);
    const failure = strict.readUntil(() => false, 120_000);
    await Promise.all([
      expect(failure).rejects.toThrow(/partition 0, offset 80 is not there any more: the log was cut at offset 50$/),
      going.readUntil(({ rejected }) => rejected.length === 1, 120_000),
    ]);
    expect(going.seen.rejected[0]?.reason).toMatch(/^the log was cut at offset 50: /);
    await fixture.java.produce(topic, 0, 1_000, 20, 105);
    const { records } = await going.readUntil((seen) => seen.records.length === 100, 60_000);
    expect(records.slice(80).map(({ offset, timestamp }) => [offset, timestamp])).toEqual(
      Array.from({ length: 20 }, (_, index) => [50 + index, 1_000 + index]),
    );
    await Promise.all([going.close(), strict.close()]);
  }, 400_000);
});
