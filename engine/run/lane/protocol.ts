import type { OperatorCounters, QueryProgram } from '../../compile/program.ts';
import type { QueryDefinition, SourceDefinition } from '../../plan/catalog.ts';
import type { EpochCommit } from '../../store/store.ts';
import type { WireBatch } from '../batch/transfer.ts';
import type { EngineEvent, QueryStatus, SourceStatus } from '../runtime-status.ts';
import type { ResumePoint } from './resume-point.ts';

/** Messages between a lane and the engine: plain data, they cross threads. */

export interface PartitionResume {
  readonly partition: string;
  readonly point: ResumePoint;
  readonly ended: boolean;
}

/** Rows [from.row, to.row) of a partition, to be read again. */
export interface ReplayStretch {
  readonly partition: string;
  readonly from: ResumePoint;
  readonly to: ResumePoint;
}

export interface SourceCounters {
  rows: number;
  late: number;
  rejected: number;
}

export interface SourceSetup {
  readonly definition: SourceDefinition;
  /** Names of the columns to read, in declared order. */
  readonly needed: readonly string[];
  readonly recorded: boolean;
  /** Some query that reads it, directly or not, keeps state: stretches are logged for a restart. */
  readonly stateful: boolean;
  /** Rows are let out when their event time is due. */
  readonly paced: boolean;
  /** Clock minus event time (ms) of a source that goes on beside the clock after a restart; null: its pace is agreed with others. */
  readonly liveOffsetMs: number | null;
  readonly resume: readonly PartitionResume[];
  readonly replay: readonly ReplayStretch[];
  readonly counters: SourceCounters;
}

export interface QueryCounters {
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly filtered: number;
}

export interface QuerySetup {
  readonly definition: QueryDefinition;
  readonly program: QueryProgram;
  /** Kept with its state, which fits this plan only. */
  readonly fingerprint: number;
  /** It has state in the store. A query that has none takes no part in a replay. */
  readonly restored: boolean;
  /** Event time (microseconds) by which the result's event time may lie behind the query's own watermark. */
  readonly eventTimeDelay: bigint;
  /** Sources that it reads, directly or through other queries. */
  readonly sources: readonly string[];
  /** Longest stretch (microseconds) of source rows that one row of its inputs covers. */
  readonly inputReach: bigint;
  /** Committed watermark (microseconds): windows that end at or before it are stored. */
  readonly watermark: bigint | null;
  /** At most `watermark`: windows that end after it are made again, for queries that read this one or because they are open. */
  readonly replayFrom: bigint | null;
  readonly counters: QueryCounters;
}

export interface LaneSetup {
  readonly lane: number;
  readonly firstEpoch: number;
  readonly speed: number;
  readonly sources: readonly SourceSetup[];
  /** In dependency order. */
  readonly queries: readonly QuerySetup[];
}

export type LaneCommand =
  | { readonly type: 'committed'; readonly epoch: number }
  | { readonly type: 'anchor'; readonly source: string; readonly eventMs: number; readonly wallMs: number }
  /** Commit what was read, then end. */
  | { readonly type: 'stop' }
  /** End at once: the store takes nothing any more. */
  | { readonly type: 'abort' };

export interface WireEpoch extends Omit<EpochCommit, 'appends'> {
  readonly appends: readonly { readonly stream: string; readonly batch: WireBatch }[];
}

export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly source: string | undefined;
}

export type LaneSourceStatus = SourceStatus & { readonly live: boolean };
/** What only the engine's main thread knows is added there. */
export type LaneQueryStatus = Omit<QueryStatus, 'lane'> & { readonly operators: readonly OperatorCounters[] };

export interface LaneStatus {
  readonly phase: 'starting' | 'replaying' | 'running' | 'stopped';
  readonly sources: Readonly<Record<string, LaneSourceStatus>>;
  readonly queries: Readonly<Record<string, LaneQueryStatus>>;
}

export type LaneMessage =
  | { readonly type: 'opened' }
  | { readonly type: 'status'; readonly status: LaneStatus }
  | { readonly type: 'event'; readonly event: EngineEvent }
  /** First event time (ms) of a paced source; null when it has no rows yet: others shall not wait for it. */
  | { readonly type: 'first_event'; readonly source: string; readonly eventMs: number | null }
  | { readonly type: 'epoch'; readonly epoch: WireEpoch }
  /** Every source has ended or failed, and everything is committed. */
  | { readonly type: 'ended'; readonly failed: readonly string[] }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly error: WireError };
