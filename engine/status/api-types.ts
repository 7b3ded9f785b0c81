/**
 * JSON of the HTTP API, as the console and the terminal read it. Times are ms since 1970, durations ms, sizes bytes, rates per second,
 * ratios 0..1; `cpu` is in percent of one core, so 200 is two cores busy. Missing is null. Columns, not rows, for whatever grows.
 */
export type Level = 'ok' | 'warning' | 'critical';
export type Severity = 'info' | 'warning' | 'critical';
export type QueryState = 'starting' | 'replaying' | 'ok' | 'behind' | 'idle' | 'failed' | 'ended';
export type SourceState = 'starting' | 'active' | 'idle' | 'waiting' | 'ended' | 'failed';

/** One sentence, and what else there is to say. */
export interface Verdict {
  readonly level: Level;
  readonly text: string;
  readonly detail: string;
  /** The text in pieces, each with its own level; joined they are `text`. */
  readonly parts: readonly { readonly text: string; readonly level: Level }[];
}

export interface SourceEntry {
  readonly id: string;
  readonly kind: string;
  readonly at: string;
  readonly file: string;
  readonly line: number;
  readonly status: SourceState;
  readonly error: string | null;
  /** What it waits for besides rows, since when; `waits`: how often it has begun to; and since when it rejects too much; and fields that its table lacks. */
  readonly waiting: { readonly since: number; readonly reason: string } | null;
  readonly waits: number;
  readonly rejectingSince: number | null;
  readonly unknownFields: readonly (readonly [string | null, number])[];
}

export interface QueryEntry {
  /** `demo/error_rate`. */
  readonly id: string;
  /** What its rows are called in SQL. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** Ids of sources and of queries. */
  readonly reads: readonly string[];
  /** Ids of sinks and of queries. */
  readonly writes: readonly string[];
  readonly status: QueryState;
  readonly error: string | null;
  /** Bytes that its state may take. */
  readonly bound: number;
  readonly open: number;
  readonly sev: Severity | null;
}

export interface SinkEntry {
  readonly id: string;
  readonly kind: string;
  readonly at: string;
}

export interface AttentionItem {
  readonly sev: Severity;
  readonly kind:
    | 'alert'
    | 'failed'
    | 'lag'
    | 'state'
    | 'waiting'
    | 'rejecting'
    | 'rejected'
    | 'late'
    | 'idle'
    | 'replay'
    | 'store'
    | 'event';
  /** Query id, source id, or null for the engine. */
  readonly q: string | null;
  /** Which instance of an alert: `service=checkout`. */
  readonly key?: string;
  readonly since: number;
  readonly text: string;
  readonly href: string;
  /** Shows the rows that it is about, where there are any. */
  readonly sql: string | null;
}

export interface ChangeEntry {
  readonly t: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly kind: string;
  readonly subject: string | null;
  readonly text: string;
}

/** One point a second, oldest first; equal lengths. */
export interface VitalsHistory {
  readonly t: readonly number[];
  readonly in: readonly (number | null)[];
  readonly out: readonly (number | null)[];
  readonly lag: readonly (number | null)[];
  readonly late: readonly (number | null)[];
  readonly state: readonly (number | null)[];
  readonly cpu: readonly (number | null)[];
  /** Per query of `rows`, input rate, for sparklines. */
  readonly q: { readonly rows: readonly [number, number]; readonly in: readonly (readonly (number | null)[])[] };
}

export interface OverviewSnapshot {
  readonly instance: string;
  readonly version: string;
  readonly started: number;
  readonly now: number;
  readonly gen: number;
  readonly phase: string;
  readonly verdict: Verdict;
  readonly sources: readonly SourceEntry[];
  readonly queries: readonly QueryEntry[];
  readonly sinks: readonly SinkEntry[];
  readonly attention: readonly AttentionItem[];
  /** Newest first. */
  readonly changes: readonly ChangeEntry[];
  readonly budget: { readonly state: number; readonly cpuCores: number };
  readonly history: VitalsHistory;
  readonly tick: OverviewTick;
}

type Numbers = readonly (number | null)[];

