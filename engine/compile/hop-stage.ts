import type { PlanNode } from '../plan/plan.ts';
import type { Flow } from './flow.ts';
import { withInputs } from './generate-selection.ts';
import { HeldRows } from './held-rows.ts';
import { PassedColumns } from './passed-columns.ts';
import { RowScope } from './row-scope.ts';
import type { Stage, StageContext } from './stage.ts';
import type { WindowNode } from './stage-window.ts';
import { generatedFunction, indent } from './text.ts';

/** hop() whose rows are not aggregated by window: each row once for each window that holds it, the latest window first. */
export function buildHopStage(context: StageContext, plan: PlanNode, flows: readonly Flow[]): Stage {
  const { module, number } = context;
  const [flow] = flows as readonly [Flow];
  const node = plan as WindowNode & { window: { kind: 'hop' } };
  const { time, slideMicros, sizeMicros } = node.window;
  const held = new HeldRows(module, number);
  flow.selection.finiteTimes(node.id, time, flow.bindings);
  flow.finish(held.hold());

  const columns = new PassedColumns(module, `hop${number}_`, flow.weight !== null);
  const scope = new RowScope(module, node.id, flow.bindings, 'row');
  const at = scope.compile(time).parts[0] as string;
  const passed = columns.pass(scope, node.input.schema, context.needed(node));
  const bound = (name: string) => ({ type: { kind: 'timestamp' }, machine: 'i64', parts: [name], valid: 'true' }) as const;
  const stores = [...passed, ...columns.add(bound('windowStart')), ...columns.add(bound('windowEnd')), ...columns.passWeight(flow.weight)];
  const each = [
    ...scope.lines,
    `const last = ${module.import('selection', 'floorDivide')}(${at}, ${slideMicros}) * ${slideMicros};`,
    `while (o < 8192) {`,
    `  const windowStart = last - <i64>done * ${slideMicros};`,
    `  const windowEnd = windowStart + ${sizeMicros};`,
    `  if (windowEnd <= ${at}) {`,
    '    done = 0;',
    '    break;',
    '  }',
    ...indent(stores),
    '  o++;',
    '  done++;',
    '}',
  ];
  const body = [...columns.clear(), 'let o: u32 = 0;', ...held.resume(each), 'return o;'];
  module.add(generatedFunction(`function emit${number}(): u32`, withInputs(body)));
  for (const text of HeldRows.functions(number)) module.add(text);
  return {
    number,
    node,
    columns: columns.accesses,
    weight: columns.weight,
    emits: 'always',
    marks: false,
    resumes: false,
    reachMicros: flow.reachMicros,
  };
}
