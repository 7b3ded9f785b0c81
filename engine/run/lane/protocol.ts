import type { OperatorCounters, QueryProgram } from '../../compile/program.ts';
import type { QueryDefinition, SourceDefinition } from '../../plan/catalog.ts';
import type { ArrivalMark, EndedRows, EpochCommit } from '../../store/store.ts';
import type { WireBatch } from '../batch/transfer.ts';
import type { ColumnSpec } from '../../../connectors/data-type.ts';
import type { DecoderProgram } from '../../../connectors/formats/decoder.ts';
import type { OperatorShare } from '../../plan/fragments/fragment.ts';
import type { PlanNode } from '../../plan/plan.ts';
import type { EngineEvent, QueryStatus, SourceStatus } from '../runtime-status.ts';
import type { InstanceImage } from '../../compile/image/instance-image.ts';
import type { TakenImage } from '../images/taken-image.ts';
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
  /** When its rows came in; none where nobody asked. */
  readonly arrivals: readonly ArrivalMark[];
  /** Largest event time so far, in the column's unit. */
  readonly newest?: bigint | null;
}

export interface SourceCounters {
  rows: number;
  late: number;
  rejected: number;
}

export interface SourceSetup {
  readonly definition: SourceDefinition;
  /** What its connector decodes by; absent when it needs none. */
  readonly decoder?: DecoderProgram;
  /** Names of the columns to read, in declared order. */
  readonly needed: readonly string[];
  readonly recorded: boolean;
  /** Some query that reads it, directly or not, keeps state: stretches are logged for a restart. */
  readonly stateful: boolean;
  /** Some query over arrival reads it. */
  readonly arrives: boolean;
  /** Rows are let out when their event time is due. */
  readonly paced: boolean;
  /** Clock minus event time (ms) of a source that goes on beside the clock after a restart; null: its pace is agreed with others. */
  readonly liveOffsetMs: number | null;
  readonly resume: readonly PartitionResume[];
  readonly replay: readonly ReplayStretch[];
  readonly counters: SourceCounters;
  /** Partitions of it that the lane reads: those with this number among `count`, by their order, or with 0 all; null: all. */
  readonly share: { readonly index: number; readonly count: number; readonly openedAt: number } | null;
  /** Of a lane that commits by itself, its partitions: those whose number modulo `count` is `index`. Absent: all, or as `share` says. */
  readonly own?: { readonly index: number; readonly count: number };
  /** Lanes of other processes read it too: while its partitions here are idle, or there are none, it goes on with theirs. */
  readonly follows?: true;
  /** False where another lane counts its rows. */
  readonly counted: boolean;
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
  /** Longest stretch (microseconds) of its input rows that one result row of the whole query covers. */
  readonly reach: bigint;
  /** Longest stretch (microseconds) of source rows that one row of its inputs covers, as far as the plans tell. */
  readonly inputReach: bigint;
  /** The query that it is, or is a part of. */
  readonly whole: QueryDefinition;
  /** Committed watermark (microseconds): windows that end at or before it are stored. */
  readonly watermark: bigint | null;
  /** At most `watermark`: windows that end after it are made again, for queries that read this one or because they are open. */
  readonly replayFrom: bigint | null;
  /** What it had read when its input ended last; absent: that has not been. */
  readonly endedRows: EndedRows | undefined;
  /** It has read nothing since: all that the end let out has been put out. */
  readonly atEnd: boolean;
  /** It, or a query that reads it, had state when it was stored that rows have to be read again for. */
  readonly open: boolean;
  /** Of these rows those without a time have been put out, and do not come again. */
  readonly letOut: EndedRows;
  readonly counters: QueryCounters;
  /** It goes on from an image, at whose moment it had this watermark (microseconds); null: it does not. */
  readonly image: { readonly watermark: bigint | null } | null;
  /** What of a query this is, when the query is cut; null: all of it. */
  readonly part: QueryPart | null;
  /** Of a fragment in a lane that commits by itself. */
  readonly operators?: readonly OperatorShare[];
}

/** What a lane that commits by itself sends to those of other processes. */
export interface ApartSetup {
  readonly lane: number;
  readonly lanes: number;
  /** By name of the fragment, the edge that its rows go by. */
  readonly outputs: Readonly<Record<string, string>>;
  /** By source: those that some query reads together with it. */
  readonly together: Readonly<Record<string, readonly string[]>>;
}

