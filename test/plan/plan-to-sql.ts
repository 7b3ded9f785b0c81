import type { Expression } from '../../engine/plan/expression.ts';
import { expressionSql } from '../../engine/plan/expression-text.ts';
import type { AggregateCall, FrameBound, OrderBy, PlanNode, WindowCall, WindowSpec } from '../../engine/plan/plan.ts';
import { quoteName, typeName } from '../../engine/plan/type-name.ts';

/**
 * A plan as DuckDB SQL, operator by operator, with columns c0, c1, ...: what the plan means, so that adapter and rewrites can be
 * checked against the SELECT that they came from.
 */
export function planToSql(node: PlanNode): string {
  switch (node.kind) {
    case 'scan': {
      const columns = node.columns.map((name, index) => `${quoteName(name)} AS c${index}`);
      return `SELECT ${columns.length === 0 ? '1' : columns.join(', ')} FROM ${quoteName(node.table)}`;
    }
    case 'values': {
      const rows = node.rows.map(
        (row) => `SELECT ${row.length === 0 ? '1' : row.map((each, index) => `${sql(each)} AS c${index}`).join(', ')}`,
      );
      return rows.join(' UNION ALL ');
    }
    case 'filter':
      return `SELECT * FROM (${planToSql(node.input)}) WHERE ${sql(node.predicate)}`;
    case 'project':
      return `SELECT ${columnList(node.expressions.map(sql))} FROM (${planToSql(node.input)})`;
    case 'window':
      return windowSql(node.window, node.input);
    case 'aggregate': {
      const groups = node.groups.map(sql);
      const by = groups.length === 0 ? '' : ` GROUP BY ${groups.map((_, index) => index + 1).join(', ')}`;
      return `SELECT ${columnList([...groups, ...node.aggregates.map(aggregateSql)])} FROM (${planToSql(node.input)})${by}`;
    }
    case 'over': {
      const width = node.input.schema.length;
      const calls = node.calls.map((call, index) => `${overSql(call)} AS c${width + index}`);
      return `SELECT *, ${calls.join(', ')} FROM (${planToSql(node.input)})`;
    }
    case 'join':
      return joinSql(node);
    case 'unnest': {
      const width = node.input.schema.length;
      const lists = node.lists.map((list, index) => `unnest(${sql(list)}) AS c${width + index}`);
      return `SELECT *, ${lists.join(', ')} FROM (${planToSql(node.input)})`;
    }
    case 'union':
      return node.inputs.map((input) => `(${planToSql(input)})`).join(node.all ? ' UNION ALL ' : ' UNION ');
    case 'distinct':
      return `SELECT DISTINCT ON (${node.on.map(sql).join(', ')}) * FROM (${planToSql(node.input)})`;
  }
}

function sql(expression: Expression): string {
  return expressionSql(expression, (index) => `c${index}`);
}

function columnList(expressions: readonly string[]): string {
  return expressions.map((each, index) => `${each} AS c${index}`).join(', ');
}

function aggregateSql(call: AggregateCall): string {
  const quantiles = call.parameters.length > 1 ? `[${call.parameters.join(', ')}]` : call.parameters.map(String).join('');
  const args = [...call.args.map(sql), ...(quantiles === '' ? [] : [quantiles])];
  const order = call.orderBy.length === 0 ? '' : ` ORDER BY ${call.orderBy.map(orderSql).join(', ')}`;
  const filter = call.filter === null ? '' : ` FILTER (WHERE ${sql(call.filter)})`;
  if (call.name === 'count_star') return `count(*)${filter}`;
  return `${quoteName(call.name)}(${call.distinct ? 'DISTINCT ' : ''}${args.join(', ')}${order})${filter}`;
}

function orderSql(order: OrderBy): string {
  return `${sql(order.expression)} ${order.descending ? 'DESC' : 'ASC'} NULLS ${order.nullsFirst ? 'FIRST' : 'LAST'}`;
}

function overSql(call: WindowCall): string {
  const args = call.name === 'count_star' ? '*' : call.args.map(sql).join(', ');
  const filter = call.filter === null ? '' : ` FILTER (WHERE ${sql(call.filter)})`;
  const partition = call.partitionBy.length === 0 ? '' : `PARTITION BY ${call.partitionBy.map(sql).join(', ')} `;
  const order = call.orderBy.length === 0 ? '' : `ORDER BY ${call.orderBy.map(orderSql).join(', ')} `;
  const frame = `${call.frame.unit.toUpperCase()} BETWEEN ${boundSql(call.frame.start)} AND ${boundSql(call.frame.end)}`;
  const name = call.name === 'count_star' ? 'count' : call.name;
  const nulls = call.ignoreNulls ? ' IGNORE NULLS' : '';
  return `${name}(${call.distinct ? 'DISTINCT ' : ''}${args}${nulls})${filter} OVER (${partition}${order}${frame})`;
}

