import { conjunction } from '../adapt/expression.ts';
import { filterNode, joinNode } from '../build-node.ts';
import type { CompareOperator, Expression } from '../expression.ts';
import type { PlanNode } from '../plan.ts';
import { columnsOf, conjuncts, mapColumns, shiftColumns } from '../walk-expression.ts';
import { mapInputs } from '../walk-plan.ts';

type Join = Extract<PlanNode, { kind: 'join' }>;

/**
 * Moves each part of a filter as far down as it may go, and turns parts that compare both sides of a join into its conditions.
 * Nothing passes the columns that a window adds, an outer join's missing side, or a computed column.
 */
export function pushFilters(plan: PlanNode): PlanNode {
  return push(plan, []);
}

function push(node: PlanNode, predicates: readonly Expression[]): PlanNode {
  switch (node.kind) {
    case 'filter':
      return push(
        node.input,
        [...conjuncts(node.predicate), ...predicates].filter((each) => !(each.kind === 'constant' && each.value === true)),
      );
    case 'project': {
      const substituted = (predicate: Expression): Expression | null => {
        const simple = [...columnsOf(predicate)].every((index) => isSimple(node.expressions[index]!));
        return simple ? mapColumns(predicate, (column) => withSpan(node.expressions[column.index]!, column)) : null;
      };
      return split(node, predicates, substituted);
    }
    case 'window': {
      const passes = passesWindow(node);
      return split(node, predicates, (predicate) => (columnsOf(predicate).size > 0 && reads(predicate, passes) ? predicate : null));
    }
    case 'unnest': {
      const width = node.input.schema.length;
      return split(node, predicates, (predicate) => (reads(predicate, (index) => index < width) ? predicate : null));
    }
    case 'aggregate': {
      const keys = node.groups.length;
      const overKeys = (predicate: Expression): Expression | null => {
        const used = [...columnsOf(predicate)];
        if (keys === 0 || used.length === 0 || !used.every((index) => index < keys)) return null;
        return mapColumns(predicate, (column) => withSpan(node.groups[column.index]!, column));
      };
      return split(node, predicates, overKeys);
    }
    case 'over': {
      const keys = node.calls.map((call) => new Set(call.partitionBy.flatMap((each) => (each.kind === 'column' ? [each.index] : []))));
      const isKeyOfAll = (index: number): boolean => keys.every((each) => each.has(index));
      return split(node, predicates, (predicate) => (columnsOf(predicate).size > 0 && reads(predicate, isKeyOfAll) ? predicate : null));
    }
    case 'distinct': {
      const on = new Set(node.on.flatMap((each) => (each.kind === 'column' ? [each.index] : [])));
      return split(node, predicates, (predicate) => (reads(predicate, (index) => on.has(index)) ? predicate : null));
    }
    case 'union':
      return mapInputs(node, (input) => push(input, predicates));
    case 'join':
      return pushIntoJoin(node, predicates);
    case 'scan':
    case 'values':
      return above(node, predicates);
  }
}

/** Which columns a filter may read to go below a window: a row left out changes the bounds of its session, but of no other window. */
function passesWindow({ input, window }: Extract<PlanNode, { kind: 'window' }>): (index: number) => boolean {
  if (window.kind !== 'session') return (index) => index < input.schema.length;
  const keys = new Set(window.keys.flatMap((key) => (key.kind === 'column' ? [key.index] : [])));
  return (index) => keys.has(index);
}

/** Pushes what `lower` can say over the input; the rest stays above. */
function split(
  node: Extract<PlanNode, { input: PlanNode }>,
  predicates: readonly Expression[],
  lower: (predicate: Expression) => Expression | null,
): PlanNode {
  const below: Expression[] = [];
  const staying: Expression[] = [];
  for (const predicate of predicates) {
    const lowered = lower(predicate);
    if (lowered === null) staying.push(predicate);
    else below.push(lowered);
  }
  const pushed = push(node.input, below);
  return above(
    mapInputs(node, () => pushed),
    staying,
  );
}

