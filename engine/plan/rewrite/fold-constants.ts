import { QueryError } from '../../diagnostic.ts';
import { constantSql } from '../expression-text.ts';
import type { ConstantValue, Expression } from '../expression.ts';
import type { PlanNode } from '../plan.ts';
import { childrenOf, mapChildren, some } from '../walk-expression.ts';
import { expressionsOf, mapInputs, mapNodeExpressions, nodesOf } from '../walk-plan.ts';

/** Values of constant SQL expressions, as DuckDB computes them; rejects with its message when one fails. */
export type Evaluate = (expressions: readonly string[]) => Promise<readonly ConstantValue[]>;

/**
 * Computes constant expressions once, by DuckDB itself, so that casts and intervals are exactly its own. Functions that are not
 * the same at each call stay. Throws QueryError E0207 for a constant that cannot be computed.
 */
export async function foldConstants(plan: PlanNode, evaluate: Evaluate, isFoldable: (name: string) => boolean): Promise<PlanNode> {
  const found = new Set<Expression>();
  for (const node of nodesOf(plan)) for (const expression of expressionsOf(node)) collect(expression, isFoldable, found);
  const values = await evaluateAll([...found], evaluate);
  const replace = (expression: Expression): Expression => {
    const value = values.get(expression);
    if (value !== undefined) return value;
    return simplify(mapChildren(expression, replace));
  };
  const visit = (node: PlanNode): PlanNode => mapNodeExpressions(mapInputs(node, visit), replace);
  return visit(plan);
}

function collect(expression: Expression, isFoldable: (name: string) => boolean, into: Set<Expression>): void {
  if (expression.kind === 'column' || expression.kind === 'constant') return;
  const isConstant = !some(expression, (each) => each.kind === 'column' || (each.kind === 'call' && !isFoldable(each.name)));
  if (isConstant && isScalar(expression)) into.add(expression);
  else for (const child of childrenOf(expression)) collect(child, isFoldable, into);
}

/** Lists, maps and structs stay calls over constants. */
function isScalar(expression: Expression): boolean {
  return !['list', 'map', 'struct', 'blob', 'enum', 'null', 'uuid'].includes(expression.type.kind);
}

async function evaluateAll(found: readonly Expression[], evaluate: Evaluate): Promise<Map<Expression, Expression>> {
  const folded = new Map<Expression, Expression>();
  if (found.length === 0) return folded;
  const keep = (expression: Expression, value: ConstantValue): void => {
    const { type, span } = expression;
    folded.set(expression, { kind: 'constant', value, type, nullable: value === null, ...(span === undefined ? {} : { span }) });
  };
  try {
    const values = await evaluate(found.map(constantSql));
    found.forEach((expression, index) => {
      keep(expression, values[index] ?? null);
    });
  } catch {
    for (const expression of found) {
      try {
        const [value] = await evaluate([constantSql(expression)]);
        keep(expression, value ?? null);
      } catch (error) {
        const text = String(error instanceof Error ? error.message : error);
        const message = (text.split('\n')[0] ?? '').replace(/^[A-Z]\w+( [A-Z]\w+)? Error: /, '');
        const span = expression.span ?? childrenOf(expression).find((child) => child.span !== undefined)?.span;
        throw new QueryError('E0207', `this constant cannot be computed: ${message}`, { span });
      }
    }
  }
  return folded;
}

/** TRUE leaves a conjunction, FALSE a disjunction; the other one decides it. NULL stays: it is neither. */
function simplify(expression: Expression): Expression {
  if (expression.kind !== 'and' && expression.kind !== 'or') return expression;
  const neutral = expression.kind === 'and';
  const children = expression.children.filter((child) => !(child.kind === 'constant' && child.value === neutral));
  const deciding = children.find((child) => child.kind === 'constant' && child.value === !neutral);
  if (deciding !== undefined) return deciding;
  if (children.length === expression.children.length) return expression;
  const [only] = children;
  if (only === undefined) return { kind: 'constant', value: neutral, type: expression.type, nullable: false };
  return children.length === 1 ? only : { ...expression, children, nullable: children.some((child) => child.nullable) };
}