function boundSql(bound: FrameBound): string {
  if ('offset' in bound) return `${sql(bound.offset)} ${bound.kind.toUpperCase()}`;
  return bound.kind.replace('_', ' ').toUpperCase();
}

function windowSql(window: WindowSpec, input: PlanNode): string {
  const width = input.schema.length;
  const [start, end] = [`c${width}`, `c${width + 1}`];
  const time = sql(window.time);
  const rows = `(SELECT * FROM (${planToSql(input)}) WHERE ${time} IS NOT NULL)`;
  const micros = (count: bigint): string => `to_microseconds(${count})`;
  if (window.kind === 'tumble') {
    const bucket = `time_bucket(${micros(window.sizeMicros)}, ${time}, TIMESTAMP '1970-01-01')`;
    return `SELECT *, ${bucket} AS ${start}, ${bucket} + ${micros(window.sizeMicros)} AS ${end} FROM ${rows}`;
  }
  if (window.kind === 'hop') {
    const bucket = `time_bucket(${micros(window.slideMicros)}, ${time}, TIMESTAMP '1970-01-01')`;
    const first = `${bucket} - ${micros(window.sizeMicros)} + ${micros(window.slideMicros)}`;
    const starts = `unnest(range(${first}, ${bucket} + ${micros(window.slideMicros)}, ${micros(window.slideMicros)}))`;
    return `SELECT *, ${start} + ${micros(window.sizeMicros)} AS ${end} FROM (SELECT *, ${starts} AS ${start} FROM ${rows})`;
  }
  const key = window.keys.map(sql).join(', ');
  const fresh = `CASE WHEN ${time} - lag(${time}) OVER (PARTITION BY ${key} ORDER BY ${time}) < ${micros(window.gapMicros)} THEN 0 ELSE 1 END`;
  const numbered = `SELECT *, sum(fresh) OVER (PARTITION BY ${key} ORDER BY ${time}) AS session FROM (SELECT *, ${fresh} AS fresh FROM ${rows})`;
  const bounds = `min(${time}) OVER (PARTITION BY ${key}, session) AS ${start}, max(${time}) OVER (PARTITION BY ${key}, session) + ${micros(window.gapMicros)} AS ${end}`;
  return `SELECT * EXCLUDE (fresh, session), ${bounds} FROM (${numbered})`;
}

const joinWords = {
  inner: 'JOIN',
  left: 'LEFT JOIN',
  right: 'RIGHT JOIN',
  full: 'FULL JOIN',
  semi: 'SEMI JOIN',
  anti: 'ANTI JOIN',
  single: 'LEFT JOIN',
  mark: '',
} as const;
const operators: Readonly<Record<string, string>> = { is_distinct: 'IS DISTINCT FROM', is_not_distinct: 'IS NOT DISTINCT FROM' };

function joinSql(node: Extract<PlanNode, { kind: 'join' }>): string {
  const width = node.left.schema.length;
  const renamed = (from: PlanNode, by: number, alias: string): string =>
    `(SELECT ${from.schema.length === 0 ? '1' : from.schema.map((_, index) => `c${index} AS c${index + by}`).join(', ')} FROM (${planToSql(from)})) AS ${alias}`;
  const conditions = node.conditions.map(
    (each) =>
      `(${sql(each.left)}) ${operators[each.operator] ?? each.operator} (${expressionSql(each.right, (index) => `c${index + width}`)})`,
  );
  const on = [...conditions, ...(node.residual === null ? [] : [sql(node.residual)])].join(' AND ') || 'TRUE';
  const left = renamed(node.left, 0, 'l');
  const right = renamed(node.right, width, 'r');
  if (node.type === 'mark') {
    if (node.conditions.every((each) => each.operator === 'is_not_distinct')) {
      return `SELECT *, EXISTS (SELECT 1 FROM ${right} WHERE ${on}) AS c${width} FROM ${left}`;
    }
    const [only] = node.conditions;
    if (only === undefined || node.conditions.length > 1) throw new Error('a mark join with several conditions is not written here');
    const inner = `SELECT ${expressionSql(only.right, (index) => `c${index + width}`)} FROM ${right}`;
    const compared = `${sql(only.left)} ${only.operator} ANY (${inner})`;
    return `SELECT *, ${compared} AS c${width} FROM ${left}`;
  }
  const both = node.schema.map((_, index) => `c${index}`).join(', ');
  return `SELECT ${both === '' ? '1' : both} FROM ${left} ${node.asof ? 'ASOF ' : ''}${joinWords[node.type]} ${right} ON ${on}`;
}

/** For messages: names and types of a plan's result. */
export function schemaText(plan: PlanNode): string {
  return plan.schema.map((column) => `${column.name} ${typeName(column.type)}${column.nullable ? '' : ' NOT NULL'}`).join(', ');
}
