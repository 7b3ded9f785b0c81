import type { ColumnSpec, DataType } from '../../connectors/data-type.ts';
import type { Span } from '../diagnostic.ts';
import type { Expression } from './expression.ts';

export interface OrderBy {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface AggregateCall {
  /** DuckDB's name: count_star, count, sum, avg, min, max, stddev_samp, first, arg_max ... */
  readonly name: string;
  readonly args: readonly Expression[];
  readonly filter: Expression | null;
  readonly distinct: boolean;
  readonly orderBy: readonly OrderBy[];
  /** Values bound at plan time that are not arguments: approx_quantile's quantiles. */
  readonly parameters: readonly number[];
  readonly type: DataType;
  readonly span?: Span;
}

export interface WindowCall {
  /** An aggregate's name, or row_number, rank, dense_rank, lag, lead, first_value, last_value, ntile ... */
  readonly name: string;
  readonly args: readonly Expression[];
  readonly filter: Expression | null;
  readonly distinct: boolean;
  readonly ignoreNulls: boolean;
  /** As an aggregate's. */
  readonly parameters?: readonly number[];
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderBy[];
  readonly frame: {
    readonly unit: 'rows' | 'range' | 'groups';
    readonly start: FrameBound;
    readonly end: FrameBound;
  };
  readonly type: DataType;
  readonly span?: Span;
}
export type FrameBound =
  | { readonly kind: 'unbounded_preceding' | 'current_row' | 'unbounded_following' }
  | { readonly kind: 'preceding' | 'following'; readonly offset: Expression };

interface NodeBase {
  /** Dense, in the order in which rows flow (scan first); the same in explain, metrics and generated source. */
  readonly id: number;
  /** Columns that the node puts out. */
  readonly schema: readonly ColumnSpec[];
  readonly span?: Span;
}

/** Expressions of a node refer to its input's columns by index; of a join, to left's columns and then right's. */
export type PlanNode = NodeBase &
  (
    | { readonly kind: 'scan'; readonly table: string; readonly columns: readonly string[] }
    | { readonly kind: 'values'; readonly rows: readonly (readonly Expression[])[] }
    | { readonly kind: 'filter'; readonly input: PlanNode; readonly predicate: Expression }
    | { readonly kind: 'project'; readonly input: PlanNode; readonly expressions: readonly Expression[] }
    /** Appends window_start and window_end (TIMESTAMP) to the input's columns; hop: one row per window that holds the row. */
    | { readonly kind: 'window'; readonly input: PlanNode; readonly window: WindowSpec }
    | {
        readonly kind: 'aggregate';
        readonly input: PlanNode;
        readonly groups: readonly Expression[];
        readonly aggregates: readonly AggregateCall[];
      }
    /** Calls of one PARTITION BY and ORDER BY. `limit`: only rows whose result of that ranking call is at most `rows` matter above. */
    | {
        readonly kind: 'over';
        readonly input: PlanNode;
        readonly calls: readonly WindowCall[];
        readonly limit?: { readonly call: number; readonly rows: number };
      }
    | {
        readonly kind: 'join';
        readonly left: PlanNode;
        readonly right: PlanNode;
        readonly type: 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'mark' | 'single';
        readonly asof: boolean;
        /** Each over left's columns (left) and right's columns (right, counted from 0). */
        readonly conditions: readonly { left: Expression; right: Expression; operator: string }[];
        /** Over left's columns and then right's. */
        readonly residual: Expression | null;
      }
    | { readonly kind: 'unnest'; readonly input: PlanNode; readonly lists: readonly Expression[] }
    | { readonly kind: 'union'; readonly inputs: readonly PlanNode[]; readonly all: boolean }
    | { readonly kind: 'distinct'; readonly input: PlanNode; readonly on: readonly Expression[] }
  );

/**
 * `delayMicros`, when there, says that `time` may be that far behind the query's watermark w (a window over another window's
 * window_start): a window [s, e) closes when w - delayMicros >= e.
 */
export type WindowSpec = { readonly delayMicros?: bigint } & (
  | { readonly kind: 'tumble'; readonly time: Expression; readonly sizeMicros: bigint }
  | { readonly kind: 'hop'; readonly time: Expression; readonly slideMicros: bigint; readonly sizeMicros: bigint }
  | { readonly kind: 'session'; readonly time: Expression; readonly keys: readonly Expression[]; readonly gapMicros: bigint }
);

/** Why a node's state is bounded, or that it is not. */
export interface StateBound {
  readonly node: number;
  readonly bounded: boolean;
  /** `window`, `interval`, `ttl`, `stateless`, `keys` ... and a sentence for people. */
  readonly by: string;
  readonly reason: string;
}
