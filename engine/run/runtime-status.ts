import type { Waiting } from '../../connectors/connector.ts';
import type { Catalog } from '../plan/catalog.ts';
import type { OperatorCounters } from '../compile/program.ts';
import type { StoreStatistics } from '../store/store.ts';
import type { GroupStatus } from './group/group-settings.ts';
import type { SinkStatus } from './sinks/sink-runner.ts';

/** Raw counters of a running engine, gathered about four times a second. Totals since the start; times in ms since 1970. */
export interface RuntimeStatus {
  readonly startedAt: number;
  readonly now: number;
  readonly phase: 'starting' | 'replaying' | 'running' | 'stopping' | 'stopped' | 'failed';
  readonly lanes: number;
  readonly sources: Readonly<Record<string, SourceStatus>>;
  /** By query id. */
  readonly queries: Readonly<Record<string, QueryStatus>>;
  /** By name, those that some query writes to. */
  readonly sinks?: Readonly<Record<string, SinkStatus>>;
  readonly store: StoreStatistics;
  /** Absent: none are taken. */
  readonly images?: ImageStatus;
  /** Of a process that shares its lanes with others. */
  readonly group?: GroupStatus;
  /** CPU seconds of the whole process, resident bytes. */
  readonly process: { readonly cpuSeconds: number; readonly rssBytes: number; readonly rssBytesMax: number; readonly heapBytes: number };
}

/** Images of queries' memory that restarts go on from. */
export interface ImageStatus {
  /** Since the start of the process. */
  readonly taken: number;
  readonly failed: number;
  /** Of the newest files of all queries, compressed. */
  readonly bytes: number;
  /** When the oldest of these was taken (ms); null: there is none. */
  readonly oldestAt: number | null;
  /** For how long (ms) lanes have stood still to take them, in all and at most at a time. */
  readonly pauseMs: number;
  readonly pauseMsMax: number;
}

export interface SourceStatus {
  readonly rows: number;
  readonly late: number;
  readonly rejected: number;
  /** Minimum over active partitions (ms), null before the first row. */
  readonly watermark: number | null;
  readonly maxEventTime: number | null;
  readonly state: 'starting' | 'active' | 'idle' | 'waiting' | 'ended' | 'failed';
  readonly error: string | null;
  /** What it waits for, besides rows, since when (ms); absent: nothing. */
  readonly waiting?: Waiting;
  /** How often it has begun to wait for something since the start. */
  readonly waits?: number;
  /** Share of rejected rows in the time that `rejected_alert_window` names; null: no rows. */
  readonly rejectedShare?: number | null;
  /** It is in a state of alert since then (ms): that share is above its limit. */
  readonly rejectingSince?: number;
  /** Fields that its records have and its table has not, and how often each was met; null: those beyond a bound. */
  readonly unknownFields?: readonly (readonly [string | null, number])[];
  readonly partitions: number;
  readonly paced: boolean;
}

export interface QueryStatus {
  readonly rowsIn: number;
  readonly rowsOut: number;
  readonly filtered: number;
  readonly late: number;
  readonly watermark: number | null;
  /** How far its watermark is behind what it could be (ms): engine's own share, without the source's. */
  readonly ownLagMs: number;
  /** Engine clock minus watermark (ms) for live sources; null for a replay or before the first row. */
  readonly lagMs: number | null;
  readonly stateBytes: number;
  readonly stateBytesMax: number;
  /** Rows of series that `max_series` left no room for. */
  readonly unlearntRows?: number;
  readonly cpuSeconds: number;
  /** What went from one lane to another. */
  readonly exchangedRows: number;
  readonly exchangedBytes: number;
  readonly operators: readonly OperatorCounters[];
  readonly state: 'starting' | 'replaying' | 'ok' | 'behind' | 'idle' | 'failed' | 'ended';
  readonly error: string | null;
  readonly lane: number;
}

/** Something worth a line in the terminal and in the console's list of changes. */
export interface EngineEvent {
  readonly at: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly kind:
    | 'start'
    | 'replay'
    | 'limit'
    | 'rejected'
    | 'late'
    | 'query_failed'
    | 'source_failed'
    | 'source_waits'
    | 'rejected_alert'
    | 'unknown_fields'
    | 'source_ended'
    | 'sink'
    | 'lane'
    | 'image'
    | 'store'
    | 'stop';
  /** Query id or source name, or null for the engine. */
  readonly subject: string | null;
  readonly text: string;
}

/** Rows of one query as they are stored, for whoever looks at it live. At most `rowsMax` of each batch are kept. */
export interface LiveRows {
  readonly query: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  /** Of a result that changes: rows of before that are no more; they are to be taken away before `rows` are added. */
  readonly removed?: readonly (readonly unknown[])[];
  readonly dropped: number;
}

export interface RunOptions {
  readonly dataDirectory: string;
  readonly lanes: number;
  /** Partitions and keys of each query are spread over all lanes; otherwise what is connected by reading runs in one lane. */
  readonly spread?: boolean;
  /** Event time per wall time for paced sources; Infinity: as fast as possible. */
  readonly speed: number;
  readonly untilEnd: boolean;
  /** Images of memory are taken so far apart (ms), or further; 0: none are. Absent: `snapshotEveryMsDefault`. */
  readonly snapshotEveryMs?: number;
}

export const snapshotEveryMsDefault = 60_000;

export interface Engine {
  readonly catalog: Catalog;
  readonly options: RunOptions;
  status(): RuntimeStatus;
  /** Newest last, at most 1,000. */
  events(): readonly EngineEvent[];
  onEvent(listener: (event: EngineEvent) => void): () => void;
  /** Rows are gathered only while someone listens. */
  onRows(query: string, listener: (rows: LiveRows) => void): () => void;
  /** Resolves when every bounded source has ended and every window is closed and committed (`untilEnd`), or on a fatal failure (rejects). */
  readonly ended: Promise<void>;
  /** Ends the epoch, commits, closes. Idempotent. */
  stop(): Promise<RuntimeStatus>;
}
