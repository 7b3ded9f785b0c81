import { QueryError } from '../../diagnostic.ts';
import {
  aggregateNode,
  distinctNode,
  filterNode,
  overNode,
  projectNode,
  scanNode,
  selectColumns,
  unionNode,
  unnestNode,
  valuesNode,
} from '../build-node.ts';
import type { Expression } from '../expression.ts';
import type { PlanNode } from '../plan.ts';
import { adaptAggregate } from './aggregate.ts';
import type { AdaptContext } from './context.ts';
import type { DuckExpression, DuckNode } from './duckdb-plan.ts';
import { adaptExpression, conjunction } from './expression.ts';
import { adaptJoin } from './join.ts';
import { adaptLateral, adaptOuterRows } from './lateral.ts';
import { adaptWindowCall } from './over.ts';
import { adaptType } from './type.ts';

/** Row ids and other virtual columns have indexes up here. */
const virtualColumnMin = 2 ** 53;

/** DuckDB's bound operator tree as ours. Throws QueryError E0223 for an operator that has no place in a continuous query. */
export function adaptOperator(duck: DuckNode, context: AdaptContext): PlanNode {
  refuseMaps(duck);
  const child = (index: number): PlanNode => adaptOperator(must(duck.children?.[index], duck), context);
  switch (duck.type) {
    case 'LOGICAL_GET':
      return adaptScan(duck, context);
    case 'LOGICAL_FILTER': {
      const input = child(0);
      return filterNode(input, conjunction('and', expressions(duck, input, context)));
    }
    case 'LOGICAL_PROJECTION': {
      const input = child(0);
      const list = flat(duck);
      return projectNode(
        input,
        list.map((each) => adaptExpression(each, input.schema, context)),
        list.map((each, index) => projectedName(each, input, index)),
      );
    }
    case 'LOGICAL_AGGREGATE_AND_GROUP_BY':
      return adaptGrouping(duck, child(0), context);
    case 'LOGICAL_WINDOW': {
      const input = child(0);
      return overNode(
        input,
        flat(duck).map((each) => adaptWindowCall(each, input.schema, context)),
      );
    }
    case 'LOGICAL_UNNEST': {
      const input = child(0);
      return unnestNode(input, unnestedLists(duck, input, context));
    }
    case 'LOGICAL_DISTINCT': {
      const input = child(0);
      return distinctNode(
        input,
        (duck.distinct_targets ?? []).map((each) => adaptExpression(each, input.schema, context)),
      );
    }
    case 'LOGICAL_UNION': {
      const inputs = (duck.children ?? []).map((_, index) => child(index));
      return unionNode(inputs, true);
    }
    case 'LOGICAL_DUMMY_SCAN':
      return valuesNode([[]], []);
    case 'LOGICAL_EXPRESSION_GET':
      return adaptValues(duck, child(0), context);
    case 'LOGICAL_MATERIALIZED_CTE':
      context.ctes.set(must(duck.table_index, duck), child(0));
      return child(1);
    case 'LOGICAL_CTE_REF': {
      const plan = context.ctes.get(must(duck.cte_index, duck));
      if (plan === undefined) throw new QueryError('E0223', 'a recursive CTE cannot be used');
      return plan;
    }
    case 'LOGICAL_COMPARISON_JOIN':
    case 'LOGICAL_ANY_JOIN':
    case 'LOGICAL_CROSS_PRODUCT':
    case 'LOGICAL_ASOF_JOIN':
      return adaptJoin(duck, child(0), child(1), context);
    case 'LOGICAL_DELIM_JOIN':
      return adaptLateral(duck, context);
    case 'LOGICAL_DELIM_GET':
      return adaptOuterRows(context);
    default:
      throw refused(duck.type);
  }
}

const refusals: Readonly<Record<string, string>> = {
  LOGICAL_ORDER_BY: 'ORDER BY',
  LOGICAL_LIMIT: 'LIMIT',
  LOGICAL_TOP_N: 'ORDER BY with LIMIT',
  LOGICAL_EXCEPT: 'EXCEPT',
  LOGICAL_INTERSECT: 'INTERSECT',
  LOGICAL_RECURSIVE_CTE: 'a recursive CTE',
  LOGICAL_SAMPLE: 'a sample',
  LOGICAL_POSITIONAL_JOIN: 'a positional join',
  LOGICAL_PIVOT: 'PIVOT',
};

function refused(type: string): QueryError {
  const what = refusals[type] ?? type.replace('LOGICAL_', '').replaceAll('_', ' ').toLowerCase();
  const hint =
    type === 'LOGICAL_LIMIT' || type === 'LOGICAL_ORDER_BY'
      ? 'keep the first rows of each group with row_number() OVER (...) and a filter on it'
      : undefined;
  return new QueryError('E0223', `${what} cannot be used in a continuous query`, hint === undefined ? {} : { hint });
}

