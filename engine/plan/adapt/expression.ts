import type { ColumnSpec } from '../../../connectors/data-type.ts';
import { QueryError, type Span } from '../../diagnostic.ts';
import type { CompareOperator, Expression } from '../expression.ts';
import { callNullable } from '../nullability.ts';
import { sameType } from '../type-name.ts';
import { adaptConstant } from './constant.ts';
import type { AdaptContext } from './context.ts';
import type { DuckExpression } from './duckdb-plan.ts';
import { adaptType } from './type.ts';

export const compareOperators: Readonly<Record<string, CompareOperator>> = {
  COMPARE_EQUAL: '=',
  COMPARE_NOTEQUAL: '<>',
  COMPARE_LESSTHAN: '<',
  COMPARE_LESSTHANOREQUALTO: '<=',
  COMPARE_GREATERTHAN: '>',
  COMPARE_GREATERTHANOREQUALTO: '>=',
  COMPARE_DISTINCT_FROM: 'is_distinct',
  COMPARE_NOT_DISTINCT_FROM: 'is_not_distinct',
};
const boolean = { kind: 'boolean' } as const;

/** A bound expression over the columns of its input. Throws QueryError for what has no place in the engine's plan. */
export function adaptExpression(duck: DuckExpression, columns: readonly ColumnSpec[], context: AdaptContext): Expression {
  const adapt = (child: DuckExpression | undefined): Expression => adaptExpression(must(child, duck), columns, context);
  const at = (word?: string): { span?: Span } => spanOf(context.places.at(duck.query_location, word));
  switch (duck.expression_class) {
    case 'BOUND_REF': {
      const index = Number(duck.index ?? 0);
      const column = columns[index];
      if (column === undefined) throw new Error(`column ${index} is out of range of ${columns.length}`);
      return { kind: 'column', index, type: column.type, nullable: column.nullable, ...spanOf(context.places.column(duck.alias)) };
    }
    case 'BOUND_CONSTANT': {
      const { type, value } = adaptConstant(must(duck.value, duck));
      return { kind: 'constant', value, type, nullable: value === null, ...at() };
    }
    case 'BOUND_CAST': {
      const child = adapt(duck.child);
      const type = adaptType(must(duck.return_type, duck));
      if (sameType(child.type, type)) return child;
      const attempt = duck.try_cast === true;
      return { kind: 'cast', child, try: attempt, type, nullable: attempt || child.nullable || child.type.kind === 'json', ...at() };
    }
    case 'BOUND_COMPARISON': {
      const operator = compareOperators[duck.type];
      if (operator === undefined) throw unsupported(duck, context);
      const left = adapt(duck.left);
      const right = adapt(duck.right);
      const nullable = operator.startsWith('is_') ? false : left.nullable || right.nullable;
      return { kind: 'compare', operator, left, right, type: boolean, nullable, ...at() };
    }
    case 'BOUND_BETWEEN':
      return between(duck, adapt);
    case 'BOUND_CONJUNCTION': {
      const children = (duck.children ?? []).map(adapt);
      return conjunction(duck.type === 'CONJUNCTION_AND' ? 'and' : 'or', children, at().span);
    }
    case 'BOUND_CASE': {
      // biome-ignore lint/suspicious/noThenProperty: SQL's word for it, and nothing awaits a branch
      const branches = (duck.case_checks ?? []).map((check) => ({ when: adapt(check.when_expr), then: adapt(check.then_expr) }));
      const otherwise = adapt(duck.else_expr);
      const nullable = otherwise.nullable || branches.some((branch) => branch.then.nullable);
      return { kind: 'case', branches, otherwise, type: adaptType(must(duck.return_type, duck)), nullable, ...at() };
    }
    case 'BOUND_OPERATOR':
      return operatorExpression(duck, adapt, context);
    case 'BOUND_FUNCTION':
      return callExpression(duck, adapt, context);
    default:
      throw unsupported(duck, context);
  }
}

export function spanOf(span: Span | undefined): { span?: Span } {
  return span === undefined ? {} : { span };
}

