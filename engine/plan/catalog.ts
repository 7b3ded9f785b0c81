import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import type { OptionValues } from '../../connectors/options.ts';
import type { Span } from '../diagnostic.ts';
import type { NodeChange } from './changes.ts';
import type { PlanNode, StateBound } from './plan.ts';
import type { Facts } from './time-fact.ts';

/** What the watermark of a query follows: event time, or the time at which rows came in. */
export type QueryClock = 'event' | 'arrival';

export interface SourceDefinition {
  readonly name: string;
  readonly role: 'source' | 'sink';
  readonly kind: 'stream' | 'lookup' | 'versioned';
  /** Rows of other lanes of a group: its watermark comes with them, and none of them is late. */
  readonly exchanged?: true;
  readonly connector: string;
  readonly columns: readonly ColumnSpec[];
  readonly primaryKey: readonly string[];
  /** The connector's own options, validated. */
  readonly options: OptionValues;
  readonly eventTime: string | null;
  /** Columns that separate the partitions: rows that are equal in them are in one. None: nothing is known. */
  readonly partitionKey?: readonly string[];
  readonly maxLatenessMs: number;
  /** null: a silent partition holds the watermark back for ever. */
  readonly idleTimeoutMs: number | null;
  readonly late: 'divert' | 'drop';
  /** Above this share of rejected rows, of at least `rows` of them, the source is in a state of alert; absent: never. */
  readonly rejectedAlert?: { readonly ratio: number; readonly windowMs: number; readonly rows: number };
  /** How often a lookup table is read again; null: only when the engine starts. */
  readonly refreshMs: number | null;
  /** Rows are kept in the store when this is set; then the source can be queried by its name. */
  readonly retentionMs: number | null;
  /** Of a sink. `takesChanges`: rows that are taken back can be told to it. */
  readonly sink?: { readonly retryForMs: number; readonly takesChanges: boolean };
  readonly file: string;
  readonly line: number;
  readonly span: Span;
}

export interface ViewOptions {
  readonly emit: 'final' | 'changes';
  readonly emitEarlyEveryMs: number | null;
  readonly stateTtlMs: number | null;
  readonly retentionMs: number | null;
  readonly tierMs: { readonly hot: number | null; readonly warm: number | null; readonly cold: number | null };
  readonly kind: 'view' | 'alert';
  /** What an alert says: severity, keys, for, resolve_after, summary. Empty for a view. */
  readonly alert: OptionValues;
  /** Series that a function that learns has at a time, in one lane. */
  readonly seriesMax: number;
  readonly memoryBytesMax: number;
}

/** A function in WebAssembly that query files declare: a component gives it. */
export interface UserFunction {
  readonly name: string;
  readonly parameters: readonly DataType[];
  readonly returns: DataType;
  /** Absolute path of the component, and what it exports the function as. */
  readonly path: string;
  readonly export: string;
  readonly span: Span;
}

export interface QueryDefinition {
  /** `folder/view`, as shown to people: `demo/error_rate`. */
  readonly id: string;
  /** Name of the stored view, or of the sink of an INSERT. */
  readonly name: string;
  readonly kind: 'view' | 'insert';
  readonly file: string;
  readonly line: number;
  /** The whole statement and its SELECT body, verbatim, with the body's first byte in the file. */
  readonly statement: string;
  readonly body: string;
  readonly bodySpan: Span;
  readonly options: ViewOptions;
  readonly plan: PlanNode;
  /** Columns of the result, with the user's names. */
  readonly schema: readonly ColumnSpec[];
  /** Result column that carries the query's time for queries that read this one, or null. */
  readonly eventTime: string | null;
  /**
   * How far (microseconds) the watermark of the result is behind the query's own: once the query has advanced to w, no row comes
   * whose event-time column is below w - eventTimeDelayMicros. 0 for window_end, the window's size for window_start.
   */
  readonly eventTimeDelayMicros: bigint;
  /** Times that its windows and bounds are over; `eventTime` follows the same clock. */
  readonly clock: QueryClock;
  /** Sources and stored views that it scans. */
  readonly reads: readonly string[];
  /** Of these the lookup and versioned tables: all of their rows are there before the first row of a stream. */
  readonly lookups: readonly string[];
  readonly bounds: readonly StateBound[];
  /** Functions in WebAssembly that it calls. */
  readonly functions: readonly UserFunction[];
  /** By node id: what is known of the columns that it puts out. */
  readonly nodeFacts: readonly Facts[];
  /** By node id: whether rows that it has put out may be taken back. */
  readonly changes: readonly boolean[];
  /** By node id: the same with why, and the node's key. */
  readonly nodeChanges: readonly NodeChange[];
  /** Rows of the result may be taken back: batches carry weights. */
  readonly resultChanges: boolean;
  /** Columns of the result that no two of its rows have in common, [] for a single row; null: only the whole row, counted. */
  readonly resultKey: readonly number[] | null;
}

export interface Catalog {
  readonly sources: ReadonlyMap<string, SourceDefinition>;
  /** In dependency order: a query comes after the queries that it reads. */
  readonly queries: readonly QueryDefinition[];
}
