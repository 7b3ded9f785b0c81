import type { ColumnSpec } from '../../connectors/data-type.ts';
import { constantText, expressionText, microsText } from './expression-text.ts';
import type { AggregateCall, FrameBound, OrderBy, PlanNode, WindowCall } from './plan.ts';

/** An operator in a word or two, and what it does, for people. */
export function nodeLabel(node: PlanNode): { label: string; details: string } {
  switch (node.kind) {
    case 'scan':
      return { label: 'Scan', details: `${node.table} (${node.columns.join(', ')})` };
    case 'values':
      return { label: 'Values', details: `${node.rows.length} rows` };
    case 'filter':
      return { label: 'Filter', details: expressionText(node.predicate, node.input.schema) };
    case 'project':
      return { label: 'Project', details: projectText(node) };
    case 'window':
      return { label: windowLabel(node), details: windowText(node) };
    case 'aggregate':
      return { label: 'Aggregate', details: aggregateText(node) };
    case 'over':
      return { label: 'Over', details: node.calls.map((call) => overText(call, node.input.schema)).join(', ') };
    case 'join':
      return { label: joinLabel(node), details: joinText(node) };
    case 'unnest':
      return { label: 'Unnest', details: node.lists.map((list) => expressionText(list, node.input.schema)).join(', ') };
    case 'union':
      return { label: node.all ? 'Union all' : 'Union', details: '' };
    case 'distinct':
      return { label: 'Distinct', details: node.on.map((each) => expressionText(each, node.input.schema)).join(', ') };
  }
}

function projectText(node: Extract<PlanNode, { kind: 'project' }>): string {
  return node.expressions
    .map((expression, index) => {
      const text = expressionText(expression, node.input.schema);
      const name = node.schema[index]?.name ?? '';
      return text === name ? text : `${text} AS ${name}`;
    })
    .join(', ');
}

function windowLabel(node: Extract<PlanNode, { kind: 'window' }>): string {
  return { tumble: 'Tumble', hop: 'Hop', session: 'Session' }[node.window.kind];
}

function windowText({ window, input }: Extract<PlanNode, { kind: 'window' }>): string {
  const time = expressionText(window.time, input.schema);
  const late = window.delayMicros === undefined ? '' : `, ${microsText(window.delayMicros)} behind the watermark`;
  switch (window.kind) {
    case 'tumble':
      return `${microsText(window.sizeMicros)} of ${time}${late}`;
    case 'hop':
      return `${microsText(window.sizeMicros)} every ${microsText(window.slideMicros)} of ${time}${late}`;
    case 'session':
      return `${time} by ${window.keys.map((key) => expressionText(key, input.schema)).join(', ')}, gap ${microsText(window.gapMicros)}${late}`;
  }
}

function aggregateText(node: Extract<PlanNode, { kind: 'aggregate' }>): string {
  const calls = node.aggregates.map((call) => aggregateCallText(call, node.input.schema)).join(', ');
  const groups = node.groups.map((group) => expressionText(group, node.input.schema)).join(', ');
  if (groups === '') return calls;
  return calls === '' ? `by ${groups}` : `${calls} by ${groups}`;
}

export function aggregateCallText(call: AggregateCall, columns: readonly ColumnSpec[]): string {
  const args = [...call.args.map((each) => expressionText(each, columns)), ...call.parameters.map(parameterText)];
  const name = call.name === 'count_star' ? 'count' : call.name;
  const inside = call.name === 'count_star' ? '*' : args.join(', ');
  const order = call.orderBy.length === 0 ? '' : ` ORDER BY ${ordersText(call.orderBy, columns)}`;
  const filter = call.filter === null ? '' : ` FILTER (${expressionText(call.filter, columns)})`;
  return `${name}(${call.distinct ? 'DISTINCT ' : ''}${inside}${order})${filter}`;
}

/** DuckDB binds some quantiles as 32-bit floats: 0.95 becomes 0.949999988079071. */
function parameterText(parameter: number): string {
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(parameter.toPrecision(digits));
    if (short === parameter || Math.fround(short) === parameter) return String(short);
  }
  return String(parameter);
}

function overText(call: WindowCall, columns: readonly ColumnSpec[]): string {
  const args = call.name === 'count_star' ? '*' : call.args.map((each) => expressionText(each, columns)).join(', ');
  const name = call.name === 'count_star' ? 'count' : call.name;
  const partition = call.partitionBy.length === 0 ? '' : `by ${call.partitionBy.map((each) => expressionText(each, columns)).join(', ')}`;
  const order = call.orderBy.length === 0 ? '' : `order ${ordersText(call.orderBy, columns)}`;
  const frame = `${call.frame.unit} ${frameText(call.frame.start)} to ${frameText(call.frame.end)}`;
  const filter = call.filter === null ? '' : ` FILTER (${expressionText(call.filter, columns)})`;
  return `${name}(${call.distinct ? 'DISTINCT ' : ''}${args})${filter} [${[partition, order, frame].filter((each) => each !== '').join(', ')}]`;
}

function ordersText(orders: readonly OrderBy[], columns: readonly ColumnSpec[]): string {
  return orders
    .map(
      (order) => `${expressionText(order.expression, columns)}${order.descending ? ' DESC' : ''}${order.nullsFirst ? ' NULLS FIRST' : ''}`,
    )
    .join(', ');
}

function frameText(bound: FrameBound): string {
  switch (bound.kind) {
    case 'unbounded_preceding':
      return 'the first';
    case 'unbounded_following':
      return 'the last';
    case 'current_row':
      return 'this';
    default: {
      const offset = bound.offset.kind === 'constant' ? constantText(bound.offset.value, bound.offset.type) : 'an expression';
      return `${offset} ${bound.kind}`;
    }
  }
}

function joinLabel(node: Extract<PlanNode, { kind: 'join' }>): string {
  if (node.asof) return 'As-of join';
  const isCross = node.type === 'inner' && node.conditions.length === 0 && node.residual === null;
  const names = {
    inner: isCross ? 'Cross join' : 'Join',
    left: 'Left join',
    right: 'Right join',
    full: 'Full join',
    semi: 'Semi join',
    anti: 'Anti join',
    mark: 'Mark join',
    single: 'Single join',
  };
  return names[node.type];
}

function joinText(node: Extract<PlanNode, { kind: 'join' }>): string {
  const conditions = node.conditions.map((each) => {
    const operator =
      each.operator === 'is_not_distinct' ? 'IS NOT DISTINCT FROM' : each.operator === 'is_distinct' ? 'IS DISTINCT FROM' : each.operator;
    return `${expressionText(each.left, node.left.schema)} ${operator} ${expressionText(each.right, node.right.schema)}`;
  });
  const residual = node.residual === null ? [] : [expressionText(node.residual, [...node.left.schema, ...node.right.schema])];
  return [...conditions, ...residual].join(' AND ');
}
