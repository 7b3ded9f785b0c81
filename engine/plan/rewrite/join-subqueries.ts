import { conjunction } from '../adapt/expression.ts';
import { columnOf, filterNode, joinNode, projectNode } from '../build-node.ts';
import type { CompareOperator, Expression } from '../expression.ts';
import type { PlanNode } from '../plan.ts';
import { columnsOf, conjuncts, mapColumns } from '../walk-expression.ts';
import { mapInputs } from '../walk-plan.ts';
import { withoutSpans } from '../without-spans.ts';

type Join = Extract<PlanNode, { kind: 'join' }>;

/**
 * Subqueries as plain joins. DuckDB decorrelates `EXISTS (SELECT ... FROM r WHERE r.k = l.k)` by joining r with the distinct values of
 * l's columns and that with l again; here l joins r itself, whose rows then have the bounds that the subquery's conditions give. A
 * filter on the mark of IN or EXISTS becomes a semi or anti join.
 */
export function joinSubqueries(plan: PlanNode): PlanNode {
  const node = mapInputs(plan, joinSubqueries);
  if (node.kind === 'filter' && node.input.kind === 'join' && node.input.type === 'mark') return filterMark(node, node.input);
  return node.kind === 'join' ? (withoutOuterRows(node) ?? node) : node;
}

/** `WHERE mark` keeps the rows with a partner, `WHERE NOT mark` those without. The mark's column stays, with the one value that it has. */
function filterMark(filter: Extract<PlanNode, { kind: 'filter' }>, join: Join): PlanNode {
  const width = join.left.schema.length;
  const isMark = (each: Expression): boolean => each.kind === 'column' && each.index === width;
  const parts = conjuncts(filter.predicate);
  const marks = parts.filter((each) => columnsOf(each).has(width));
  const [mark] = marks;
  if (mark === undefined || marks.length > 1) return filter;
  const negated = mark.kind === 'not' && isMark(mark.child);
  if (!negated && !isMark(mark)) return filter;
  const type = negated ? 'anti' : 'semi';
  const compared = join.conditions.filter((each) => each.operator !== 'is_not_distinct');
  const nullable = compared.filter((each) => each.left.nullable || each.right.nullable);
  // Of a table, whose NULLs are few, the mark itself is quicker to find than what may be NULL.
  if (negated && nullable.length > 0 && nullable.length === join.conditions.length) return filter;
  const unequal = negated ? new Set(nullable) : new Set<Join['conditions'][number]>();
  const residual = [...(join.residual === null ? [] : [join.residual]), ...[...unequal].map((each) => notUnequal(each, width))];
  const joined = joinNode(
    {
      ...join,
      type,
      conditions: join.conditions.filter((each) => !unequal.has(each)),
      residual: residual.length === 0 ? null : conjunction('and', residual),
    },
    join.span,
  ) as Join;
  const input = withoutOuterRows(joined) ?? joined;
  const boolean = { kind: 'boolean' } as const;
  const columns = join.left.schema.map((_, index) => columnOf(input.schema, index));
  const marked: Expression = { kind: 'constant', value: !negated, type: boolean, nullable: false };
  const names = join.schema.map((column) => column.name);
  const projected = projectNode(input, [...columns, marked], names);
  const others = parts.filter((each) => each !== mark);
  return others.length === 0 ? projected : filterNode(projected, conjunction('and', others));
}

/** NOT IN is not TRUE where the comparison is TRUE or NULL. */
function notUnequal({ left, right, operator }: Join['conditions'][number], width: number): Expression {
  const other = mapColumns(right, (column) => ({ ...column, index: column.index + width }));
  const boolean = { kind: 'boolean' } as const;
  const equal: Expression = { kind: 'compare', operator: operator as CompareOperator, left, right: other, type: boolean, nullable: true };
  const missing = [left, other].flatMap((child): Expression[] =>
    child.nullable ? [{ kind: 'is_null', child, type: boolean, nullable: false }] : [],
  );
  return conjunction('or', [equal, ...missing]);
}

/** What stands on the right of a decorrelated join: projections and filters over a join of some rows with the outer ones. */
interface Correlated {
  readonly rows: PlanNode;
  /** Over the left's columns and then those of `rows`: each column of the right, and what must be TRUE. */
  readonly columns: readonly Expression[];
  readonly predicates: readonly Expression[];
  /** Columns of the left that the outer rows consist of. */
  readonly outer: readonly number[];
}

function withoutOuterRows(join: Join): PlanNode | null {
  if (join.asof || !['inner', 'left', 'semi', 'anti', 'single'].includes(join.type)) return null;
  const correlated = correlatedRows(join.right, join.left);
  if (correlated === null) return null;
  const { rows, columns, outer } = correlated;
  const width = join.left.schema.length;
  const over = (expression: Expression): Expression => mapColumns(expression, (column) => columns[column.index] as Expression);
  const linked = new Set<number>();
  const predicates = [...correlated.predicates];
  for (const { left, right, operator } of join.conditions) {
    const other = over(right);
    const isLink = left.kind === 'column' && other.kind === 'column' && left.index === other.index && outer.includes(left.index);
    if (isLink && operator === 'is_not_distinct') linked.add(left.index);
    else predicates.push(comparison(left, other, operator as CompareOperator));
  }
  if (!outer.every((column) => linked.has(column))) return null;
  if (join.residual !== null) {
    const residual = mapColumns(join.residual, (column) => (column.index < width ? column : (columns[column.index - width] as Expression)));
    predicates.push(...conjuncts(residual));
  }
  const residual = predicates.length === 0 ? null : conjunction('and', predicates);
  const parts = { ...join, conditions: [], residual };
  if (join.type === 'semi' || join.type === 'anti') return joinNode({ ...parts, right: rows }, join.span);
  return withColumns(parts, rows, columns, predicates, width);
}

