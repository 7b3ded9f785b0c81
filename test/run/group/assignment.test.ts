import { describe, expect, it } from 'vitest';
import {
  assignedLanes,
  assignmentOf,
  claimsOf,
  type LaneClaims,
  shareOut,
  subscription,
} from '../../../connectors/kafka/group/assignment.ts';

const sizes = (shares: ReadonlyMap<string, readonly number[]>) => [...shares.values()].map((lanes) => lanes.length).sort((a, b) => a - b);
const given = (shares: ReadonlyMap<string, readonly number[]>) => [...shares.values()].flat().sort((a, b) => a - b);
const range = (length: number) => Array.from({ length }, (_, lane) => lane);

/** Shares out until nobody has to let a lane go: what members do one after the other. */
function settle(lanes: number, members: readonly LaneClaims[]): { shares: Map<string, number[]>; rounds: number } {
  let claims = members;
  for (let rounds = 1; ; rounds++) {
    const shares = shareOut(lanes, claims);
    for (const [lane, owners] of ownersOf(shares)) expect(owners, `lane ${lane}`).toHaveLength(1);
    for (const { member, lanes: held } of claims)
      for (const [other, share] of shares)
        if (other !== member)
          for (const lane of held)
            if (claims.find((c) => c.member === other)?.lanes.includes(lane) !== true) expect(share).not.toContain(lane);
    const next = claims.map(({ member, generation }) => ({ member, lanes: shares.get(member) as number[], generation: generation + 1 }));
    if (given(shares).length === lanes) return { shares, rounds };
    expect(rounds).toBeLessThan(4);
    claims = next;
  }
}

function ownersOf(shares: ReadonlyMap<string, readonly number[]>): Map<number, string[]> {
  const owners = new Map<number, string[]>();
  for (const [member, lanes] of shares) for (const lane of lanes) owners.set(lane, [...(owners.get(lane) ?? []), member]);
  return owners;
}

describe('lanes are shared out', () => {
  it('evenly among members that have none', () => {
    for (const [lanes, members] of [
      [1, 3],
      [6, 3],
      [7, 3],
      [16, 5],
    ] as const) {
      const { shares } = settle(
        lanes,
        range(members).map((index) => ({ member: `m${index}`, lanes: [], generation: -1 })),
      );
      expect(given(shares)).toEqual(range(lanes));
      expect((sizes(shares).at(-1) as number) - (sizes(shares)[0] as number)).toBeLessThanOrEqual(1);
    }
  });

  it('in two steps when one moves: first its owner lets it go, then another gets it', () => {
    const before = [
      { member: 'a', lanes: range(6), generation: 3 },
      { member: 'b', lanes: [], generation: -1 },
    ];
    expect(Object.fromEntries(shareOut(6, before))).toEqual({ a: [0, 1, 2], b: [] });
    const { shares, rounds } = settle(6, before);
    expect(Object.fromEntries(shares)).toEqual({ a: [0, 1, 2], b: [3, 4, 5] });
    expect(rounds).toBe(2);
  });

  it('and stay where they are when one is gone', () => {
    const { shares } = settle(7, [
      { member: 'a', lanes: [0, 3], generation: 5 },
      { member: 'b', lanes: [1, 4], generation: 5 },
    ]);
    expect(shares.get('a')).toEqual(expect.arrayContaining([0, 3]));
    expect(shares.get('b')).toEqual(expect.arrayContaining([1, 4]));
    expect(given(shares)).toEqual(range(7));
  });

  it('to whoever got a lane last, when two say that they have it', () => {
    const shares = shareOut(2, [
      { member: 'old', lanes: [0, 1], generation: 2 },
      { member: 'new', lanes: [1], generation: 4 },
    ]);
    expect(Object.fromEntries(shares)).toEqual({ old: [0], new: [1] });
  });

  it('and are written as consumers of Kafka write them', () => {
    expect(assignedLanes(assignmentOf('g.lanes', [2, 5]))).toEqual([2, 5]);
    expect(assignedLanes(new Uint8Array(0))).toEqual([]);
    expect(claimsOf('m', subscription('g.lanes', [1], 7))).toEqual({ member: 'm', lanes: [1], generation: 7 });
  });
});
