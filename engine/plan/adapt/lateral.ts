import { QueryError } from '../../diagnostic.ts';
import { columnOf, distinctNode, filterNode, joinNode, projectNode, selectColumns, unnestNode } from '../build-node.ts';
import type { PlanNode } from '../plan.ts';
import { mapColumns } from '../walk-expression.ts';
import type { AdaptContext } from './context.ts';
import type { DuckExpression, DuckNode } from './duckdb-plan.ts';
import { adaptExpression, conjunction } from './expression.ts';
import { joinConditions, joinType } from './join.ts';
import { adaptOperator } from './operator.ts';
import type { Expression } from '../expression.ts';

/**
 * A right side that reads the left's rows. When it works row by row (unnest, filters, projections) it becomes operators over the
 * left rows themselves. Otherwise DuckDB has decorrelated it: its outer rows are the distinct values of the left's columns.
 */
export function adaptLateral(duck: DuckNode, context: AdaptContext): PlanNode {
  const [leftDuck, rightDuck] = duck.children ?? [];
  if (leftDuck === undefined || rightDuck === undefined) throw new Error('DuckDB gave a lateral join with one side');
  if (isRowNumbered(leftDuck)) return adaptRowByRow(duck, leftDuck, rightDuck, context);
  const left = adaptOperator(leftDuck, context);
  const columns = outerColumns(duck, left, context);
  context.outer.push({ node: left, columns });
  const right = adaptOperator(rightDuck, context);
  context.outer.pop();
  return joinNode({
    left,
    right,
    type: joinType(duck),
    asof: false,
    conditions: joinConditions(duck, left, right, context),
    residual: null,
  });
}

/** The outer rows that a decorrelated subquery joins with: each combination of values once. */
export function adaptOuterRows(context: AdaptContext): PlanNode {
  const outer = context.outer.at(-1);
  if (outer === undefined) throw new Error('outer rows outside of a lateral join');
  const rows = selectColumns(outer.node, outer.columns);
  return distinctNode(
    rows,
    rows.schema.map((_, index) => columnOf(rows.schema, index)),
  );
}

function outerColumns(duck: DuckNode, left: PlanNode, context: AdaptContext): number[] {
  return (duck.duplicate_eliminated_columns ?? []).map((each) => {
    const column = adaptExpression(each, left.schema, context);
    if (column.kind !== 'column') throw new Error('an outer column of a lateral join is no column');
    return column.index;
  });
}

/** DuckDB numbers the left rows when it cannot tell them apart otherwise. */
function isRowNumbered(duck: DuckNode): boolean {
  const [call, ...more] = (duck.expressions ?? []) as readonly DuckExpression[];
  return duck.type === 'LOGICAL_WINDOW' && more.length === 0 && call?.type === 'WINDOW_ROW_NUMBER' && call.alias === 'delim_index';
}

function adaptRowByRow(duck: DuckNode, leftDuck: DuckNode, rightDuck: DuckNode, context: AdaptContext): PlanNode {
  if (duck.join_type !== 'INNER') throw notRowByRow();
  const left = adaptOperator(leftDuck.children![0]!, context);
  // Columns of the left as DuckDB numbers them: its own, then the row number, which the right side must not use.
  const numbers = (duck.duplicate_eliminated_columns ?? []).map((each) => Number(each.index ?? 0));
  const applied = applyToRows(rightDuck, left, numbers, context);
  const index = columnOf([{ name: 'delim_index', type: { kind: 'bigint' }, nullable: false }], 0);
  // Keep DuckDB's numbering of columns for whoever is above: left, row number, right.
  const leftColumns = left.schema.map((_, each) => columnOf(applied.node.schema, each));
  const rightColumns = applied.columns.map((each) => (each === null ? nullNumber(index) : columnOf(applied.node.schema, each)));
  const names = [
    ...left.schema.map((column) => column.name),
    'delim_index',
    ...applied.columns.map((each) => (each === null ? 'delim_index' : applied.node.schema[each]!.name)),
  ];
  return projectNode(applied.node, [...leftColumns, nullNumber(index), ...rightColumns], names);
}

/** The row number is never read outside of the join's own condition. */
function nullNumber(index: Expression): Expression {
  return { kind: 'constant', value: null, type: index.type, nullable: true };
}

