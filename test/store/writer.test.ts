import { expect, it } from 'vitest';
import type { WireCommit } from '../../engine/store/commit-wire.ts';
import { Writer } from '../../engine/store/writer.ts';

const epoch = (number: number, lane = 0): WireCommit => ({ lane, epoch: number, appends: [] }) as unknown as WireCommit;

it('commits nothing of a lane after an epoch that could not be committed', async () => {
  const committed: number[] = [];
  const writer = new Writer(async (commits) => {
    if (commits.some((commit) => commit.epoch === 3)) throw new Error('no space');
    committed.push(...commits.map((commit) => commit.epoch));
  }, 1_000);
  const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map((number) => writer.commit(epoch(number))));
  expect(committed).toEqual([1, 2]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected']);
  await writer.commit(epoch(7, 1));
  expect(committed).toEqual([1, 2, 7]);
  await expect(writer.commit(epoch(6))).rejects.toThrow('no space');
});