/** The joined rows with the right's columns, which are computed before the join: of a row without a partner they are NULL. */
function withColumns(
  join: Join,
  rows: PlanNode,
  columns: readonly Expression[],
  predicates: readonly Expression[],
  width: number,
): PlanNode | null {
  const isOwn = (each: Expression): boolean => [...columnsOf(each)].every((index) => index >= width);
  const own = columns.map((each) => (isOwn(each) ? each : equalOf(each, predicates, isOwn)));
  if (own.some((each) => each === null)) return null;
  const shifted = own.map((each) => mapColumns(each as Expression, (column) => ({ ...column, index: column.index - width })));
  const kept = rows.schema.map((_, index) => columnOf(rows.schema, index));
  const names = [...rows.schema.map((column) => column.name), ...join.right.schema.map((column) => column.name)];
  const joined = joinNode({ ...join, right: projectNode(rows, [...kept, ...shifted], names) }, join.span);
  const indexes = [...join.left.schema.keys(), ...columns.map((_, index) => width + kept.length + index)];
  return projectNode(
    joined,
    indexes.map((index) => columnOf(joined.schema, index)),
    indexes.map((index) => joined.schema[index]?.name ?? ''),
  );
}

/** What an equality among the predicates says that a column of the outer rows is, of the right's own columns. */
function equalOf(column: Expression, predicates: readonly Expression[], isOwn: (each: Expression) => boolean): Expression | null {
  if (column.kind !== 'column') return null;
  for (const each of predicates) {
    if (each.kind !== 'compare' || each.operator !== '=') continue;
    for (const [a, b] of [
      [each.left, each.right],
      [each.right, each.left],
    ] as const) {
      if (a.kind === 'column' && a.index === column.index && isOwn(b)) return b;
    }
  }
  return null;
}

function correlatedRows(right: PlanNode, left: PlanNode): Correlated | null {
  let node = right;
  const above: Exclude<PlanNode, { kind: 'join' }>[] = [];
  while (node.kind === 'project' || node.kind === 'filter') {
    above.push(node);
    node = node.input;
  }
  if (node.kind !== 'join' || node.type !== 'inner' || node.asof) return null;
  const width = left.schema.length;
  const [ofLeft, ofRight] = [outerColumns(node.left, left), outerColumns(node.right, left)];
  const outer = ofLeft ?? ofRight;
  if (outer === null) return null;
  const rows = ofLeft === null ? node.left : node.right;
  const outerAt = (k: number): Expression => columnOf(left.schema, outer[k] as number);
  const rowAt = (k: number): Expression => {
    const column = columnOf(rows.schema, k);
    return column.kind === 'column' ? { ...column, index: width + k } : column;
  };
  const sides = { left: ofLeft === null ? rowAt : outerAt, right: ofLeft === null ? outerAt : rowAt };
  const of = (side: 'left' | 'right', expression: Expression): Expression => mapColumns(expression, (column) => sides[side](column.index));
  let columns = [...node.left.schema.map((_, k) => sides.left(k)), ...node.right.schema.map((_, k) => sides.right(k))];
  const predicates = node.conditions.map((each) =>
    comparison(of('left', each.left), of('right', each.right), each.operator as CompareOperator),
  );
  const over = (expression: Expression): Expression => mapColumns(expression, (column) => columns[column.index] as Expression);
  if (node.residual !== null) predicates.push(...conjuncts(over(node.residual)));
  for (const each of above.reverse()) {
    if (each.kind === 'filter') predicates.push(...conjuncts(over(each.predicate)));
    else if (each.kind === 'project') columns = each.expressions.map(over);
  }
  return { rows, columns, predicates, outer };
}

/** The columns of `left` whose distinct values a node is, or null when it is something else. */
function outerColumns(node: PlanNode, left: PlanNode): number[] | null {
  if (node.kind !== 'distinct' || node.on.length !== node.schema.length || node.input.kind !== 'project') return null;
  const { input, expressions } = node.input;
  if (keyOf(input) !== keyOf(left)) return null;
  const columns = expressions.map((each) => (each.kind === 'column' ? each.index : -1));
  return columns.includes(-1) ? null : columns;
}

function keyOf(node: PlanNode): string {
  return JSON.stringify(withoutSpans(node), (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

function comparison(left: Expression, right: Expression, operator: CompareOperator): Expression {
  const nullable = !operator.startsWith('is_') && (left.nullable || right.nullable);
  return { kind: 'compare', operator, left, right, type: { kind: 'boolean' }, nullable };
}
