import type { QueryDefinition } from '../plan/catalog.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { Facts } from '../plan/time-fact.ts';
import type { ColumnAccess } from './expression/contract.ts';
import type { Flow } from './flow.ts';
import type { ModuleBuilder } from './module-builder.ts';
import type { WindowColumn } from './stage-window.ts';

/**
 * A node that keeps rows, or has to suspend while it puts out more than a batch. Its builder finishes the flows that end in it and
 * adds functions to the module, K being the stage's number (from 1, inputs before consumers):
 *   startK(): void                once, before anything else
 *   emitK(): u32                  writes the next rows, at most 8192, to `columns` (and `weight`); returns how many, 0: none now
 *   closeK(watermark: i64): void  the query's own watermark (i64.MAX_VALUE at the end), which only grows; every stage before has
 *                                 closed and been drained
 *   oldestK(): i64                event time from which source rows are needed to make its state again; i64.MAX_VALUE: none
 *   stateRowsK(): f64, stateBytesK(): f64
 *   markK(): void                 with `marks`: marks kept strings; only between calls of the kernel, when all is drained
 *   resumeK(watermark: i64): void with `resumes`: what was final at or before the query's `watermark` has been put out before a
 *                                 restart and must not come again; called once, before the first row
 * emitK is called until it gives 0 after each batch of a flow into the stage (unless `emits` is 'closing') and after each closeK.
 * The control counts the rows that go in and out of its node.
 * The columns that a flow starts from stay valid until then: its function may keep row numbers and emitK read the rows.
 */
export interface Stage {
  readonly number: number;
  readonly node: PlanNode;
  /** What emitK writes, in the order of the node's schema. */
  readonly columns: readonly ColumnAccess[];
  /** Address of an i32 by row, +1 added or -1 taken back, written with the columns; null: every row is added once. */
  readonly weight: string | null;
  /** 'closing': rows come only after closeK, so that emitK need not be asked after a batch. */
  readonly emits: 'always' | 'closing';
  readonly marks: boolean;
  /** false: its rows are those of its input, which the node that they go to counts. True when absent. */
  readonly counts?: boolean;
  readonly resumes: boolean;
  /** clearK(): void forgets the rows of the table that one of its flows brings, between two batches: a new table comes. */
  readonly clears?: boolean;
  /**
   * How long (event time, microseconds) before a row's own times the source rows that made it may lie: a restart that needs the row
   * again goes back so far. 0 when absent.
   */
  readonly reachMicros?: bigint;
  /**
   * There is a reachK(time: i64): i64, for a stage whose rows reach back no fixed time: event time from which source rows are needed
   * to make those of its rows again whose times are `time` or later, less than `reachMicros`. It may forget what is before.
   */
  readonly reaches?: boolean;
  /** By column: the bound of a closed window that it holds. Only for aggregates. */
  readonly windowColumns?: ReadonlyMap<number, WindowColumn>;
}

export interface StageContext {
  readonly module: ModuleBuilder;
  /** K: the stage's number. */
  readonly number: number;
  readonly query: QueryDefinition;
  /** What is known of the columns that a node puts out and the query's watermark; one entry per column. */
  facts(node: PlanNode): Facts;
  /** Columns that the node puts out and something above it reads; the others need not be kept or written. */
  needed(node: PlanNode): ReadonlySet<number>;
  /** Whether rows that the node puts out may be taken back later. */
  changes(node: PlanNode): boolean;
}

/** `flows`: one per input of the node, in their order, open at the rows that come in. Throws QueryError for what cannot run. */
export type StageBuilder = (context: StageContext, node: PlanNode, flows: readonly Flow[]) => Stage;
