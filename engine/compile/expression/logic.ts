import type { Expression } from '../../plan/expression.ts';
import { compareText } from './compare.ts';
import { compileExpression } from './compile-expression.ts';
import type { ExpressionScope, Value } from './contract.ts';
import { accessValid } from './packed/column.ts';
import { allValid, assign, bind, booleanType } from './value.ts';

type UnaryExpression = Extract<Expression, { kind: 'not' | 'is_null' | 'is_not_null' }>;

/** AssemblyScript bool: the condition is TRUE (`wanted`), or is FALSE; in either case not NULL. */
export function compileTruth(expression: Expression, wanted: boolean, scope: ExpressionScope): string {
  if (expression.kind === 'not') return compileTruth(expression.child, !wanted, scope);
  if (expression.kind === 'and' || expression.kind === 'or') {
    const all = (expression.kind === 'and') === wanted;
    return truthOfMany(expression.children, all, wanted, scope);
  }
  const value = compileExpression(expression, scope);
  return truthOf(value, wanted, scope);
}

/** True of all children, or of one at least; a dear child is looked at only when the earlier ones leave the answer open. */
function truthOfMany(children: readonly Expression[], all: boolean, wanted: boolean, scope: ExpressionScope): string {
  let known = all ? 'true' : 'false';
  const neutral = known;
  for (const child of children) {
    if (known === neutral || isCheap(child)) {
      const truth = compileTruth(child, wanted, scope);
      if (known === neutral) known = truth;
      else if (truth !== neutral) known = bind(scope, `${known} ${all ? '&&' : '||'} ${truth}`, 'bool', 'c');
      continue;
    }
    const open = scope.name('c');
    scope.emit(`let ${open}: bool = ${known};`);
    scope.block(`if (${all ? '' : '!'}${open})`, (inner) => inner.emit(`${open} = ${compileTruth(child, wanted, inner)};`));
    known = open;
  }
  return known;
}

function truthOf(value: Value, wanted: boolean, scope: ExpressionScope): string {
  const part = wanted ? (value.parts[0] as string) : `!${value.parts[0]}`;
  if (value.valid === 'true') return bind(scope, part, 'bool', 'c');
  if (value.valid === 'false') return 'false';
  return bind(scope, `${value.valid} && ${part}`, 'bool', 'c');
}

/** Costs no more than the branch that would avoid it, and cannot fail. */
export function isCheap(expression: Expression): boolean {
  switch (expression.kind) {
    case 'column':
    case 'constant':
      return true;
    case 'compare':
      return isCheap(expression.left) && isCheap(expression.right);
    case 'and':
    case 'or':
      return expression.children.every(isCheap);
    case 'not':
    case 'is_null':
    case 'is_not_null':
      return isCheap(expression.child);
    case 'in':
      return isCheap(expression.child) && expression.list.length <= 8 && expression.list.every(isCheap);
    default:
      return false;
  }
}

/** AND and OR with NULLs: a child is not looked at once the answer is certain. */
export function compileJunction(expression: Extract<Expression, { kind: 'and' | 'or' }>, scope: ExpressionScope): Value {
  const all = expression.kind === 'and';
  const values: Value[] = [];
  if (expression.children.every(isCheap)) {
    for (const child of expression.children) values.push(compileExpression(child, scope));
    return combine(values, all, scope);
  }
  // `decided`: some child settles the answer; `certain`: no child was NULL so far.
  const decided = scope.name('c');
  const certain = scope.name('c');
  scope.emit(`let ${decided}: bool = false;`);
  scope.emit(`let ${certain}: bool = true;`);
  for (const [i, child] of expression.children.entries()) {
    const look = (inner: ExpressionScope) => {
      const value = compileExpression(child, inner);
      inner.emit(`${decided} = ${truthOf(value, !all, inner)};`);
      if (value.valid !== 'true') inner.emit(`${certain} = ${certain} && ${value.valid};`);
    };
    if (i === 0) look(scope);
    else scope.block(`if (!${decided})`, look);
  }
  const valid = bind(scope, `${decided} || ${certain}`, 'bool', 'v');
  return { type: booleanType, machine: 'bool', parts: [bind(scope, all ? `!${decided}` : decided, 'bool')], valid };
}

