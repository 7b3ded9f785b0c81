import type { Flow } from '../flow.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import type { Binding } from '../row-scope.ts';
import type { StageContext } from '../stage.ts';
import { generateCompare, generateSame } from './compare-rows.ts';
import { describeRow } from './describe-row.ts';
import type { EntryAccess } from './entry-access.ts';
import { CallEvaluator, expressionsRead, type OverNode } from './evaluate-calls.ts';
import { distinctExpressions, KeptRow, usedColumns } from './kept-row.ts';
import type { OverMode } from './over-mode.ts';
import { PartitionTable } from './partition-table.ts';
import { RowRing } from './row-ring.ts';
import { peerFunctions } from './window-values.ts';

export type TimeMode = Extract<OverMode, { kind: 'time' }>;

/**
 * State: limit i64 (times up to it are due), resumed i64 (up to it all was put out before), cursor u32, end of equal times u32, end of
 * peers u32, whether there are several u32, watermark i64, next sweep i64, what was touched u64, the watermark at the first row
 * without a time i64.
 */
export const timeStateBytes = 64;
export const timelessAt = 56;

/** What the functions of one stage share. */
export interface TimeParts {
  readonly module: ModuleBuilder;
  readonly number: number;
  readonly node: OverNode;
  readonly flow: Flow;
  readonly mode: TimeMode;
  /** A row as it waits, and what its partition keeps of it. */
  readonly waiting: KeptRow;
  /** Its columns, as those of the input. */
  readonly waitingAt: (slot: string) => readonly Binding[];
  /** Columns that are put out. */
  readonly needed: ReadonlySet<number>;
  readonly entry: KeptRow;
  readonly table: PartitionTable;
  readonly ring: RowRing;
  readonly evaluator: CallEvaluator;
  readonly fields: Fields;
  readonly stateTtlMs: number | null;
}

/**
 * Offsets in a partition's record: position after its last row, first that is kept, rows moved down, time of the last row, of its
 * closing; a time that no kept row lies before, and the next such, with the position from where on it holds.
 */
export interface Fields {
  readonly head: number;
  readonly first: number;
  readonly before: number;
  readonly last: number;
  readonly closing: number;
  readonly since: number;
  readonly next: number;
  readonly nextAt: number;
}

export const queue = (number: number) => `waiting${number}`;
export const pool = (number: number) => `waitingRows${number}`;
export const state = (number: number) => `over${number}`;
export const reachLog = (number: number) => `reach${number}Log`;

/** Lays out what is kept, and declares how it is found and compared. */
export function timeOrderParts(context: StageContext, node: OverNode, flow: Flow, mode: TimeMode): TimeParts {
  const { module, number, query } = context;
  const needed = context.needed(node);
  const waiting = new KeptRow(usedColumns(node, needed).all, describeRow(module, node.id, flow.bindings));
  const waitingAt = (slot: string) => waiting.columnBindings(slot, node.input.schema.length);
  const describe = describeRow(module, node.id, waitingAt('row'));
  const [call] = node.calls as readonly [OverNode['calls'][number]];
  const ordered = node.calls.some((each) => peerFunctions.has(each.name) || each.frame.unit !== 'rows');
  const orders = ordered ? call.orderBy.map((order) => order.expression) : [];
  const entry = new KeptRow(distinctExpressions([...expressionsRead(node.calls), ...orders]), describe);
  const table = new PartitionTable(module, number, call.partitionBy, describe, call.span);
  const { record } = table;
  const [head, first, nextAt] = [record.add(4), record.add(4), record.add(4)];
  const [before, last, closing, since, next] = [8, 8, 8, 8, 8].map((bytes) => record.add(bytes)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const fields = { head, first, before, last, closing, since, next, nextAt };
  const ring = new RowRing(module, record, entry, node.calls, fields);
  const access: EntryAccess = {
    module,
    node: node.id,
    row: entry,
    complete: false,
    at: (position) => ring.at(position),
    place: (position) => ring.place(position),
    places: ring.places,
  };
  const same = `sameOrder${number}`;
  const evaluator = new CallEvaluator(
    node,
    access,
    { base: 'partition', add: (bytes) => record.add(bytes) },
    same,
    `(load<i64>(partition, ${before}) + <i64>position)`,
    describeRow(module, node.id, entry.bindings('entry')),
  );
  ring.layOut();
  ring.declare();
  if (evaluator.needsPeers) {
    const keys = call.orderBy.map((order) => entry.over(order.expression));
    generateSame(module, same, node.id, keys, (slot) => entry.bindings(slot));
  }
  generateCompare(module, `compareWaiting${number}`, node.id, call.orderBy, waitingAt);
  table.generate(evaluator.reset());
  ring.generateGrow(number, evaluator.forgetPlaces());
  return {
    module,
    number,
    node,
    flow,
    mode,
    waiting,
    waitingAt,
    needed,
    entry,
    table,
    ring,
    evaluator,
    fields,
    stateTtlMs: query.options.stateTtlMs,
  };
}
