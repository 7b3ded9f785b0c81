import type { PlanNode } from '../plan/plan.ts';
import { WrittenColumns } from './column-memory.ts';
import { HeldRows } from './held-rows.ts';
import { machineOf } from './machine-type.ts';
import { notSupported } from './refuse.ts';
import { RowScope } from './row-scope.ts';
import type { Stage, StageContext } from './stage.ts';
import { generatedFunction } from './text.ts';

/** Each row is written by statements of its own. */
const rowsMax = 1024;

/** A constant table: its rows come once, before any other. */
export function buildValuesStage({ module, number }: StageContext, plan: PlanNode): Stage {
  const node = plan as Extract<PlanNode, { kind: 'values' }>;
  if (node.rows.length > rowsMax) throw notSupported(`VALUES of ${node.rows.length} rows (at most ${rowsMax})`, node.span);
  const columns = new WrittenColumns(module, `constant${number}_`);
  for (const { type, nullable } of node.schema) columns.declare(type, machineOf(type), nullable);
  const state = `constant${number}`;
  module.reserve(state, 16);
  const rows = node.rows.flatMap((row) => {
    const scope = new RowScope(module, node.id, [], 'row');
    const stores = row.flatMap((expression, k) => columns.write(k, scope.compile(expression)));
    return ['{', ...[...scope.lines, ...stores, 'o++;'].map((line) => `  ${line}`), '}'];
  });
  module.add(
    generatedFunction(`function emit${number}(): u32`, [
      `if (load<u32>(${state}) != 0) return 0;`,
      `store<u32>(${state}, 1);`,
      ...columns.clear(),
      'let o: u32 = 0;',
      ...rows,
      'return o;',
    ]),
  );
  for (const text of HeldRows.functions(number)) module.add(text);
  module.add(generatedFunction(`function resume${number}(watermark: i64): void`, [`store<u32>(${state}, 1);`]));
  return { number, node, columns: columns.accesses, weight: null, emits: 'always', marks: false, resumes: true };
}
