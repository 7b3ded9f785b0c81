import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { OptionValues } from '../../connectors/options.ts';
import type { Span } from '../diagnostic.ts';
import type { PlanNode, StateBound } from './plan.ts';

export interface SourceDefinition {
  readonly name: string;
  readonly role: 'source' | 'sink';
  readonly kind: 'stream' | 'lookup' | 'versioned';
  readonly connector: string;
  readonly columns: readonly ColumnSpec[];
  readonly primaryKey: readonly string[];
  /** The connector's own options, validated. */
  readonly options: OptionValues;
  readonly eventTime: string | null;
  readonly maxLatenessMs: number;
  /** null: a silent partition holds the watermark back for ever. */
  readonly idleTimeoutMs: number | null;
  readonly late: 'divert' | 'drop';
  /** Rows are kept in the store when this is set; then the source can be queried by its name. */
  readonly retentionMs: number | null;
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
  readonly memoryBytesMax: number;
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
  /** Result column that carries event time for queries that read this one, or null. */
  readonly eventTime: string | null;
  /**
   * How far (microseconds) the watermark of the result is behind the query's own: once the query has advanced to w, no row comes
   * whose event-time column is below w - eventTimeDelayMicros. 0 for window_end, the window's size for window_start.
   */
  readonly eventTimeDelayMicros: bigint;
  /** Sources and stored views that it scans. */
  readonly reads: readonly string[];
  readonly bounds: readonly StateBound[];
}

export interface Catalog {
  readonly sources: ReadonlyMap<string, SourceDefinition>;
  /** In dependency order: a query comes after the queries that it reads. */
  readonly queries: readonly QueryDefinition[];
}