interface Applied {
  /** Left's columns first, then whatever the right side adds. */
  readonly node: PlanNode;
  /** Where each output column of the right side stands in `node`; null for the row number. */
  readonly columns: readonly (number | null)[];
}

function applyToRows(duck: DuckNode, left: PlanNode, numbers: readonly number[], context: AdaptContext): Applied {
  if (duck.type === 'LOGICAL_DELIM_GET') {
    return { node: left, columns: numbers.map((each) => (each < left.schema.length ? each : null)) };
  }
  const child = duck.children?.[0];
  if (child === undefined) throw notRowByRow();
  const input = applyToRows(child, left, numbers, context);
  const list = (duck.expressions ?? []) as readonly DuckExpression[];
  const adapt = (expression: DuckExpression): Expression => adaptOver(expression, input, context);
  switch (duck.type) {
    case 'LOGICAL_FILTER':
      return { node: filterNode(input.node, conjunction('and', list.map(adapt))), columns: input.columns };
    case 'LOGICAL_UNNEST': {
      const lists = list.map((each) => adapt(each.child!));
      const node = unnestNode(input.node, lists);
      return { node, columns: [...input.columns, ...lists.map((_, index) => input.node.schema.length + index)] };
    }
    case 'LOGICAL_PROJECTION':
      return applyProjection(list, input, context);
    case 'LOGICAL_GET': {
      const element = input.columns[0];
      if (duck.name !== 'unnest' || element === null || element === undefined) throw notRowByRow();
      const node = unnestNode(input.node, [columnOf(input.node.schema, element)]);
      return { node, columns: [input.node.schema.length, ...(duck.projected_input ?? []).map((each) => input.columns[each] ?? null)] };
    }
    default:
      throw notRowByRow();
  }
}

/** Keeps all columns of its input and appends what is computed; plain columns are only looked up. */
function applyProjection(list: readonly DuckExpression[], input: Applied, context: AdaptContext): Applied {
  const kept = input.node.schema.map((_, index) => columnOf(input.node.schema, index));
  const names = input.node.schema.map((column) => column.name);
  const added: Expression[] = [];
  const columns = list.map((each, index): number | null => {
    const source = referenced(each);
    if (source !== null) return input.columns[source] ?? null;
    added.push(adaptOver(each, input, context));
    names.push(each.alias || `column${index}`);
    return kept.length + added.length - 1;
  });
  if (added.length === 0) return { node: input.node, columns };
  return { node: projectNode(input.node, [...kept, ...added], names), columns };
}

/** The column that it is, if it is one: DuckDB leaves some references of table functions unresolved. */
function referenced(duck: DuckExpression): number | null {
  if (duck.expression_class === 'BOUND_REF') return Number(duck.index ?? 0);
  return duck.expression_class === 'BOUND_COLUMN_REF' && duck.binding !== undefined ? duck.binding.column_index : null;
}

function adaptOver(duck: DuckExpression, input: Applied, context: AdaptContext): Expression {
  const schema = input.columns.map((each) =>
    each === null ? { name: 'delim_index', type: { kind: 'bigint' } as const, nullable: false } : input.node.schema[each]!,
  );
  return mapColumns(adaptExpression(resolved(duck), schema, context), (column) => {
    const index = input.columns[column.index];
    if (index === null || index === undefined) throw notRowByRow();
    return { ...column, index };
  });
}

/** References by binding become references by position. */
function resolved(duck: DuckExpression): DuckExpression {
  if (duck.expression_class === 'BOUND_COLUMN_REF' && duck.binding !== undefined) {
    return { ...duck, expression_class: 'BOUND_REF', index: duck.binding.column_index };
  }
  return {
    ...duck,
    ...(duck.children === undefined ? {} : { children: duck.children.map(resolved) }),
    ...(duck.child === undefined ? {} : { child: resolved(duck.child) }),
    ...(duck.left === undefined ? {} : { left: resolved(duck.left) }),
    ...(duck.right === undefined ? {} : { right: resolved(duck.right) }),
  };
}

function notRowByRow(): QueryError {
  return new QueryError('E0223', 'a lateral subquery may only unnest, filter and compute', {
    hint: 'aggregate before or after it',
  });
}