export function conjunction(kind: 'and' | 'or', children: readonly Expression[], span?: Span): Expression {
  const [only] = children;
  if (only !== undefined && children.length === 1) return only;
  const flat = children.flatMap((child) => (child.kind === kind ? child.children : [child]));
  return { kind, children: flat, type: boolean, nullable: flat.some((child) => child.nullable), ...spanOf(span) };
}

function between(duck: DuckExpression, adapt: (child: DuckExpression | undefined) => Expression): Expression {
  const input = adapt(duck.input);
  const lower = adapt(duck.lower);
  const upper = adapt(duck.upper);
  const bound = (operator: CompareOperator, right: Expression): Expression => ({
    kind: 'compare',
    operator,
    left: input,
    right,
    type: boolean,
    nullable: input.nullable || right.nullable,
  });
  return conjunction('and', [
    bound(duck.lower_inclusive === false ? '>' : '>=', lower),
    bound(duck.upper_inclusive === false ? '<' : '<=', upper),
  ]);
}

function operatorExpression(
  duck: DuckExpression,
  adapt: (child: DuckExpression | undefined) => Expression,
  context: AdaptContext,
): Expression {
  const children = (duck.children ?? []).map(adapt);
  const at = spanOf(context.places.at(duck.query_location));
  const first = children[0];
  if (first === undefined) throw unsupported(duck, context);
  switch (duck.type) {
    case 'OPERATOR_NOT':
      return { kind: 'not', child: first, type: boolean, nullable: first.nullable, ...at };
    case 'OPERATOR_IS_NULL':
      return { kind: 'is_null', child: first, type: boolean, nullable: false, ...at };
    case 'OPERATOR_IS_NOT_NULL':
      return { kind: 'is_not_null', child: first, type: boolean, nullable: false, ...at };
    case 'OPERATOR_COALESCE': {
      const type = adaptType(must(duck.return_type, duck));
      return { kind: 'coalesce', children, type, nullable: children.every((child) => child.nullable), ...at };
    }
    case 'OPERATOR_NULLIF':
      return nullIf(children, at);
    case 'COMPARE_IN':
    case 'COMPARE_NOT_IN': {
      const nullable = children.some((child) => child.nullable);
      return { kind: 'in', child: first, list: children.slice(1), negated: duck.type === 'COMPARE_NOT_IN', type: boolean, nullable, ...at };
    }
    default:
      throw unsupported(duck, context);
  }
}

function nullIf(children: readonly Expression[], at: { span?: Span }): Expression {
  const [value, other] = children as [Expression, Expression];
  const nullable = value.nullable || other.nullable;
  const when: Expression = { kind: 'compare', operator: '=', left: value, right: other, type: boolean, nullable };
  const none: Expression = { kind: 'constant', value: null, type: value.type, nullable: true };
  // biome-ignore lint/suspicious/noThenProperty: SQL's word for it, and nothing awaits a branch
  return { kind: 'case', branches: [{ when, then: none }], otherwise: value, type: value.type, nullable: true, ...at };
}

/** Names of functions that DuckDB resolves under another name than the one written. */
function callExpression(duck: DuckExpression, adapt: (child: DuckExpression | undefined) => Expression, context: AdaptContext): Expression {
  const name = duck.name ?? '';
  const at = spanOf(context.places.at(duck.query_location));
  if (duck.function_data?.lambda_expr !== undefined) {
    throw new QueryError('E0221', `${name}() with a lambda cannot be used`, { ...at, hint: 'write the expression without a lambda' });
  }
  const args = (duck.children ?? []).map(adapt);
  return { kind: 'call', name, args, type: adaptType(must(duck.return_type, duck)), nullable: callNullable(name, args), ...at };
}

function unsupported(duck: DuckExpression, context: AdaptContext): QueryError {
  const what = duck.expression_class.replace('BOUND_', '').toLowerCase();
  return new QueryError('E0221', `an expression of this form cannot be used: ${what} ${duck.type.toLowerCase()}`, {
    span: context.places.at(duck.query_location),
  });
}

function must<Value>(value: Value | undefined, duck: DuckExpression): Value {
  if (value === undefined) throw new Error(`DuckDB's plan lacks a part of ${duck.expression_class} ${duck.type}`);
  return value;
}
