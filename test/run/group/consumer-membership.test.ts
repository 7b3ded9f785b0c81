import { describe, expect, it } from 'vitest';
import {
  type ConsumerHeartbeat,
  type ConsumerHeartbeatAnswer,
  consumerHeartbeat,
} from '../../../connectors/kafka/group/consumer-heartbeat.ts';
import { ConsumerMembership } from '../../../connectors/kafka/group/consumer-membership.ts';
import { errorCodes } from '../../../connectors/kafka/wire/error-code.ts';
import { fetchCommittedOffsetsAsMember } from '../../../connectors/kafka/wire/offset-fetch.ts';
import { Reader } from '../../../connectors/kafka/wire/reader.ts';
import { Writer } from '../../../connectors/kafka/wire/writer.ts';

const topic = '00112233445566778899aabbccddeeff';
const first = { group: 'g', member: 'm', epoch: 0, instance: 'i', rebalanceMs: 1000, topics: ['t'], owned: [] };

function written(request: ConsumerHeartbeat): string {
  const writer = new Writer();
  consumerHeartbeat.write(writer, request);
  return writer.bytes().toString('hex');
}

describe('heartbeats of KIP-848', () => {
  it('have the bytes that the format says', () => {
    const same = `${'0267'}${'026d'}`;
    expect(written(first)).toBe(`${same}00000000${'0269'}00${'000003e8'}${'020274'}0000${'01'}00`);
    const owned = [{ topic, lanes: [1, 3] }];
    expect(written({ ...first, epoch: 7, instance: null, rebalanceMs: null, topics: null, owned })).toBe(
      `${same}000000070000ffffffff000000${'02'}${topic}${'03'}0000000100000003${'00'}00`,
    );
    expect(written({ ...first, epoch: -1, rebalanceMs: null, topics: null, owned: null })).toBe(`${same}ffffffff026900ffffffff0000000000`);
  });

  it('are answered with and without lanes', () => {
    const read = (hex: string) => consumerHeartbeat.read(new Reader(Buffer.from(hex, 'hex')));
    expect(read(`00000000${'0000'}00${'026d'}0000000900001388${'01'}${'02'}${topic}${'02'}00000002${'00'}${'00'}00`)).toEqual({
      error: 0,
      message: null,
      epoch: 9,
      everyMs: 5000,
      assignment: [{ topic, lanes: [2] }],
    });
    expect(read(`00000000${'006e'}${'03626100'}0000000000000000ff00`)).toMatchObject({ error: 110, message: 'ba', assignment: null });
  });

  it('offsets are asked for under the name and epoch of the member', () => {
    const writer = new Writer();
    const member = { memberId: 'm', generation: 5, instanceId: null };
    fetchCommittedOffsetsAsMember.write(writer, { group: 'g', partitions: [{ topic: 't', partition: 2 }], requireStable: true, member });
    expect(writer.bytes().toString('hex')).toBe(`02${'0267'}${'026d'}00000005${'02'}${'0274'}${'02'}00000002${'00'}${'00'}0100`);
  });
});

/** A coordinator that gives the answers at hand, one after the other, and then the last one again and again. */
function joined(
  answers: readonly Partial<ConsumerHeartbeatAnswer>[],
  held: () => readonly number[],
  newest = 1,
  instance: string | null = null,
) {
  const asked: ConsumerHeartbeat[] = [];
  const told: string[] = [];
  let released: () => void = () => undefined;
  const ask = async (_: unknown, request: ConsumerHeartbeat): Promise<ConsumerHeartbeatAnswer> => {
    asked.push(request);
    return { error: 0, message: null, epoch: 1, everyMs: 5, assignment: null, ...(answers[asked.length - 1] ?? answers.at(-1)) };
  };
  const connection = { closed: false, endpoint: { host: 'h', port: 1 }, ask, close: () => undefined };
  const dial = async () => ({ connection, newest: new Map([[68, newest]]), expiresAt: Number.POSITIVE_INFINITY });
  const cluster = { askAny: async () => ({ error: 0, host: 'h', port: 1 }), dialer: { dial } };
  const membership = new ConsumerMembership(
    { cluster: cluster as never, group: 'g', topic: 't', lanes: 4, sessionMs: 0, instance },
    {
      held,
      assigned: (lanes) => {
        told.push(`has ${lanes.join()}`);
        return held().every((lane) => lanes.includes(lane)) ? Promise.resolve() : new Promise((resolve) => (released = resolve));
      },
      lost: () => told.push('lost'),
      waits: (reason) => told.push(reason),
      failed: (error) => told.push(error.message),
    },
  );
  membership.start();
  return { asked, told, membership, release: () => released() };
}

describe('a member whose lanes the broker shares out', () => {
  it('says what it has only when others were let go, and then takes new ones', async () => {
    let held = [0, 1];
    const of = (...lanes: number[]) => [{ topic, lanes }];
    const { asked, told, membership, release } = joined([{ assignment: of(0, 1) }, {}, { epoch: 2, assignment: of(1) }, {}], () => held);
    await expect.poll(() => told).toEqual(['has 0,1', 'has 1']);
    const before = asked.length;
    await expect.poll(() => asked.length).toBeGreaterThan(before + 2);
    expect(asked.slice(before).every(({ owned }) => owned === null)).toBe(true);
    held = [1];
    release();
    await expect.poll(() => asked.some(({ owned }) => owned?.[0]?.lanes.join() === '1')).toBe(true);
    expect(membership.committer).toMatchObject({ memberId: asked[0]?.member, instanceId: null });
    await membership.close();
    expect(asked.at(-1)?.epoch).toBe(-1);
  });

  it.each([errorCodes.FENCED_MEMBER_EPOCH, errorCodes.UNKNOWN_MEMBER_ID, errorCodes.GROUP_ID_NOT_FOUND])(
    'joins again after error %i, without its lanes',
    async (error) => {
      const assignment = [{ topic, lanes: [0] }];
      const { asked, told, membership } = joined([{ assignment }, { error }, { epoch: 3, assignment }, {}], () => []);
      await expect.poll(() => told).toEqual(['has 0', 'lost', 'has 0']);
      expect(asked.filter(({ epoch }) => epoch === 0)).toHaveLength(2);
      await membership.close();
    },
  );

  it('waits for the former one of its name, says so once, and leaves for a while', async () => {
    const error = errorCodes.UNRELEASED_INSTANCE_ID;
    const { asked, told, membership } = joined([{ error }, { error }, { assignment: [] }], () => [], 1, 'one');
    await expect.poll(() => told.at(-1)).toBe('has ');
    expect(told).toEqual([expect.stringMatching(/same member name/), 'has ']);
    await membership.close();
    expect(asked.at(-1)).toMatchObject({ epoch: -2, instance: 'one' });
  });

  it('gives up with a broker that does not know of it, and with a group of the other protocol', async () => {
    const { told } = joined([{}], () => [], 0);
    await expect.poll(() => told).toEqual([expect.stringMatching(/does not know version 1 of ConsumerGroupHeartbeat/)]);
    const classic = joined([{ error: errorCodes.GROUP_ID_NOT_FOUND, message: 'custom assignor' }], () => []);
    await expect.poll(() => classic.told).toEqual([expect.stringMatching(/members of the classic protocol.*custom assignor/)]);
  });
});
