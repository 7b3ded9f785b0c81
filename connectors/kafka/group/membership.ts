import type { Cluster } from '../network/cluster.ts';
import type { GroupMember } from '../wire/transaction.ts';

/** `classic`: members share lanes out among themselves (JoinGroup, SyncGroup); `consumer`: the broker does (KIP-848). */
export const groupProtocols = ['classic', 'consumer'] as const;
export type GroupProtocol = (typeof groupProtocols)[number];

export interface MembershipOptions {
  readonly cluster: Cluster;
  readonly group: string;
  /** Topic whose partitions are the lanes. */
  readonly topic: string;
  readonly lanes: number;
  /** A classic member that is silent for so long is gone; of a consumer the broker says how long that is. */
  readonly sessionMs: number;
  /** Name of a static member, or null. */
  readonly instance: string | null;
}

export interface MembershipHost {
  /** Lanes that run, or have not been let go yet. */
  held(): readonly number[];
  /** Resolves when every lane that is not among them has been let go. */
  assigned(lanes: readonly number[]): Promise<void>;
  /** The group has gone on without us: whatever runs belongs to others. */
  lost(): void;
  /** We are no member yet, and it is tried again; told once for each reason. */
  waits(reason: string): void;
  /** Nothing more can be done: another process has our name, or we may not be in the group. */
  failed(error: Error): void;
}

/** One process in a group: joins, tells that it lives, takes lanes and lets them go, leaves. */
export interface Membership {
  /** When (ms) the group last said that we are a member of it. */
  readonly acknowledgedAt: number;
  /** How often we were told anew what is ours. */
  readonly rebalances: number;
  /** What the group calls us; empty before we have joined. */
  readonly memberId: string;
  /** Who commits, for brokers that check it; null: they are not told. */
  readonly committer: GroupMember | null;
  start(): void;
  /** Leaves the group, unless it is a static member, which is expected to come back. */
  close(): Promise<void>;
}
