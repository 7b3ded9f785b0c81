import { QueryError } from '../../diagnostic.ts';
import { joinNode } from '../build-node.ts';
import type { Expression } from '../expression.ts';
import type { PlanNode } from '../plan.ts';
import type { AdaptContext } from './context.ts';
import type { DuckNode } from './duckdb-plan.ts';
import { adaptExpression, compareOperators } from './expression.ts';

export type JoinType = Extract<PlanNode, { kind: 'join' }>['type'];

const joinTypes: Readonly<Record<string, JoinType>> = {
  INNER: 'inner',
  LEFT: 'left',
  RIGHT: 'right',
  OUTER: 'full',
  FULL: 'full',
  SEMI: 'semi',
  ANTI: 'anti',
  MARK: 'mark',
  SINGLE: 'single',
};

export function joinType(duck: DuckNode): JoinType {
  const type = joinTypes[duck.join_type ?? 'INNER'];
  if (type === undefined) throw new QueryError('E0223', `a join of type ${duck.join_type ?? ''} cannot be used`);
  return type;
}

/** Comparison joins, any-condition joins, cross products (an inner join without conditions) and as-of joins over adapted sides. */
export function adaptJoin(duck: DuckNode, left: PlanNode, right: PlanNode, context: AdaptContext): PlanNode {
  const both = [...left.schema, ...right.schema];
  const over = (expression: DuckNode['condition']): Expression | null =>
    expression === undefined ? null : adaptExpression(expression, both, context);
  const residual = over(duck.condition) ?? over(duck.predicate);
  const parts = {
    left,
    right,
    type: joinType(duck),
    asof: duck.type === 'LOGICAL_ASOF_JOIN',
    conditions: joinConditions(duck, left, right, context),
    residual,
  };
  return joinNode(parts, duck.type === 'LOGICAL_CROSS_PRODUCT' ? right.span : context.places.keyword('JOIN'));
}

export function joinConditions(
  duck: DuckNode,
  left: PlanNode,
  right: PlanNode,
  context: AdaptContext,
): { left: Expression; right: Expression; operator: string }[] {
  return (duck.conditions ?? []).map((condition) => {
    const operator = compareOperators[condition.comparison];
    if (operator === undefined) throw new Error(`join condition ${condition.comparison}`);
    return {
      left: adaptExpression(condition.left, left.schema, context),
      right: adaptExpression(condition.right, right.schema, context),
      operator,
    };
  });
}
