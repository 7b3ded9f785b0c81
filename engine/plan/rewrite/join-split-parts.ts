import type { Expression } from '../expression.ts';
import type { PlanNode } from '../plan.ts';
import { mapChildren } from '../walk-expression.ts';
import { mapInputs, mapNodeExpressions } from '../walk-plan.ts';

/**
 * DuckDB binds split_part(text, separator, n) as a macro: CASE WHEN text IS NOT NULL THEN COALESCE(array_extract(string_split(text,
 * separator), n), '') END. It becomes one call again, without a list.
 */
export function joinSplitParts(plan: PlanNode): PlanNode {
  return mapNodeExpressions(mapInputs(plan, joinSplitParts), join);
}

function join(expression: Expression): Expression {
  const joined = mapChildren(expression, join);
  const [branch, ...more] = joined.kind === 'case' ? joined.branches : [];
  if (joined.kind !== 'case' || branch === undefined || more.length > 0) return joined;
  const { when, then } = branch;
  if (!isNull(joined.otherwise) || !isEmptyCoalesce(then)) return joined;
  const extract = then.children[0]!;
  if (extract.kind !== 'call' || extract.name !== 'array_extract') return joined;
  const [split, part] = extract.args;
  if (split?.kind !== 'call' || split.name !== 'string_split' || part === undefined) return joined;
  const [text, separator] = split.args;
  if (text === undefined || separator?.kind !== 'constant' || separator.value === null || part.kind !== 'constant' || part.value === null)
    return joined;
  if (when.kind !== 'is_not_null' || !sameExpression(when.child, text)) return joined;
  const span = joined.span === undefined ? {} : { span: joined.span };
  return { kind: 'call', name: 'split_part', args: [text, separator, part], type: joined.type, nullable: text.nullable, ...span };
}

function isNull(expression: Expression): boolean {
  return expression.kind === 'constant' && expression.value === null;
}

function isEmptyCoalesce(expression: Expression): expression is Extract<Expression, { kind: 'coalesce' }> & Expression {
  if (expression.kind !== 'coalesce' || expression.children.length !== 2) return false;
  const last = expression.children[1]!;
  return last.kind === 'constant' && last.value === '';
}

function sameExpression(a: Expression, b: Expression): boolean {
  const text = (expression: Expression): string =>
    JSON.stringify(expression, (name, value: unknown) => (name === 'span' ? undefined : typeof value === 'bigint' ? `${value}n` : value));
  return text(a) === text(b);
}
