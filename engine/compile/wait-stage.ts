import type { Expression } from '../plan/expression.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { Flow, RowTime } from './flow.ts';
import { describeRow } from './over/describe-row.ts';
import { KeptRow } from './over/kept-row.ts';
import { passedTime, timeAhead } from './over/over-mode.ts';
import { PassedColumns } from './passed-columns.ts';
import { RowScope } from './row-scope.ts';
import type { Stage, StageContext } from './stage.ts';
import { generatedFunction, indent } from './text.ts';

const batchRows = 8192;
/** Before a row that may be taken back: its weight i32. */
const weightBytes = 8;
/** Watermark i64, watermark at the first row without a time i64, cursor among the rows that are due u32. */
const stateBytes = 24;
/** The size of reorder.ts's state and of record-pool.ts's. */
const queueBytes = 672;
const poolBytes = 32;

interface WaitParts {
  readonly context: StageContext;
  /** Whose columns the rows have. */
  readonly input: PlanNode;
  readonly flow: Flow;
  readonly time: RowTime;
  readonly row: KeptRow;
}

/**
 * Rows of an input wait until the watermark has passed their time, and then go on in its order; those without a time at the end of the
 * input. What lies above has then seen, at each watermark, the rows before it and no others. `consumer`: the node that they go to.
 */
export function buildWaitStage(context: StageContext, consumer: PlanNode, input: PlanNode, flow: Flow, time: RowTime): Stage {
  const { module, number } = context;
  const needed = context.needed(input);
  const columns = input.schema.flatMap(({ type, nullable }, index): Expression[] =>
    needed.has(index) ? [{ kind: 'column', index, type, nullable }] : [],
  );
  const row = new KeptRow(columns, describeRow(module, consumer.id, flow.bindings), flow.weight === null ? 0 : weightBytes);
  const parts: WaitParts = { context, input, flow, time, row };
  module.reserve(state(number), stateBytes);
  module.reserve(queue(number), queueBytes);
  module.reserve(pool(number), poolBytes);
  takeRows(parts, consumer.id);
  const passed = generateEmit(parts, consumer.id);
  generateControl(parts);
  return {
    number,
    node: consumer,
    columns: passed.accesses,
    weight: passed.weight,
    emits: 'closing',
    counts: false,
    marks: generateMark(parts),
    resumes: false,
    reachMicros: flow.reachMicros,
  };
}

const queue = (number: number): string => `waiting${number}`;
const pool = (number: number): string => `waitingRows${number}`;
const state = (number: number): string => `wait${number}`;

function takeRows({ context, flow, time, row }: WaitParts, node: number): void {
  const { module, number } = context;
  const s = state(number);
  const scope = new RowScope(module, node, flow.bindings, 'row');
  const value = scope.with(time.node, time.bindings).compile(time.expression);
  const at = value.parts[0] as string;
  const none = `${value.valid === 'true' ? '' : `!${value.valid} || `}${module.import('selection', 'isInfinite')}(${at})`;
  scope.emit(`const time: i64 = ${none} ? i64.MAX_VALUE : ${at};`);
  // Nobody knows where in time it came: not before the watermark.
  scope.emit(`if (time == i64.MAX_VALUE) store<i64>(${s}, min<i64>(load<i64>(${s}, 8), load<i64>(${s})), 8);`);
  scope.emit(`const kept = ${module.import('record-pool', 'takeRecord')}(${pool(number)});`);
  if (flow.weight !== null) scope.emit(`store<i32>(kept, load<i32>(${flow.weight} + (row << 2)));`);
  const stores = row.write(scope, 'kept');
  scope.lines.push(...stores, `${module.import('reorder', 'addWaiting')}(${queue(number)}, time, kept);`);
  flow.finish(['for (let r = from; r < to; r += 2) {', '  const row = <usize>load<u16>(r);', ...indent(scope.lines), '}']);
}

function generateEmit({ context, input, flow, row }: WaitParts, node: number): PassedColumns {
  const { module, number } = context;
  const s = state(number);
  const columns = new PassedColumns(module, `wait${number}_`, flow.weight !== null);
  const scope = new RowScope(module, node, row.columnBindings('row', input.schema.length), 'row');
  for (const line of columns.pass(scope, input.schema, context.needed(input))) scope.emit(line);
  if (columns.weight !== null) scope.emit(`store<i32>(${columns.weight} + (<usize>o << 2), load<i32>(row));`);
  module.add(
    generatedFunction(`function emit${number}(): u32`, [
      ...columns.clear(),
      'let o: u32 = 0;',
      `const due = ${module.import('reorder', 'dueEntries')}(${queue(number)});`,
      `const count = ${module.import('reorder', 'dueCount')}(${queue(number)});`,
      `let cursor = load<u32>(${s}, 16);`,
      `while (o < ${batchRows} && cursor < count) {`,
      '  const row = <usize>load<u32>(due + (<usize>cursor << 4), 8);',
      ...indent(scope.lines),
      `  ${module.import('record-pool', 'giveRecord')}(${pool(number)}, row);`,
      '  o++;',
      '  cursor++;',
      '}',
      `store<u32>(${s}, cursor, 16);`,
      'return o;',
    ]),
  );
  return columns;
}

function generateControl({ context, flow, time, row }: WaitParts): void {
  const { module, number } = context;
  const s = state(number);
  const add = (signature: string, lines: readonly string[]) => module.add(generatedFunction(`function ${signature}`, lines));
  const reorder = (name: string) => `${module.import('reorder', name)}(${queue(number)}`;
  const records = (name: string) => `${module.import('record-pool', name)}(${pool(number)}`;
  add(`start${number}(): void`, [
    `${records('initialisePool')}, ${row.layout.bytes});`,
    `store<i64>(${s}, i64.MIN_VALUE);`,
    `store<i64>(${s}, i64.MAX_VALUE, 8);`,
  ]);
  add(`close${number}(watermark: i64): void`, [
    `store<i64>(${s}, watermark);`,
    `${reorder('takeDue')}, ${passedTime(time, 'watermark')});`,
    `store<u32>(${s}, 0, 16);`,
  ]);
  const back = flow.reachMicros + timeAhead(time);
  add(`oldest${number}(): i64`, [
    `if (${reorder('waitingRows')}) == 0) return i64.MAX_VALUE;`,
    `const oldest = min<i64>(${reorder('oldestWaiting')}), load<i64>(${s}, 8));`,
    `return oldest == i64.MAX_VALUE || oldest < i64.MIN_VALUE + ${back} ? oldest : oldest - ${back};`,
  ]);
  add(`stateRows${number}(): f64`, [`return <f64>${reorder('waitingRows')});`]);
  add(`stateBytes${number}(): f64`, [`return <f64>${records('poolBytes')}) + ${reorder('waitingListBytes')});`]);
}

function generateMark({ context, row }: WaitParts): boolean {
  const { module, number } = context;
  const marks = row.mark(module, 'row');
  if (marks.length === 0) return false;
  const reorder = (name: string) => `${module.import('reorder', name)}(${queue(number)}`;
  module.add(
    generatedFunction(`function mark${number}(): void`, [
      `for (let list: u32 = 0; list < ${reorder('waitingLists')}); list++) {`,
      `  const at = ${reorder('waitingList')}, list);`,
      `  const end = at + (<usize>${reorder('waitingListLength')}, list) << 4);`,
      '  for (let waiting = at; waiting < end; waiting += 16) {',
      '    const row = <usize>load<u32>(waiting, 8);',
      ...indent(marks, 2),
      '  }',
      '}',
    ]),
  );
  return true;
}
