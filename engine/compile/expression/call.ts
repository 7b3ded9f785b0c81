import { closest } from 'fastest-levenshtein';
import type { Expression } from '../../plan/expression.ts';
import { compileUserCall } from '../user-functions/compile-user-call.ts';
import type { ExpressionScope, Value } from './contract.ts';
import { FunctionCall } from './function-call.ts';
import { functionNamed, functionNames } from './functions.ts';

export function compileCall(expression: Extract<Expression, { kind: 'call' }>, scope: ExpressionScope): Value {
  const call = new FunctionCall(expression, scope);
  const entry = functionNamed(expression.name);
  const declared = scope.module.userFunction(expression.name);
  if (declared !== undefined) return compileUserCall(call, declared);
  if (entry === undefined) {
    const near = closest(expression.name, functionNames());
    throw call.refuse(undefined, `functions that can run are listed in docs/functions.md; the nearest name is ${near}`);
  }
  return entry.compile(call);
}
