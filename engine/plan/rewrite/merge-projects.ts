import type { Expression } from '../expression.ts';
import type { PlanNode } from '../plan.ts';
import { childrenOf, mapColumns } from '../walk-expression.ts';
import { expressionsOf, mapInputs, mapNodeExpressions } from '../walk-plan.ts';

/** Folds a projection into the projection or aggregate above it, and drops projections that change nothing. The root stays. */
export function mergeProjects(plan: PlanNode): PlanNode {
  return mapInputs(merge(plan), dropIdentities);
}

function dropIdentities(node: PlanNode): PlanNode {
  const merged = mapInputs(merge(node), dropIdentities);
  return merged.kind === 'project' && isIdentity(merged) ? merged.input : merged;
}

function merge(node: PlanNode): PlanNode {
  if (node.kind !== 'project' && node.kind !== 'aggregate') return node;
  const below = node.input;
  if (below.kind !== 'project') return node;
  const used = new Map<number, number>();
  for (const expression of expressionsOf(node)) countColumns(expression, used);
  const mayMove = below.expressions.every(
    (each, index) => each.kind === 'column' || each.kind === 'constant' || (used.get(index) ?? 0) <= 1,
  );
  if (!mayMove) return node;
  const substituted = mapNodeExpressions(node, (expression) =>
    mapColumns(expression, (column) => {
      const source = below.expressions[column.index]!;
      return source.span === undefined && column.span !== undefined ? { ...source, span: column.span } : source;
    }),
  );
  return merge({ ...substituted, input: below.input } as PlanNode);
}

function countColumns(expression: Expression, into: Map<number, number>): void {
  if (expression.kind === 'column') into.set(expression.index, (into.get(expression.index) ?? 0) + 1);
  for (const child of childrenOf(expression)) countColumns(child, into);
}

function isIdentity(node: Extract<PlanNode, { kind: 'project' }>): boolean {
  return (
    node.expressions.length === node.input.schema.length &&
    node.expressions.every((each, index) => each.kind === 'column' && each.index === index)
  );
}
