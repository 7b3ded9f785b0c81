import type { ColumnSpec } from '../../connectors/data-type.ts';
import { columnOf, projectNode, scanNode, selectColumns } from './build-node.ts';
import { waitColumn } from './early-results.ts';
import { numberNodes } from './number-nodes.ts';
import type { PlanNode } from './plan.ts';
import type { Facts } from './time-fact.ts';
import { mapInputs, nodesOf } from './walk-plan.ts';

/** Columns of a table and what is known of them, under each clock that the query may follow. */
export interface TableTimes {
  readonly schema: readonly ColumnSpec[];
  readonly clocks: readonly Facts[];
}

/** The plan with the event time of each row read, also where no expression asks for it: the rows of a query with early results wait for it. */
export function keepTimes(plan: PlanNode, tableOf: (name: string) => TableTimes): PlanNode {
  const visit = (node: PlanNode): PlanNode => {
    if (node.kind !== 'scan') return mapInputs(node, visit);
    const { schema, clocks } = tableOf(node.table);
    const times = clocks.flatMap((facts) => {
      const index = waitColumn(schema, facts);
      return index === null ? [] : [schema[index] as ColumnSpec];
    });
    const missing = [...new Set(times)].filter(({ name }) => !node.columns.includes(name));
    if (missing.length === 0) return node;
    return selectColumns(scanNode(node.table, [...node.schema, ...missing], node.span), [...node.schema.keys()]);
  };
  const keeps = [...nodesOf(plan)].some(({ kind }) => kind === 'aggregate' || kind === 'over');
  return keeps ? numberNodes(visit(plan)) : plan;
}

/** A plan that looks at one row after another, with the time of its rows; `time` null: it has none, as those of a table. */
export interface TimedPlan {
  readonly plan: PlanNode;
  readonly time: number | null;
}

/**
 * The plan's columns and, after them if it is not among them, the time of the row of the scan that each was made of. null: it keeps rows.
 * `factsOf`: of a scan's columns.
 */
export function carryTime(node: PlanNode, factsOf: (scan: Extract<PlanNode, { kind: 'scan' }>) => Facts): TimedPlan | null {
  if (node.kind === 'scan') return { plan: node, time: waitColumn(node.schema, factsOf(node)) };
  if (node.kind !== 'filter' && node.kind !== 'project' && node.kind !== 'window' && node.kind !== 'unnest') return null;
  if (node.kind === 'window' && node.window.kind === 'session') return null;
  const input = carryTime(node.input, factsOf);
  if (input === null || input.time === null) return input === null ? null : { plan: node, time: null };
  const { plan, time } = input;
  const added = plan.schema.slice(node.input.schema.length);
  switch (node.kind) {
    case 'filter':
      return { plan: { ...node, input: plan, schema: [...node.schema, ...added] }, time };
    case 'project':
      return projectTime(node, plan, time);
    default: {
      const width = node.input.schema.length;
      const schema = [...node.schema.slice(0, width), ...added, ...node.schema.slice(width)];
      const whole: PlanNode = { ...node, input: plan, schema };
      if (added.length === 0) return { plan: whole, time };
      const order = [...schema.keys()].filter((index) => index !== time);
      return { plan: selectColumns(whole, [...order, time]), time: order.length };
    }
  }
}

function projectTime(node: Extract<PlanNode, { kind: 'project' }>, input: PlanNode, time: number): TimedPlan {
  const found = node.expressions.findIndex((each) => each.kind === 'column' && each.index === time);
  if (found >= 0) return { plan: { ...node, input }, time: found };
  const names = [...node.schema.map(({ name }) => name), `time${node.expressions.length}`];
  const plan = projectNode(input, [...node.expressions, columnOf(input.schema, time)], names, node.span);
  return { plan: { ...plan, id: node.id }, time: node.expressions.length };
}
