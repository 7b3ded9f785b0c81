import type { Expression } from '../../plan/expression.ts';
import { machineOf } from '../machine-type.ts';
import { compileCall } from './call.ts';
import { compileCast } from './cast.ts';
import { compileCompare } from './compare.ts';
import { constantValue } from './constant.ts';
import type { ExpressionScope, Value } from './contract.ts';
import { foldConstant } from './fold.ts';
import { compileCase, compileCoalesce, compileIn, compileJunction, compileNot, compileNullTest, compileTruth } from './logic.ts';

/** Statements for `expression` go into `scope`; what it gives is the value. Throws QueryError for what cannot run. */
export function compileExpression(expression: Expression, scope: ExpressionScope): Value {
  if (expression.kind === 'cast' || expression.kind === 'call') {
    const folded = foldConstant(expression);
    const scalar = folded === undefined || folded === null || machineOf(expression.type) !== 'packed';
    if (folded !== undefined && scalar) return constantValue(folded, expression.type, scope);
  }
  switch (expression.kind) {
    case 'column':
      return scope.column(expression.index);
    case 'constant':
      return constantValue(expression.value, expression.type, scope);
    case 'cast':
      return compileCast(expression, scope);
    case 'compare':
      return compileCompare(expression, scope);
    case 'and':
    case 'or':
      return compileJunction(expression, scope);
    case 'not':
      return compileNot(expression, scope);
    case 'is_null':
    case 'is_not_null':
      return compileNullTest(expression, scope);
    case 'case':
      return compileCase(expression, scope);
    case 'coalesce':
      return compileCoalesce(expression, scope);
    case 'in':
      return compileIn(expression, scope);
    case 'call':
      return compileCall(expression, scope);
  }
}

/**
 * AssemblyScript bool (a local or a literal) that holds when the condition is TRUE: neither FALSE nor NULL. What a WHERE needs, with
 * less code than a value of three states.
 */
export function compileCondition(expression: Expression, scope: ExpressionScope): string {
  return compileTruth(expression, true, scope);
}