/** Arrays are in the snapshot's order. With `rows` [from, to) the arrays of `q` hold only those queries. */
export interface OverviewTick {
  readonly t: number;
  readonly gen: number;
  readonly phase: string;
  readonly verdict: Verdict;
  readonly open: number;
  readonly src: {
    readonly in: Numbers;
    readonly rej: Numbers;
    readonly late: Numbers;
    readonly lag: Numbers;
    readonly status: readonly SourceState[];
  };
  readonly q: {
    readonly rows: readonly [number, number];
    readonly in: Numbers;
    readonly out: Numbers;
    readonly lag: Numbers;
    readonly late: Numbers;
    readonly state: Numbers;
    readonly cpu: Numbers;
    readonly status: readonly QueryState[];
  };
  /** Of all queries and sources together. */
  readonly total: {
    readonly in: number;
    readonly out: number;
    readonly late: number;
    readonly rej: number;
    readonly lag: number | null;
    readonly state: number;
  };
  /** Rows kept, bytes on disk, Parquet files, how long the newest transaction took. */
  readonly store: { readonly rows: number; readonly bytes: number; readonly files: number; readonly commitMs: number };
  readonly proc: { readonly cpu: number; readonly rss: number; readonly heap: number };
}

export interface LagParts {
  /** Null: no row yet. */
  readonly total: number | null;
  /** `14 s behind: 0.6 s from the source, 13.4 s here`. */
  readonly text: string;
  readonly parts: readonly { readonly what: string; readonly ms: number }[];
  /** Sources that are silent, which the watermark does not wait for; and those it waits for. */
  readonly idle: readonly string[];
}

export interface PlanStep {
  readonly id: number;
  /** 0 is nearest to the result. */
  readonly depth: number;
  readonly op: string;
  readonly what: string;
  /** UTF-16 offsets into `sql`, or null. */
  readonly span: readonly [number, number] | null;
  readonly in: number | null;
  readonly out: number | null;
  readonly cpu: number | null;
  readonly state: number | null;
  readonly note: string | null;
  /** Queries that read the same table, this one included. */
  readonly sharedWith: number | null;
  /** Null for what keeps nothing. */
  readonly bounded: boolean | null;
}

export interface QueryErrorEntry {
  readonly t: number;
  readonly n: number;
  readonly code: string;
  readonly where: string | null;
  readonly text: string;
  readonly sample: string | null;
}

export interface QueryTick {
  readonly t: number;
  readonly status: QueryState;
  readonly error: string | null;
  readonly lag: LagParts;
  readonly in: number | null;
  readonly out: number | null;
  readonly late: number | null;
  readonly state: number;
  readonly cpu: number | null;
  readonly keys: number;
  readonly totals: { readonly in: number; readonly out: number; readonly filtered: number; readonly late: number };
  readonly watermark: number | null;
  /** In the order of the snapshot's plan: rows a second in and out, bytes. */
  readonly plan: { readonly in: Numbers; readonly out: Numbers; readonly state: Numbers };
}

export interface QuerySnapshot {
  readonly id: string;
  readonly name: string;
  readonly kind: 'view' | 'insert';
  readonly file: string;
  readonly line: number;
  readonly now: number;
  readonly gen: number;
  readonly status: QueryState;
  readonly error: string | null;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly sql: string;
  readonly lag: LagParts;
  readonly plan: readonly PlanStep[];
  readonly bound: {
    readonly bytes: number;
    readonly used: number;
    /** What, formula or reason, bytes now (null: not counted apart). */
    readonly terms: readonly (readonly [string, string, number | null])[];
    readonly keys: { readonly now: number; readonly limit: number | null; readonly policy: string };
  };
  /** Share of one core, on average of the last minute or since the start. */
  readonly cost: { readonly cores: number | null; readonly perMonth: null; readonly currency: null; readonly note: string };
  readonly columns: readonly (readonly [string, string])[];
  /** Column of event time; columns that name a series; columns that can be drawn. */
  readonly time: string | null;
  readonly keys: readonly string[];
  readonly values: readonly string[];
  readonly tick: QueryTick;
  readonly history: Omit<VitalsHistory, 'q'>;
  readonly errors: readonly QueryErrorEntry[];
}

/** What the store adds: newest rows first. */
export interface QueryPage extends QuerySnapshot {
  readonly rows: readonly (readonly unknown[])[];
  /** End of the newest window or newest event time in `rows`. */
  readonly window: number | null;
  /** Why `rows` is empty although there may be some. */
  readonly rowsError: string | null;
}

/** `event: rows` of a query's stream. */
export interface RowsMessage {
  readonly t: number;
  readonly columns: readonly (readonly [string, string])[];
  readonly up: readonly (readonly unknown[])[];
  /** Rows that are no more, to be taken away before `up` is added. */
  readonly del: readonly (readonly unknown[])[];
  readonly dropped: number;
}

export interface CatalogTable {
  readonly name: string;
  readonly kind: 'source' | 'view' | 'late' | 'rejected';
  /** False: it cannot be asked in ad-hoc SQL. */
  readonly stored: boolean;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly file: string;
  readonly line: number;
}

export interface CatalogAnswer {
  readonly gen: number;
  readonly tables: readonly CatalogTable[];
}
