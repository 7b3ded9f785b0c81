import type { ColumnSpec } from '../../../connectors/data-type.ts';
import { QueryError } from '../../diagnostic.ts';
import type { Expression } from '../expression.ts';
import type { FrameBound, WindowCall } from '../plan.ts';
import { adaptOrders, quantiles, separator } from './aggregate.ts';
import type { AdaptContext } from './context.ts';
import type { DuckExpression } from './duckdb-plan.ts';
import { adaptExpression, spanOf } from './expression.ts';
import { adaptType } from './type.ts';

/** A function with OVER. A RANGE frame's bound arrives as a value (`ts - INTERVAL ...`) and becomes the interval again. */
export function adaptWindowCall(duck: DuckExpression, columns: readonly ColumnSpec[], context: AdaptContext): WindowCall {
  const adapt = (child: DuckExpression): Expression => adaptExpression(child, columns, context);
  const name = duck.type === 'WINDOW_AGGREGATE' ? windowAggregateName(duck) : duck.type.replace('WINDOW_', '').toLowerCase();
  const span = context.places.call(name);
  if (duck.exclude_clause !== undefined && duck.exclude_clause !== 'NO_OTHER') {
    throw new QueryError('E0222', 'a frame with EXCLUDE cannot be used', { span });
  }
  if (duck.arg_orders !== undefined && duck.arg_orders.length > 0) {
    throw new QueryError('E0222', 'ORDER BY inside a window function cannot be used', { span });
  }
  const parameters = quantiles(duck);
  const extra = [duck.offset_expr, duck.default_expr].filter((each) => each !== undefined);
  return {
    name,
    args: [...[...(duck.children ?? []), ...extra].map(adapt), ...separator(duck)],
    filter: duck.filters === undefined ? null : adapt(duck.filters),
    distinct: duck.distinct === true,
    ignoreNulls: duck.ignore_nulls === true,
    ...(parameters.length === 0 ? {} : { parameters }),
    partitionBy: (duck.partitions ?? []).map(adapt),
    orderBy: adaptOrders(duck.orders ?? [], columns, context),
    frame: {
      unit: frameUnit(duck),
      start: frameBound(duck.start ?? 'UNBOUNDED_PRECEDING', duck.start_expr, adapt),
      end: frameBound(duck.end ?? 'CURRENT_ROW_RANGE', duck.end_expr, adapt),
    },
    type: adaptType(duck.return_type ?? { id: 'NULL' }),
    ...spanOf(span),
  };
}

function windowAggregateName(duck: DuckExpression): string {
  return duck.name === undefined || duck.name === '' || duck.name === 'count_star()' ? 'count_star' : duck.name;
}

function frameUnit(duck: DuckExpression): 'rows' | 'range' | 'groups' {
  const bounds = [duck.start ?? '', duck.end ?? ''];
  if (bounds.some((bound) => bound.endsWith('_ROWS'))) return 'rows';
  return bounds.some((bound) => bound.endsWith('_GROUPS')) ? 'groups' : 'range';
}

function frameBound(bound: string, offset: DuckExpression | undefined, adapt: (child: DuckExpression) => Expression): FrameBound {
  if (bound === 'UNBOUNDED_PRECEDING') return { kind: 'unbounded_preceding' };
  if (bound === 'UNBOUNDED_FOLLOWING') return { kind: 'unbounded_following' };
  if (bound.startsWith('CURRENT_ROW')) return { kind: 'current_row' };
  const kind = bound.startsWith('EXPR_PRECEDING') ? 'preceding' : 'following';
  if (offset === undefined) throw new Error(`frame bound ${bound} has no offset`);
  const adapted = adapt(offset);
  const isRange = bound.endsWith('_RANGE');
  if (isRange && adapted.kind === 'call' && (adapted.name === '-' || adapted.name === '+') && adapted.args[1] !== undefined) {
    return { kind, offset: adapted.args[1] };
  }
  if (isRange) throw new Error(`RANGE bound in a form that is not known: ${adapted.kind}`);
  return { kind, offset: adapted };
}
