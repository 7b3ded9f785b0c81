import type { Expression } from '../plan/expression.ts';
import type { PlanNode } from '../plan/plan.ts';
import { expressionsOf } from '../plan/walk-plan.ts';
import { childrenOf } from './stage-window.ts';

/** By node: the columns that it puts out and something above it reads. */
export function neededColumns(plan: PlanNode): ReadonlyMap<PlanNode, ReadonlySet<number>> {
  const found = new Map<PlanNode, Set<number>>();
  const need = (node: PlanNode, columns: Iterable<number>): void => {
    const needed = new Set(columns);
    found.set(node, needed);
    switch (node.kind) {
      case 'scan':
      case 'values':
        break;
      case 'project':
        need(node.input, columnsOf([...needed].map((index) => node.expressions[index] as Expression)));
        break;
      case 'aggregate':
        need(node.input, columnsOf(expressionsOf(node)));
        break;
      case 'distinct':
        need(node.input, node.schema.keys());
        break;
      case 'union':
        for (const input of node.inputs) need(input, node.schema.keys());
        break;
      case 'join':
        needOfJoin(node, needed, need);
        break;
      default: {
        const below = [...needed].filter((index) => index < node.input.schema.length);
        need(node.input, [...below, ...columnsOf(expressionsOf(node))]);
      }
    }
  };
  need(plan, plan.schema.keys());
  return found;
}

function needOfJoin(
  node: Extract<PlanNode, { kind: 'join' }>,
  needed: ReadonlySet<number>,
  need: (node: PlanNode, columns: Iterable<number>) => void,
): void {
  const { left, right, residual } = node;
  const split = left.schema.length;
  const both = [...needed, ...(residual === null ? [] : columnsOf([residual]))];
  const conditions = (side: 'left' | 'right') => columnsOf(node.conditions.map((condition) => condition[side]));
  need(left, [...both.filter((index) => index < split), ...conditions('left')]);
  const ofRight = both.flatMap((index) => (index >= split && index < split + right.schema.length ? [index - split] : []));
  need(right, [...ofRight, ...conditions('right')]);
}

function columnsOf(expressions: readonly Expression[]): Set<number> {
  const columns = new Set<number>();
  const visit = (expression: Expression): void => {
    if (expression.kind === 'column') columns.add(expression.index);
    else for (const child of childrenOf(expression)) visit(child);
  };
  for (const expression of expressions) visit(expression);
  return columns;
}