function above(node: PlanNode, predicates: readonly Expression[]): PlanNode {
  return predicates.length === 0 ? node : filterNode(node, conjunction('and', predicates, predicates[0]?.span));
}

function withSpan(expression: Expression, column: Expression): Expression {
  return column.span === undefined || expression.span !== undefined ? expression : { ...expression, span: column.span };
}

function isSimple(expression: Expression): boolean {
  return expression.kind === 'column' || expression.kind === 'constant';
}

function reads(expression: Expression, allowed: (index: number) => boolean): boolean {
  return [...columnsOf(expression)].every(allowed);
}

function pushIntoJoin(join: Join, predicates: readonly Expression[]): PlanNode {
  const width = join.left.schema.length;
  const isLeft = (each: Expression): boolean => reads(each, (index) => index < width);
  const isRight = (each: Expression): boolean => columnsOf(each).size > 0 && reads(each, (index) => index >= width);
  const inner = join.type === 'inner';
  const keepsLeft = join.type !== 'right' && join.type !== 'full';
  const keepsRight = (inner && !join.asof) || join.type === 'right';
  const left: Expression[] = [];
  const right: Expression[] = [];
  const staying: Expression[] = [];
  const conditions = [...join.conditions];
  let residual = join.residual === null ? [] : [...conjuncts(join.residual)];
  if (inner && !join.asof) {
    // An inner join's own conditions and a filter above it are the same thing.
    const everything = [...residual, ...predicates];
    residual = [];
    for (const each of everything) {
      const condition = joinCondition(each, width);
      if (isLeft(each)) left.push(each);
      else if (isRight(each)) right.push(shiftColumns(each, -width));
      else if (condition !== null) conditions.push(condition);
      else residual.push(each);
    }
  } else {
    if (!join.asof && join.type !== 'mark') {
      // A row of the side that may be missing has no partner where its own condition fails: as if it were not there.
      const halves = join.type === 'semi';
      const parts = residual;
      residual = [];
      for (const each of parts) {
        const condition = joinCondition(each, width);
        if ((halves || join.type === 'right') && isLeft(each) && columnsOf(each).size > 0) left.push(each);
        else if (['left', 'single', 'semi', 'anti'].includes(join.type) && isRight(each)) right.push(shiftColumns(each, -width));
        else if (condition !== null) conditions.push(condition);
        else residual.push(each);
      }
    }
    for (const each of predicates) {
      if (keepsLeft && isLeft(each)) left.push(each);
      else if (keepsRight && isRight(each)) right.push(shiftColumns(each, -width));
      else staying.push(each);
    }
  }
  const joined = joinNode(
    {
      ...join,
      left: push(join.left, left),
      right: push(join.right, right),
      conditions: [...conditions.filter((each) => each.operator === '='), ...conditions.filter((each) => each.operator !== '=')],
      residual: residual.length === 0 ? null : conjunction('and', residual),
    },
    join.span,
  );
  return above(joined, staying);
}

const mirrored: Readonly<Record<CompareOperator, CompareOperator>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  is_distinct: 'is_distinct',
  is_not_distinct: 'is_not_distinct',
};

function joinCondition(expression: Expression, width: number): Join['conditions'][number] | null {
  if (expression.kind !== 'compare') return null;
  const side = (each: Expression): 'left' | 'right' | null => {
    const used = [...columnsOf(each)];
    if (used.length === 0) return null;
    return used.every((index) => index < width) ? 'left' : used.every((index) => index >= width) ? 'right' : null;
  };
  const [first, second] = [side(expression.left), side(expression.right)];
  if (first === 'left' && second === 'right') {
    return { left: expression.left, right: shiftColumns(expression.right, -width), operator: expression.operator };
  }
  if (first === 'right' && second === 'left') {
    return { left: expression.right, right: shiftColumns(expression.left, -width), operator: mirrored[expression.operator] };
  }
  return null;
}
