import type { Expression } from '../plan/expression.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { AggregateNode } from './aggregate-stage.ts';
import type { WindowNode } from './stage-window.ts';

/**
 * The window that an aggregate groups by: its bounds reach the group keys through filters and projections alone. null when there is
 * none.
 */
export function groupedWindow(node: AggregateNode): WindowNode | null {
  for (const group of node.groups) {
    const window = windowOf(group, node.input);
    if (window !== null) return window;
  }
  return null;
}

function windowOf(expression: Expression, node: PlanNode): WindowNode | null {
  if (expression.kind !== 'column') return null;
  switch (node.kind) {
    case 'filter':
      return windowOf(expression, node.input);
    case 'project':
      return windowOf(node.expressions[expression.index] as Expression, node.input);
    case 'window':
      return expression.index >= node.input.schema.length ? node : windowOf(expression, node.input);
    default:
      return null;
  }
}
