import type { Expression } from './expression.ts';
import type { PlanNode } from './plan.ts';
import { mapChildren } from './walk-expression.ts';
import { mapInputs, mapNodeExpressions } from './walk-plan.ts';

/** A plan to be used in another file, where its places mean nothing. */
export function withoutSpans(plan: PlanNode): PlanNode {
  const strip = (expression: Expression): Expression => {
    const { span: _span, ...bare } = mapChildren(expression, strip);
    return bare as Expression;
  };
  const visit = (node: PlanNode): PlanNode => {
    const { span: _span, ...bare } = mapNodeExpressions(mapInputs(node, visit), strip);
    if (bare.kind === 'aggregate') return { ...bare, aggregates: bare.aggregates.map(({ span: _own, ...call }) => call) };
    if (bare.kind === 'over') return { ...bare, calls: bare.calls.map(({ span: _own, ...call }) => call) };
    return bare as PlanNode;
  };
  return visit(plan);
}
