import type { PlanNode } from '../plan/plan.ts';
import { WrittenColumns } from './column-memory.ts';
import type { Flow, FlowSource } from './flow.ts';
import { machineOf } from './machine-type.ts';
import type { ModuleBuilder } from './module-builder.ts';
import { notSupported } from './refuse.ts';
import { RowScope } from './row-scope.ts';
import { indent } from './text.ts';

/**
 * UNION ALL: each input's flow writes its rows to common columns and hands them to the flow that goes on from there, `next`. Gives
 * where that one starts.
 */
export function generateUnion(
  module: ModuleBuilder,
  node: Extract<PlanNode, { kind: 'union' }>,
  flows: readonly Flow[],
  next: string,
  toOutput: boolean,
): FlowSource {
  const columns = new WrittenColumns(module, `union${node.id}_`);
  const weighted = flows.some((flow) => flow.weight !== null);
  const weight = weighted ? columns.weight() : null;
  const rows = flows.map((flow, k) => {
    const scope = new RowScope(module, node.id, flow.bindings, 'row');
    const values = node.schema.map(({ type, name }, index) => {
      if (machineOf(type) === 'nested' || scope.nested(index) !== null)
        throw notSupported(`a column of type ${type.kind.toUpperCase()} (${name}) in UNION`, node.inputs[k]?.span ?? node.span);
      return scope.column(index);
    });
    return { scope, values };
  });
  node.schema.forEach(({ type }, index) => {
    const nullable = rows.some(({ values }) => values[index]?.valid !== 'true');
    columns.declare(type, machineOf(type), nullable);
  });
  flows.forEach((flow, k) => {
    const { scope, values } = rows[k] as (typeof rows)[number];
    const stores = values.flatMap((value, index) => columns.write(index, value));
    if (weight !== null) {
      const own = flow.weight === null ? '1' : `load<i32>(${flow.weight} + (row << 2))`;
      stores.push(`store<i32>(${weight} + (<usize>o << 2), ${own});`);
    }
    const row = ['const row = <usize>load<u16>(r);', ...scope.lines, ...stores, 'o++;'];
    flow.count(node.id, '<i64>((to - from) >> 1)', '0');
    flow.finish(
      [
        ...columns.clear(),
        'let o: u32 = 0;',
        'for (let r = from; r < to; r += 2) {',
        ...indent(row),
        '}',
        toOutput ? `return o == 0 ? 0 : ${next}(o);` : `if (o != 0) ${next}(o);`,
      ],
      toOutput ? 'u32' : 'void',
    );
  });
  const reach = flows.map((flow) => flow.reachMicros);
  return { columns: columns.accesses, weight, reachMicros: reach.reduce((a, b) => (a > b ? a : b), 0n) };
}