/** Only DuckDB's optimizer, which is off, sets these; a plan read without them would be wrong. */
function refuseMaps(duck: DuckNode): void {
  for (const map of [duck.projection_map, duck.left_projection_map, duck.right_projection_map]) {
    if (map !== undefined && map.length > 0) throw new Error(`${duck.type} has a projection map`);
  }
}

function adaptScan(duck: DuckNode, context: AdaptContext): PlanNode {
  if (duck.name === 'unnest') return adaptUnnestFunction(duck, context);
  const table = duck.function_data?.table;
  if (table === undefined || duck.name !== 'seq_scan') {
    throw new QueryError('E0224', `${duck.name ?? 'a table function'}() cannot be read by a continuous query`, {
      hint: 'declare a source with CREATE TABLE ... WITH (connector = ...)',
    });
  }
  const inlined = context.inlined(table);
  const declared = inlined?.schema ?? context.table(table);
  const columns = (duck.column_indexes ?? []).map((each) => {
    const index = Number(each.index);
    if (index >= virtualColumnMin) return { name: 'rowid', type: { kind: 'bigint' } as const, nullable: false };
    const column = declared[index];
    if (column === undefined) throw new Error(`table ${table} has no column ${index}`);
    return column;
  });
  if (inlined === null) return scanNode(table, columns, context.places.table(table));
  const indexes = (duck.column_indexes ?? []).map((each) => Number(each.index));
  // A virtual column is there only so that rows can be counted.
  return selectColumns(
    inlined,
    indexes.map((each) => (each >= virtualColumnMin ? 0 : each)),
  );
}

/** `FROM t, unnest(t.list)`: the table function puts out the element, then the columns of its input that are asked for. */
function adaptUnnestFunction(duck: DuckNode, context: AdaptContext): PlanNode {
  const child = duck.children?.[0];
  if (child === undefined) {
    throw new QueryError('E0224', 'unnest() of a constant cannot be read by a continuous query', { hint: 'write the rows with VALUES' });
  }
  const input = adaptOperator(child, context);
  const list: Expression = { kind: 'column', index: 0, type: input.schema[0]!.type, nullable: true };
  const unnested = unnestNode(input, [list]);
  return selectColumns(unnested, [input.schema.length, ...(duck.projected_input ?? [])]);
}

function adaptGrouping(duck: DuckNode, input: PlanNode, context: AdaptContext): PlanNode {
  const groups = (duck.groups ?? []).map((each) => adaptExpression(each, input.schema, context));
  const sets = duck.grouping_sets ?? [];
  if (sets.length > 1 || (sets[0] !== undefined && sets[0].length !== groups.length) || (duck.grouping_functions ?? []).length > 0) {
    throw new QueryError('E0223', 'GROUPING SETS, ROLLUP and CUBE cannot be used', { hint: 'write one query for each set of keys' });
  }
  const names = (duck.groups ?? []).map((each, index) => projectedName(each, input, index));
  const aggregates = flat(duck).map((each) => adaptAggregate(each, input.schema, context));
  const span = groups.length > 0 ? context.places.keyword('GROUP') : aggregates[0]?.span;
  return { ...aggregateNode(input, groups, aggregates, names), ...(span === undefined ? {} : { span }) };
}

function unnestedLists(duck: DuckNode, input: PlanNode, context: AdaptContext): Expression[] {
  return flat(duck).map((each) => {
    const list = adaptExpression(must(each.child, duck), input.schema, context);
    if (list.type.kind !== 'list') throw new QueryError('E0223', 'only a list can be unnested', { span: list.span });
    return list;
  });
}

function adaptValues(duck: DuckNode, input: PlanNode, context: AdaptContext): PlanNode {
  const rows = (duck.expressions as readonly (readonly DuckExpression[])[]).map((row) =>
    row.map((each) => adaptExpression(each, input.schema, context)),
  );
  const schema = (duck.expr_types ?? []).map((type, index) => ({
    name: `col${index}`,
    type: adaptType(type),
    nullable: rows.some((row) => row[index]?.nullable ?? true),
  }));
  return valuesNode(rows, schema);
}

function projectedName(duck: DuckExpression, input: PlanNode, index: number): string {
  if (duck.alias !== undefined && duck.alias !== '') return duck.alias;
  if (duck.expression_class === 'BOUND_REF') return input.schema[Number(duck.index ?? 0)]?.name ?? `column${index}`;
  return `column${index}`;
}

function expressions(duck: DuckNode, input: PlanNode, context: AdaptContext): Expression[] {
  return flat(duck).map((each) => adaptExpression(each, input.schema, context));
}

function flat(duck: DuckNode): readonly DuckExpression[] {
  return (duck.expressions ?? []) as readonly DuckExpression[];
}

function must<Value>(value: Value | undefined, duck: DuckNode): Value {
  if (value === undefined) throw new Error(`DuckDB's plan lacks a part of ${duck.type}`);
  return value;
}
