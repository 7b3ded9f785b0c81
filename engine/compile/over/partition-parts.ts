import { factOf } from '../../plan/time-fact.ts';
import type { Flow } from '../flow.ts';
import { machineOf } from '../machine-type.ts';
import type { ModuleBuilder } from '../module-builder.ts';
import { type RowColumn, RowLayout } from '../row-layout.ts';
import type { StageContext } from '../stage.ts';
import { generateCompare, generateSame } from './compare-rows.ts';
import { describeRow } from './describe-row.ts';
import type { EntryAccess } from './entry-access.ts';
import { CallEvaluator, expressionsRead, type OverNode } from './evaluate-calls.ts';
import { distinctExpressions, KeptRow, usedColumns } from './kept-row.ts';
import type { OverMode, PassingTime } from './over-mode.ts';
import { PartitionTable } from './partition-table.ts';

export type PartitionMode = Extract<OverMode, { kind: 'final' | 'changes' }>;

/** Flags in the first word of a kept row; its second links rows that are to be taken back. */
export const rowPutOut = 1;
export const rowChanged = 2;
const rowHeaderBytes = 8;

/** Offsets in a partition's record. */
export interface PartitionFields {
  /** List of its rows (12 bytes), how many of them are in order, whether it waits to be put out. */
  readonly rows: number;
  readonly sorted: number;
  readonly due: number;
  /** First of the rows to take back that are no more in it; whether the limit of rows is reached. */
  readonly gone: number;
  readonly full: number;
  /** i64: when it closes, the watermark at its last row, a time that no row lies before. */
  readonly closing: number;
  readonly last: number;
  readonly since: number;
}

/** What the functions of a stage that keeps whole partitions share. */
export interface PartitionParts {
  readonly context: StageContext;
  readonly module: ModuleBuilder;
  readonly number: number;
  readonly node: OverNode;
  readonly flow: Flow;
  readonly mode: PartitionMode;
  readonly row: KeptRow;
  /** Columns that are put out. */
  readonly needed: ReadonlySet<number>;
  /** Where the results that were put out lie in a kept row. */
  readonly results: RowLayout;
  readonly resultColumns: readonly RowColumn[];
  readonly table: PartitionTable;
  readonly evaluator: CallEvaluator;
  readonly fields: PartitionFields;
  /** A time of the rows, from which they can be read again. */
  readonly time: PassingTime | null;
  /** Rows of a partition beyond these need not be kept. */
  readonly limit: OverNode['limit'] | null;
}

/**
 * State: watermark i64, times that were put out before i64, first closing i64, next sweep i64, place in the list u32, phase u32,
 * position u32, whether early results may come u32.
 */
export const partitionStateBytes = 48;
export const stateOf = (number: number): string => `over${number}`;
export const poolOf = (number: number): string => `kept${number}`;
export const dueOf = (number: number): string => `due${number}`;
/** Partitions that have changed since an early result, where such come. */
export const changedOf = (number: number): string => `changed${number}`;
export const reachLogOf = (number: number): string => `reach${number}Log`;

export function partitionParts(context: StageContext, node: OverNode, flow: Flow, mode: PartitionMode): PartitionParts {
  const { module, number } = context;
  const [call] = node.calls as readonly [OverNode['calls'][number]];
  const incoming = describeRow(module, node.id, flow.bindings);
  const needed = context.needed(node);
  const orderKeys = call.orderBy.map((order) => order.expression);
  const expressions = distinctExpressions([...usedColumns(node, needed).passed, ...expressionsRead(node.calls), ...orderKeys]);
  const row = new KeptRow(expressions, incoming, rowHeaderBytes);
  const resultColumns = node.calls.map(
    ({ type, name }): RowColumn => ({ type, machine: machineOf(type), valid: neverNull.has(name) ? 'true' : '' }),
  );
  const table = new PartitionTable(module, number, call.partitionBy, incoming, call.span);
  const { record } = table;
  const rows = record.add(16);
  const [sorted, due, gone, full] = [4, 4, 4, 4].map((bytes) => record.add(bytes)) as [number, number, number, number];
  const [closing, last, since] = [8, 8, 8].map((bytes) => record.add(bytes)) as [number, number, number];
  const evaluator = evaluatorOf(context, node, row);
  const orders = call.orderBy.map((order) => ({ ...order, expression: row.over(order.expression) }));
  generateCompare(module, `compareRows${number}`, node.id, orders, (slot) => row.bindings(slot));
  const keys = orders.map((order) => order.expression);
  generateSame(module, `sameOrder${number}`, node.id, keys, (slot) => row.bindings(slot));
  table.generate([`store<i64>(partition, i64.MAX_VALUE, ${since});`]);
  return {
    context,
    module,
    number,
    node,
    flow,
    mode,
    row,
    needed,
    results: new RowLayout(resultColumns, row.layout.bytes),
    resultColumns,
    table,
    evaluator,
    fields: { rows, sorted, due, gone, full, closing, last, since },
    time: mode.closing ?? timeOf(context, node),
    limit: flow.weight === null ? (node.limit ?? null) : null,
  };
}

const neverNull: ReadonlySet<string> = new Set([
  'row_number',
  'rank',
  'dense_rank',
  'rank_dense',
  'percent_rank',
  'cume_dist',
  'ntile',
  'count',
  'count_star',
]);

/** Microseconds of event time between early results; null: after each batch. */
export function earlyMicros({ mode, context }: PartitionParts): bigint | null {
  const { emitEarlyEveryMs } = context.query.options;
  return mode.kind === 'final' || mode.closing === null || emitEarlyEveryMs === null ? null : BigInt(emitEarlyEveryMs) * 1000n;
}

/** The partition at hand is evaluated as a whole: its state lies in one place for all. */
function evaluatorOf({ module, number }: StageContext, node: OverNode, row: KeptRow): CallEvaluator {
  const base = `frames${number}`;
  let bytes = 0;
  const add = (size: number): number => {
    const at = Math.ceil(bytes / Math.min(size, 8)) * Math.min(size, 8);
    bytes = at + size;
    return at;
  };
  const entry: EntryAccess = {
    module,
    node: node.id,
    row,
    complete: true,
    at: (position) => `<usize>load<u32>(rows + (<usize>(${position}) << 2))`,
    place: (position) => `(${position})`,
    places: 'end',
  };
  const ordered = (node.calls[0]?.orderBy.length ?? 0) > 0;
  const same = ordered ? `sameOrder${number}` : null;
  const evaluator = new CallEvaluator(
    node,
    entry,
    { base, add },
    same,
    '<i64>position',
    describeRow(module, node.id, row.bindings('entry')),
  );
  module.reserve(base, Math.max(8, bytes));
  return evaluator;
}

function timeOf(context: StageContext, node: OverNode): PassingTime | null {
  const facts = context.facts(node.input);
  const times = usedColumns(node, context.needed(node)).all.flatMap((expression) => {
    const { type, nullable } = expression;
    const fact = factOf(expression, facts);
    const isTime = type.kind === 'timestamp' || type.kind === 'timestamptz';
    return fact === null || fact.otherClock || !isTime || nullable ? [] : [{ expression, fact }];
  });
  return times[0] ?? null;
}
