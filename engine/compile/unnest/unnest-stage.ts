import type { PlanNode } from '../../plan/plan.ts';
import { listSource, optional } from '../expression/packed/source.ts';
import type { Flow } from '../flow.ts';
import { withInputs } from '../generate-selection.ts';
import { HeldRows } from '../held-rows.ts';
import { PassedColumns } from '../passed-columns.ts';
import { RowScope } from '../row-scope.ts';
import type { Stage, StageContext } from '../stage.ts';
import { generatedFunction, indent } from '../text.ts';

/**
 * UNNEST: each row once for each element of its lists, side by side; shorter lists end in NULLs. A row whose lists are all empty or
 * NULL gives none.
 */
export function buildUnnestStage(context: StageContext, plan: PlanNode, flows: readonly Flow[]): Stage {
  const { module, number } = context;
  const [flow] = flows as readonly [Flow];
  const node = plan as Extract<PlanNode, { kind: 'unnest' }>;
  const held = new HeldRows(module, number);
  flow.finish(held.hold());

  const columns = new PassedColumns(module, `unnested${number}_`, flow.weight !== null);
  const scope = new RowScope(module, node.id, flow.bindings, 'row');
  const sources = node.lists.map((list) => listSource(list, scope));
  scope.emit('let count: u32 = 0;');
  for (const source of sources) {
    scope.inner(source.valid === 'true' ? '' : `if (${source.valid})`, (inner) => {
      inner.emit(`count = max<u32>(count, <u32>${source.open(inner).count});`);
    });
  }
  const elements = new RowScope(module, node.id, flow.bindings, 'row', scope);
  const stores = columns.pass(elements, node.input.schema, context.needed(node));
  node.lists.forEach((list, k) => {
    const source = sources[k] as (typeof sources)[number];
    const { child } = list.type as Extract<typeof list.type, { kind: 'list' }>;
    const element = optional(elements, child, source.valid, (inner, variable) => {
      const open = source.open(inner);
      inner.block(`if (done < <u32>${open.count})`, (hit) => variable.set(hit, open.element(hit, 'done')));
    });
    stores.push(...columns.add(element));
  });
  const each = [
    ...scope.lines,
    'for (; done < count && o < 8192; done++) {',
    ...indent([...elements.lines, ...stores, ...columns.passWeight(flow.weight), 'o++;']),
    '}',
    'if (done >= count) done = 0;',
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
