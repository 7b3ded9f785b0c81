import { Reader } from '../wire/reader.ts';
import { Writer } from '../wire/writer.ts';

/** A member as the leader of a group sees it. */
export interface LaneClaims {
  readonly member: string;
  /** Lanes that it has not let go. */
  readonly lanes: readonly number[];
  /** In which generation it got them. */
  readonly generation: number;
}

/**
 * Shares lanes out evenly, each where it is as long as that is even. A lane that has to move is given to nobody until its owner, who
 * then sees that it is not his any more, has let it go and joins again.
 */
export function shareOut(lanes: number, members: readonly LaneClaims[]): Map<string, number[]> {
  const owners = ownersOf(lanes, members);
  const shares = new Map<string, number[]>(members.map(({ member }) => [member, []]));
  const owned = (member: string) => [...owners].filter(([, owner]) => owner === member).map(([lane]) => lane);
  const order = [...members].sort((a, b) => owned(b.member).length - owned(a.member).length || (a.member < b.member ? -1 : 1));
  const quota = new Map(
    order.map(({ member }, index) => [member, Math.floor(lanes / order.length) + (index < lanes % order.length ? 1 : 0)]),
  );
  const room = (member: string) => (quota.get(member) as number) - (shares.get(member) as number[]).length;
  for (const { member } of order) shares.set(member, owned(member).slice(0, quota.get(member)));
  for (let lane = 0; lane < lanes; lane++) {
    if (owners.has(lane)) continue;
    const next = order.find(({ member }) => room(member) > 0);
    if (next !== undefined) (shares.get(next.member) as number[]).push(lane);
  }
  return shares;
}

/** Of two who claim a lane, the one who got it later has it. */
function ownersOf(lanes: number, members: readonly LaneClaims[]): Map<number, string> {
  const owners = new Map<number, string>();
  const newest = [...members].sort((a, b) => b.generation - a.generation);
  for (const { member, lanes: claimed } of newest)
    for (const lane of claimed) if (lane >= 0 && lane < lanes && !owners.has(lane)) owners.set(lane, member);
  return new Map([...owners].sort(([a], [b]) => a - b));
}

/** What a member says when it joins, as Kafka's tools expect it of a consumer; what it holds is in the part for assignors. */
export function subscription(topic: string, lanes: readonly number[], generation: number): Uint8Array {
  const own = Buffer.from(JSON.stringify({ lanes, generation }));
  return new Writer().int16(0).int32(1).string(topic).int32(own.length).raw(own).bytes();
}

export function claimsOf(member: string, metadata: Uint8Array): LaneClaims {
  const reader = new Reader(metadata);
  reader.int16();
  reader.array(() => reader.string());
  const own = JSON.parse(Buffer.from(reader.raw(reader.int32())).toString()) as Omit<LaneClaims, 'member'>;
  return { member, lanes: own.lanes, generation: own.generation };
}

export function assignmentOf(topic: string, lanes: readonly number[]): Uint8Array {
  const writer = new Writer().int16(0).int32(1).string(topic).int32(lanes.length);
  for (const lane of lanes) writer.int32(lane);
  return writer.int32(0).bytes();
}

/** Lanes of an assignment; none when it is empty. */
export function assignedLanes(assignment: Uint8Array): number[] {
  if (assignment.length === 0) return [];
  const reader = new Reader(assignment);
  reader.int16();
  return reader
    .array(() => {
      reader.string();
      return reader.array(() => reader.int32());
    })
    .flat();
}
