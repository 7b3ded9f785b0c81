import type { CompareOperator, Expression } from '../../plan/expression.ts';
import { compileExpression } from './compile-expression.ts';
import type { ExpressionScope, Value } from './contract.ts';
import { hasManyForms, holdsEnum, shapeAddress } from './packed/shape.ts';
import { refuse, typeName } from './refuse.ts';
import { allValid, bind, booleanType, isFloat } from './value.ts';

type Order = '=' | '<>' | '<' | '<=' | '>' | '>=';

export function compileCompare(expression: Extract<Expression, { kind: 'compare' }>, scope: ExpressionScope): Value {
  const left = compileExpression(expression.left, scope);
  const right = compileExpression(expression.right, scope);
  if (expression.operator === 'is_distinct' || expression.operator === 'is_not_distinct') {
    return distinctness(left, right, expression.operator === 'is_distinct', scope, expression);
  }
  const text = compareText(expression.operator, left, right, scope, expression);
  return { type: booleanType, machine: 'bool', parts: [bind(scope, text, 'bool')], valid: allValid(scope, [left, right]) };
}

function distinctness(left: Value, right: Value, distinct: boolean, scope: ExpressionScope, expression: Expression): Value {
  const equal = compareText('=', left, right, scope, expression);
  let same = equal;
  if (left.valid !== 'true' || right.valid !== 'true') same = `(${left.valid} ? ${right.valid} && ${equal} : !${right.valid})`;
  const part = bind(scope, distinct ? `!(${same})` : same, 'bool');
  return { type: booleanType, machine: 'bool', parts: [part], valid: 'true' };
}

/** AssemblyScript bool of a comparison of two values of one type, NULLs aside. */
export function compareText(operator: CompareOperator, left: Value, right: Value, scope: ExpressionScope, at: Expression): string {
  const order = operator as Order;
  const [a, b] = [left.parts[0] as string, right.parts[0] as string];
  const symbol = order === '=' ? '==' : order === '<>' ? '!=' : order;
  if (left.valid === 'false' || right.valid === 'false') return 'false';
  if (left.machine === 'packed') return comparePacked(order, symbol, left, right, scope, at);
  if (left.machine === 'bool') return `(<i32>${a} ${symbol} <i32>${b})`;
  if (isFloat(left.machine)) return compareFloats(order, a, b);
  if (left.machine === 'string') {
    if (order === '=' || order === '<>') return `(${a} ${symbol} ${b})`;
    if (left.type.kind === 'enum') throw refuse('ordering values of an ENUM', at.span);
    return `(${scope.module.import('string-table', 'compareStrings')}(${a}, ${b}) ${symbol} 0)`;
  }
  if (left.machine === 'i128' || left.machine === 'u128') return compareWide(order, symbol, left, right, scope);
  if (left.machine === 'interval') {
    const call = scope.module.import('interval', 'compareIntervals');
    return `(${call}(${[...left.parts, ...right.parts].join(', ')}) ${symbol} 0)`;
  }
  return `(${a} ${symbol} ${b})`;
}

/** Nested values: by their bytes where those are the same for equal values, else value by value. */
function comparePacked(order: Order, symbol: string, left: Value, right: Value, scope: ExpressionScope, at: Expression): string {
  if ((order === '=' || order === '<>') && !hasManyForms(left.type)) return `(${left.parts[0]} ${symbol} ${right.parts[0]})`;
  if (order !== '=' && order !== '<>' && holdsEnum(left.type)) throw refuse(`ordering values of ${typeName(left.type)}`, at.span);
  const compare = scope.module.import('packed-order', 'comparePacked');
  return `(${compare}(${left.parts[0]}, ${right.parts[0]}, ${shapeAddress(scope.module, left.type)}) ${symbol} 0)`;
}

function compareWide(order: Order, symbol: string, left: Value, right: Value, scope: ExpressionScope): string {
  if (order === '=' || order === '<>') {
    const equal = `${left.parts[0]} == ${right.parts[0]} && ${left.parts[1]} == ${right.parts[1]}`;
    return order === '=' ? `(${equal})` : `!(${equal})`;
  }
  const call = scope.module.import('hugeint', left.machine === 'i128' ? 'compareHugeint' : 'compareUnsignedHugeint');
  return `(${call}(${[...left.parts, ...right.parts].join(', ')}) ${symbol} 0)`;
}

/** NaN is the largest number and equals itself. A literal is never NaN unless it says so. */
function compareFloats(order: Order, a: string, b: string): string {
  switch (order) {
    case '=':
      return isNumber(a) || isNumber(b) ? `(${a} == ${b})` : `(${a} == ${b} || (${a} != ${a} && ${b} != ${b}))`;
    case '<>':
      return isNumber(a) || isNumber(b) ? `(${a} != ${b})` : `!${compareFloats('=', a, b)}`;
    case '<':
      return isNumber(b) ? `(${a} < ${b})` : `(${a} < ${b} || (${b} != ${b} && ${a} == ${a}))`;
    case '<=':
      return isNumber(b) ? `(${a} <= ${b})` : `(${a} <= ${b} || ${b} != ${b})`;
    case '>':
      return isNumber(b) ? `!(${a} <= ${b})` : compareFloats('<', b, a);
    case '>=':
      return isNumber(b) ? `!(${a} < ${b})` : compareFloats('<=', b, a);
  }
}

function isNumber(text: string): boolean {
  return /^<f(32|64)>-?[\d.]/.test(text);
}
