import type { ColumnSpec } from '../../connectors/data-type.ts';
import { QueryError } from '../diagnostic.ts';
import { columnOf, projectNode } from '../plan/build-node.ts';
import type { Expression } from '../plan/expression.ts';
import type { PlanNode } from '../plan/plan.ts';
import { sameType, typeName } from '../plan/type-name.ts';
import { nearestHint } from './options.ts';
import type { Shell } from './read-shell.ts';

/** The SELECT's columns put in the sink's order and types; columns that are not given are NULL. Throws QueryError E0213. */
export function insertPlan(shell: Extract<Shell, { kind: 'insert' }>, plan: PlanNode, sink: readonly ColumnSpec[]): PlanNode {
  const targets =
    shell.columns.length === 0
      ? sink
      : shell.columns.map(({ name, span }) => {
          const column = sink.find((each) => each.name.toLowerCase() === name.toLowerCase());
          if (column !== undefined) return column;
          const names = sink.map((each) => each.name);
          throw new QueryError('E0213', `"${shell.name}" has no column "${name}"`, {
            span,
            hint: nearestHint(name, names) ?? `columns: ${names.join(', ')}`,
          });
        });
  if (targets.length !== plan.schema.length) {
    throw new QueryError('E0213', `"${shell.name}" takes ${targets.length} columns and the SELECT gives ${plan.schema.length}`, {
      span: shell.nameSpan,
      note: `takes ${targets.map((column) => `${column.name} ${typeName(column.type)}`).join(', ')}`,
    });
  }
  const expressions = sink.map((column): Expression => {
    const index = targets.indexOf(column);
    if (index < 0) {
      if (!column.nullable)
        throw new QueryError('E0213', `column "${column.name}" of "${shell.name}" is NOT NULL and is not given`, { span: shell.nameSpan });
      return { kind: 'constant', value: null, type: column.type, nullable: true };
    }
    const value = columnOf(plan.schema, index);
    return sameType(value.type, column.type)
      ? value
      : { kind: 'cast', child: value, try: false, type: column.type, nullable: value.nullable };
  });
  return projectNode(
    plan,
    expressions,
    sink.map((column) => column.name),
  );
}
