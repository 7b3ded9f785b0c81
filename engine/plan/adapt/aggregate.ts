import type { ColumnSpec } from '../../../connectors/data-type.ts';
import type { Expression } from '../expression.ts';
import type { AggregateCall, OrderBy } from '../plan.ts';
import { adaptConstant } from './constant.ts';
import type { AdaptContext } from './context.ts';
import type { DuckExpression, DuckOrder, DuckValue } from './duckdb-plan.ts';
import { adaptExpression, spanOf } from './expression.ts';
import { adaptType } from './type.ts';

export function adaptAggregate(duck: DuckExpression, columns: readonly ColumnSpec[], context: AdaptContext): AggregateCall {
  const adapt = (child: DuckExpression): Expression => adaptExpression(child, columns, context);
  const name = duck.name === 'count_star()' ? 'count_star' : (duck.name ?? '');
  return {
    name: name === '' && duck.type === 'BOUND_AGGREGATE' ? 'count_star' : name,
    args: [...(duck.children ?? []).map(adapt), ...separator(duck)],
    filter: duck.filter === undefined ? null : adapt(duck.filter),
    distinct: duck.aggregate_type === 'DISTINCT',
    orderBy: adaptOrders(duck.order_bys?.orders ?? [], columns, context),
    parameters: quantiles(duck),
    type: adaptType(duck.return_type ?? { id: 'NULL' }),
    ...spanOf(context.places.call(name)),
  };
}

export function adaptOrders(orders: readonly DuckOrder[], columns: readonly ColumnSpec[], context: AdaptContext): OrderBy[] {
  return orders.map((order) => {
    const descending = order.type === 'DESCENDING';
    return {
      expression: adaptExpression(order.expression, columns, context),
      descending,
      nullsFirst: order.null_order === 'NULLS FIRST',
    };
  });
}

/** Bound quantiles; below 0 when counted from the largest value down. */
export function quantiles(duck: DuckExpression): number[] {
  const sign = duck.function_data?.desc === true ? -1 : 1;
  return (duck.function_data?.quantiles ?? []).map((each) => sign * (typeof each === 'object' ? numberOf(each) : Number(each)));
}

function numberOf(value: DuckValue): number {
  const constant = adaptConstant(value);
  if (constant.type.kind === 'decimal') return Number(constant.value) / 10 ** constant.type.scale;
  return Number(constant.value);
}

/** string_agg's separator is bound, not passed: it comes back as the second argument. */
export function separator(duck: DuckExpression): Expression[] {
  const text = duck.function_data?.separator;
  if (typeof text !== 'string') return [];
  return [{ kind: 'constant', value: text, type: { kind: 'varchar' }, nullable: false }];
}
