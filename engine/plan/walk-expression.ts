import type { Expression } from './expression.ts';

/** The expression's operands, in the order in which `mapChildren` takes them. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'column':
    case 'constant':
      return [];
    case 'cast':
    case 'not':
    case 'is_null':
    case 'is_not_null':
      return [expression.child];
    case 'compare':
      return [expression.left, expression.right];
    case 'and':
    case 'or':
    case 'coalesce':
      return expression.children;
    case 'case':
      return [...expression.branches.flatMap((branch) => [branch.when, branch.then]), expression.otherwise];
    case 'in':
      return [expression.child, ...expression.list];
    case 'call':
      return expression.args;
  }
}

/** The same expression over changed operands; itself when none has changed. */
export function mapChildren(expression: Expression, change: (child: Expression) => Expression): Expression {
  const before = childrenOf(expression);
  const after = before.map(change);
  if (after.every((child, index) => child === before[index])) return expression;
  const [first, second] = after as [Expression, Expression];
  switch (expression.kind) {
    case 'column':
    case 'constant':
      return expression;
    case 'cast':
    case 'not':
    case 'is_null':
    case 'is_not_null':
      return { ...expression, child: first };
    case 'compare':
      return { ...expression, left: first, right: second };
    case 'and':
    case 'or':
    case 'coalesce':
      return { ...expression, children: after };
    case 'case': {
      // biome-ignore lint/suspicious/noThenProperty: SQL's word for it, and nothing awaits a branch
      const branches = expression.branches.map((_, index) => ({ when: after[index * 2]!, then: after[index * 2 + 1]! }));
      return { ...expression, branches, otherwise: after.at(-1)! };
    }
    case 'in':
      return { ...expression, child: first, list: after.slice(1) };
    case 'call':
      return { ...expression, args: after };
  }
}

/** Replaces every column reference. */
export function mapColumns(expression: Expression, change: (column: Extract<Expression, { kind: 'column' }>) => Expression): Expression {
  if (expression.kind === 'column') return change(expression);
  return mapChildren(expression, (child) => mapColumns(child, change));
}

export function shiftColumns(expression: Expression, by: number): Expression {
  return mapColumns(expression, (column) => ({ ...column, index: column.index + by }));
}

/** Indexes of the columns that it reads. */
export function columnsOf(expression: Expression, into: Set<number> = new Set()): Set<number> {
  if (expression.kind === 'column') into.add(expression.index);
  for (const child of childrenOf(expression)) columnsOf(child, into);
  return into;
}

export function some(expression: Expression, test: (each: Expression) => boolean): boolean {
  return test(expression) || childrenOf(expression).some((child) => some(child, test));
}

/** The parts of a conjunction. */
export function conjuncts(predicate: Expression): readonly Expression[] {
  return predicate.kind === 'and' ? predicate.children.flatMap(conjuncts) : [predicate];
}
