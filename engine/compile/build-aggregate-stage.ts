import { QueryError } from '../diagnostic.ts';
import type { Expression } from '../plan/expression.ts';
import type { PlanNode } from '../plan/plan.ts';
import { factOf, reachBefore } from '../plan/time-fact.ts';
import { nodesOf } from '../plan/walk-plan.ts';
import { type AggregateNode, AggregateStage, type WindowKey } from './aggregate-stage.ts';
import type { WrittenColumns } from './column-memory.ts';
import { buildGroups } from './changing/changing-stage.ts';
import type { Flow } from './flow.ts';
import { generateAggregate } from './generate-aggregate.ts';
import { generateEmission, generateMark } from './generate-emission.ts';
import { generatePanes } from './generate-panes.ts';
import { generateFold, partitionRows } from './generate-partition.ts';
import { generateTable } from './generate-table.ts';
import { notSupported } from './refuse.ts';
import { type Binding, resolveBinding } from './row-scope.ts';
import type { Stage, StageContext } from './stage.ts';
import { inheritedWindow, readsWindow, type StageWindow, type WindowColumn, windowOfNode } from './stage-window.ts';
import { generateSlices, slicesServe } from './slices/slice-stage.ts';
import { timeKeyWindow } from './time-key-window.ts';

interface Grouping {
  readonly window: StageWindow;
  /** By group expression: the bound of the window that it is, or null. */
  readonly keys: readonly (WindowKey | null)[];
  readonly backMicros: bigint;
}

/** Longer than any watermark reaches: results come with the first one. */
const everMicros = 1n << 62n;

/** GROUP BY a window, or a time: groups lie in panes, which close as the watermark passes. Of constant rows: any groups. */
export function buildAggregateStage(context: StageContext, node: PlanNode, flows: readonly Flow[]): Stage {
  const [flow] = flows as readonly [Flow];
  const aggregate = node as AggregateNode;
  if ([...nodesOf(node)].every((each) => each.kind !== 'scan')) {
    return buildGroups(context, aggregate, flow, false, { kind: 'early', everyMicros: everMicros }, { kind: 'never' });
  }
  const { number } = context;
  const { window, keys, backMicros } = groupingOf(context, aggregate, flow);
  const stage = new AggregateStage(number, aggregate, window, keys, flow, backMicros);
  const { columns, marks } = slicesServe(stage) ? generateSlices(stage, flow) : generatePaned(stage, flow);
  const windowColumns = new Map<number, WindowColumn>();
  keys.forEach((part, k) => {
    if (part !== null) windowColumns.set(k, { part, window, state: stage.state });
  });
  return {
    number,
    node,
    columns: columns.accesses,
    weight: null,
    emits: 'closing',
    marks,
    resumes: true,
    windowColumns,
    reachMicros: window.size + backMicros,
  };
}

/** The functions of a stage whose groups lie in panes. */
function generatePaned(stage: AggregateStage, flow: Flow): { columns: WrittenColumns; marks: boolean } {
  const { module, node, window } = stage;
  if (window.mode === 'slices' && window.size % window.slide !== 0n)
    throw notSupported('these aggregates over a hop whose size is not a multiple of its slide', node.span);
  flow.finish(partitionRows(stage, flow.rowTimes(stage.window)));
  for (const text of [...generateTable(stage), generateAggregate(stage), generateFold(stage)]) if (text !== null) module.add(text);
  const { functions, columns } = generateEmission(stage);
  for (const text of functions) module.add(text);
  const mark = generateMark(stage);
  if (mark !== null) module.add(mark);
  generatePanes(stage);
  return { columns, marks: mark !== null };
}

/** Which window an aggregate's groups live in: one of its own, the ones that its input's rows already carry, or that of a time key. */
function groupingOf(context: StageContext, node: AggregateNode, flow: Flow): Grouping {
  const resolved = node.groups.map((group) => (group.kind === 'column' ? resolveBinding(flow.bindings[group.index] as Binding) : null));
  const own = flow.window;
  if (own !== null) {
    const keys = resolved.map((binding): WindowKey | null => (binding === own.start ? 'start' : binding === own.end ? 'end' : null));
    const reads = [
      ...node.groups.filter((_, k) => keys[k] === null),
      ...node.aggregates.flatMap((call) => [...call.args, ...(call.filter === null ? [] : [call.filter])]),
    ];
    const folded = flow.lateFilters.length > 0 || reads.some((expression) => readsWindow(expression, flow.bindings));
    const window = windowOfNode(own.node, own.bindings, flow.windowColumns, folded);
    return { window, keys, backMicros: backOf(window, flow) + aheadOf(context, own.node.input, window.time) };
  }
  const inherited = resolved.map((binding) => (binding === null ? undefined : flow.windowColumns.get(binding)));
  const at = inherited.findIndex((column) => column !== undefined);
  if (at >= 0) {
    const column = inherited[at] as WindowColumn;
    const keys = inherited.map((other): WindowKey | null => (other?.window === column.window ? other.part : null));
    const window = inheritedWindow(node.id, node.groups[at] as Expression, flow.bindings, column);
    return { window, keys, backMicros: backOf(window, flow) };
  }
  const timed = timeKeyWindow(node, context.facts(node.input), flow.bindings);
  if (timed === null) throw unbounded(node);
  const ahead = aheadOf(context, node.input, timed.key);
  return { window: timed.window, keys: node.groups.map(() => null), backMicros: flow.reachMicros + ahead };
}

/** A window needs the rows of windows below that lie before its own start, unless it goes by their starts. */
function backOf({ follows, shift }: StageWindow, flow: Flow): bigint {
  const byStart = follows.kind === 'window' && (follows.column.part === 'start' || shift !== 0n);
  return byStart ? flow.reachMicros - follows.column.window.size : flow.reachMicros;
}

/** How far the time lies ahead of event time. */
function aheadOf(context: StageContext, input: PlanNode, time: Expression): bigint {
  const fact = factOf(time, context.facts(input));
  return fact === null ? 0n : reachBefore(fact);
}

function unbounded(node: AggregateNode): QueryError {
  return new QueryError(
    'E0404',
    node.groups.length === 0 ? 'an aggregate without a window never ends' : 'GROUP BY without a window never ends',
    {
      ...(node.span === undefined ? {} : { span: node.span }),
      hint: 'aggregate over tumble(...) or hop(...) and group by window_start, window_end, or add WITH (emit = changes) to the view',
    },
  );
}