function combine(values: readonly Value[], all: boolean, scope: ExpressionScope): Value {
  const settling = values.map((value) => truthOf(value, !all, scope)).filter((truth) => truth !== 'false');
  const decided = settling.length === 0 ? 'false' : bind(scope, settling.join(' || '), 'bool', 'c');
  const everyValid = allValid(scope, values);
  const valid = everyValid === 'true' ? 'true' : bind(scope, `${decided} || ${everyValid}`, 'bool', 'v');
  return { type: booleanType, machine: 'bool', parts: [bind(scope, all ? `!${decided}` : decided, 'bool')], valid };
}

export function compileNot(expression: UnaryExpression, scope: ExpressionScope): Value {
  const value = compileExpression(expression.child, scope);
  return { ...value, parts: [bind(scope, `!${value.parts[0]}`, 'bool')] };
}

export function compileNullTest(expression: UnaryExpression, scope: ExpressionScope): Value {
  const valid = validityOf(expression.child, scope);
  const part = bind(scope, expression.kind === 'is_null' ? `!${valid}` : valid, 'bool');
  return { type: booleanType, machine: 'bool', parts: [part], valid: 'true' };
}

function validityOf(expression: Expression, scope: ExpressionScope): string {
  const nested = expression.kind === 'column' ? scope.nested(expression.index) : null;
  if (nested === null) return compileExpression(expression, scope).valid;
  return accessValid(scope, nested.access, nested.row);
}

export function compileCase(expression: Extract<Expression, { kind: 'case' }>, scope: ExpressionScope): Value {
  return assign(scope, expression.type, (variable) => {
    const branch = (index: number, inner: ExpressionScope): void => {
      const next = expression.branches[index];
      if (next === undefined) {
        variable.set(inner, compileExpression(expression.otherwise, inner));
        return;
      }
      const truth = compileTruth(next.when, true, inner);
      inner.block(`if (${truth})`, (then) => variable.set(then, compileExpression(next.then, then)));
      inner.block('else', (otherwise) => branch(index + 1, otherwise));
    };
    branch(0, scope);
  });
}

export function compileCoalesce(expression: Extract<Expression, { kind: 'coalesce' }>, scope: ExpressionScope): Value {
  const [first, ...rest] = expression.children;
  const value = compileExpression(first as Expression, scope);
  if (value.valid === 'true' || rest.length === 0) return value;
  const otherwise: Expression = { ...expression, children: rest };
  return assign(scope, expression.type, (variable) => {
    scope.block(`if (${value.valid})`, (inner) => variable.set(inner, { ...value, valid: 'true' }));
    scope.block('else', (inner) => variable.set(inner, compileCoalesce(otherwise as typeof expression, inner)));
  });
}

export function compileIn(expression: Extract<Expression, { kind: 'in' }>, scope: ExpressionScope): Value {
  const child = compileExpression(expression.child, scope);
  const items = expression.list.map((item) => compileExpression(item, scope));
  const hits = items.map((item) => {
    const equal = compareText('=', child, item, scope, expression);
    return item.valid === 'true' ? equal : `(${item.valid} && ${equal})`;
  });
  const found = bind(scope, hits.join(' || '), 'bool');
  const unknown = allValid(scope, items);
  const complete =
    unknown === 'true' ? child.valid : allValid(scope, [child, { ...child, valid: bind(scope, `${found} || ${unknown}`, 'bool', 'v') }]);
  return { type: booleanType, machine: 'bool', parts: [bind(scope, expression.negated ? `!${found}` : found, 'bool')], valid: complete };
}
