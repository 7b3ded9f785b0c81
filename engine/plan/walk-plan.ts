import type { Expression } from './expression.ts';
import type { AggregateCall, FrameBound, OrderBy, PlanNode, WindowCall, WindowSpec } from './plan.ts';

export function inputsOf(node: PlanNode): readonly PlanNode[] {
  switch (node.kind) {
    case 'scan':
    case 'values':
      return [];
    case 'join':
      return [node.left, node.right];
    case 'union':
      return node.inputs;
    default:
      return [node.input];
  }
}

/** The same operator over changed inputs, whose columns must be the same. */
export function mapInputs(node: PlanNode, change: (input: PlanNode) => PlanNode): PlanNode {
  switch (node.kind) {
    case 'scan':
    case 'values':
      return node;
    case 'join':
      return { ...node, left: change(node.left), right: change(node.right) };
    case 'union':
      return { ...node, inputs: node.inputs.map(change) };
    default:
      return { ...node, input: change(node.input) };
  }
}

/** Every node, inputs first. */
export function* nodesOf(plan: PlanNode): Generator<PlanNode> {
  for (const input of inputsOf(plan)) yield* nodesOf(input);
  yield plan;
}

type Change = (expression: Expression) => Expression;

/** The same operator with each of its expressions changed; join conditions are over their own side. */
export function mapNodeExpressions(node: PlanNode, change: Change): PlanNode {
  switch (node.kind) {
    case 'scan':
      return node;
    case 'values':
      return { ...node, rows: node.rows.map((row) => row.map(change)) };
    case 'filter':
      return { ...node, predicate: change(node.predicate) };
    case 'project':
      return { ...node, expressions: node.expressions.map(change) };
    case 'window':
      return { ...node, window: mapWindow(node.window, change) };
    case 'aggregate':
      return { ...node, groups: node.groups.map(change), aggregates: node.aggregates.map((call) => mapAggregate(call, change)) };
    case 'over':
      return { ...node, calls: node.calls.map((call) => mapWindowCall(call, change)) };
    case 'join':
      return {
        ...node,
        conditions: node.conditions.map((each) => ({ ...each, left: change(each.left), right: change(each.right) })),
        residual: node.residual === null ? null : change(node.residual),
      };
    case 'unnest':
      return { ...node, lists: node.lists.map(change) };
    case 'distinct':
      return { ...node, on: node.on.map(change) };
    case 'union':
      return node;
  }
}

export function expressionsOf(node: PlanNode): Expression[] {
  const found: Expression[] = [];
  mapNodeExpressions(node, (expression) => {
    found.push(expression);
    return expression;
  });
  return found;
}

export function mapWindow(window: WindowSpec, change: Change): WindowSpec {
  const time = change(window.time);
  return window.kind === 'session' ? { ...window, time, keys: window.keys.map(change) } : { ...window, time };
}

export function mapAggregate(call: AggregateCall, change: Change): AggregateCall {
  return {
    ...call,
    args: call.args.map(change),
    filter: call.filter === null ? null : change(call.filter),
    orderBy: mapOrders(call.orderBy, change),
  };
}

export function mapWindowCall(call: WindowCall, change: Change): WindowCall {
  const bound = (each: FrameBound): FrameBound => ('offset' in each ? { ...each, offset: change(each.offset) } : each);
  return {
    ...call,
    args: call.args.map(change),
    filter: call.filter === null ? null : change(call.filter),
    partitionBy: call.partitionBy.map(change),
    orderBy: mapOrders(call.orderBy, change),
    frame: { ...call.frame, start: bound(call.frame.start), end: bound(call.frame.end) },
  };
}

function mapOrders(orders: readonly OrderBy[], change: Change): OrderBy[] {
  return orders.map((order) => ({ ...order, expression: change(order.expression) }));
}
