import type { Call } from '../wire/call.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

/** Requests of the classic group protocol, with static members: versions that brokers from 3.1 to 4.x know. */

export interface MemberId {
  readonly group: string;
  readonly member: string;
  /** Name of a static member, or null. */
  readonly instance: string | null;
}

export interface JoinRequest extends MemberId {
  readonly sessionMs: number;
  readonly rebalanceMs: number;
  readonly protocol: string;
  readonly metadata: Uint8Array;
}

export interface Joined {
  readonly error: number;
  readonly generation: number;
  readonly leader: string;
  readonly member: string;
  /** Of the leader's answer only. */
  readonly members: readonly { readonly member: string; readonly instance: string | null; readonly metadata: Uint8Array }[];
}

export const joinGroup: Call<JoinRequest, Joined> = {
  name: 'JoinGroup',
  key: 11,
  version: 5,
  flexible: false,
  write(writer, { group, sessionMs, rebalanceMs, member, instance, protocol, metadata }) {
    writer.string(group).int32(sessionMs).int32(rebalanceMs).string(member).string(instance).string('consumer');
    writer.int32(1).string(protocol);
    writeBytes(writer, metadata);
  },
  read(reader) {
    reader.int32();
    const error = reader.int16();
    const generation = reader.int32();
    reader.string();
    const [leader, member] = [reader.string() ?? '', reader.string() ?? ''];
    const members = reader.array(() => ({ member: reader.string() ?? '', instance: reader.string(), metadata: readBytes(reader) }));
    return { error, generation, leader, member, members };
  },
};

export interface SyncRequest extends MemberId {
  readonly generation: number;
  readonly assignments: readonly { readonly member: string; readonly assignment: Uint8Array }[];
}

export const syncGroup: Call<SyncRequest, { readonly error: number; readonly assignment: Uint8Array }> = {
  name: 'SyncGroup',
  key: 14,
  version: 3,
  flexible: false,
  write(writer, { group, generation, member, instance, assignments }) {
    writer.string(group).int32(generation).string(member).string(instance).int32(assignments.length);
    for (const each of assignments) {
      writer.string(each.member);
      writeBytes(writer, each.assignment);
    }
  },
  read(reader) {
    reader.int32();
    return { error: reader.int16(), assignment: readBytes(reader) };
  },
};

export const heartbeat: Call<MemberId & { readonly generation: number }, number> = {
  name: 'Heartbeat',
  key: 12,
  version: 3,
  flexible: false,
  write: (writer, { group, generation, member, instance }) => void writer.string(group).int32(generation).string(member).string(instance),
  read(reader) {
    reader.int32();
    return reader.int16();
  },
};

export const leaveGroup: Call<MemberId, number> = {
  name: 'LeaveGroup',
  key: 13,
  version: 3,
  flexible: false,
  write: (writer, { group, member, instance }) => void writer.string(group).int32(1).string(member).string(instance),
  read(reader) {
    reader.int32();
    return reader.int16();
  },
};

function writeBytes(writer: Writer, bytes: Uint8Array): void {
  writer.int32(bytes.length).raw(bytes);
}

function readBytes(reader: Reader): Uint8Array {
  return Uint8Array.from(reader.raw(Math.max(0, reader.int32())));
}