/** How far a lane is with a source. */
export interface SourceShare {
  readonly source: string;
  readonly watermark: bigint | null;
  readonly idle: boolean;
}

/** How far a lane is at the end of an epoch, for the lanes of other processes. */
export interface LaneMarks {
  /** `newest`: no row that was sent has an event time (microseconds) after it. */
  readonly edges: readonly { readonly edge: string; readonly watermark: bigint | null; readonly newest: bigint | null }[];
  readonly sources: readonly SourceShare[];
}

/** A fragment's place in its query. */
export interface QueryPart {
  readonly query: string;
  /** The whole query's. */
  readonly plan: PlanNode;
  /** Its rows are the query's result. */
  readonly result: boolean;
  /** The edge that its rows go by to other lanes, or null. */
  readonly edge: number | null;
  readonly operators: readonly OperatorShare[];
  /** Names of edges without rows, whose watermarks hold it back. */
  readonly paces: readonly string[];
  /** What all parts in all lanes may take together; each has a share of it. */
  readonly memoryBytesMax: number;
  /** The one lane of the group that it makes rows in, or null: in every lane. */
  readonly lane: number | null;
}

/** A stream of rows between the lanes of a group. */
export interface EdgeSetup {
  /** As fragments scan it. */
  readonly name: string;
  readonly columns: readonly ColumnSpec[];
  /** Columns of the fragment's rows that are hashed; none: rows go to the lane `home`. */
  readonly keys: readonly number[];
  readonly home: number;
}

/** Lanes that share their sources' partitions and queries. */
export interface LaneGroup {
  readonly index: number;
  readonly size: number;
  /** In the order in which rows flow. */
  readonly edges: readonly EdgeSetup[];
}

export interface LaneSetup {
  readonly lane: number;
  /** Null: the lane has its sources and queries for itself. */
  readonly group: LaneGroup | null;
  readonly apart?: ApartSetup;
  readonly firstEpoch: number;
  readonly speed: number;
  /** Rows are read again first, in this lane or in another of its group. */
  readonly replays: boolean;
  readonly sources: readonly SourceSetup[];
  /** In dependency order. */
  readonly queries: readonly QuerySetup[];
  /** By query, what those go on from that go on from an image; the lane takes them out. */
  readonly memories?: Map<string, InstanceImage>;
  /** Images are taken so far apart (ms), or further; null: none are. */
  readonly imageEveryMs?: number | null;
}

export type LaneCommand =
  /** `queries`: what the queries of the lane's group need now. */
  | { readonly type: 'committed'; readonly epoch: number; readonly queries: EpochCommit['queries'] }
  /** The image that was taken of a component is written, or has failed; both took `ms`. */
  | { readonly type: 'image_done'; readonly component: string; readonly ms: number }
  /** A query of this id cannot go on: what it writes to has failed. */
  | { readonly type: 'fail_query'; readonly query: string; readonly error: string }
  | { readonly type: 'anchor'; readonly source: string; readonly eventMs: number; readonly wallMs: number }
  /** Commit what was read, then end. */
  | { readonly type: 'stop' }
  /** End at once: the store takes nothing any more. */
  | { readonly type: 'abort' };

export interface WireEpoch extends Omit<EpochCommit, 'appends' | 'queries'> {
  readonly appends: readonly { readonly stream: string; readonly batch: WireBatch }[];
  readonly queries: readonly WireQueryState[];
  readonly marks?: LaneMarks;
}

export type WireQueryState = EpochCommit['queries'][number] & {
  /** It has had all of its input. */
  readonly ended: boolean;
  /** It cannot go on; of a group, its rows since the epoch before do not count. */
  readonly failed: boolean;
  /** Longest stretch (microseconds) of source rows that one of its result rows covers. */
  readonly reach: bigint;
};

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
  /** As things were after the epoch before. */
  | { readonly type: 'image'; readonly image: TakenImage }
  /** Every source has ended or failed, and everything is committed. */
  | { readonly type: 'ended'; readonly failed: readonly string[] }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly error: WireError };
