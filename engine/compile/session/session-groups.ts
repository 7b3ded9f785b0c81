import type { Expression } from '../../plan/expression.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { childrenOf, mapColumns } from '../../plan/walk-expression.ts';
import type { AggregateNode, WindowKey } from '../aggregate-stage.ts';
import { expressionKey } from '../aggregates/accumulator.ts';
import type { WindowNode } from '../stage-window.ts';

export type SessionNode = WindowNode & { readonly window: { readonly kind: 'session' } };

export function isSession(node: PlanNode): node is SessionNode {
  return node.kind === 'window' && node.window.kind === 'session';
}

/**
 * Whether an aggregate's groups are the sessions themselves, so that a session need keep only the aggregates: it groups by a bound
 * and by just the session's keys, with nothing but projections between, and no aggregate reads the bounds, which change till the end.
 */
export function groupsAreSessions(aggregate: AggregateNode, session: SessionNode): boolean {
  const width = session.input.schema.length;
  const below = (expression: Expression) => expressionBelow(expression, aggregate.input, session);
  const groups = aggregate.groups.map(below);
  const reads = aggregate.aggregates.flatMap((call) => [
    ...call.args,
    ...(call.filter === null ? [] : [call.filter]),
    ...call.orderBy.map((order) => order.expression),
  ]);
  if (groups.includes(null)) return false;
  if (reads.some((each) => readsBounds(below(each), width))) return false;
  const keys = (groups as Expression[]).filter((each) => boundOf(each, width) === null);
  if (keys.length === groups.length) return false;
  const own = session.window.keys.map(keyText);
  return keys.every((each) => own.includes(keyText(each))) && own.every((each) => keys.some((other) => keyText(other) === each));
}

/** The expression over the columns that the window puts out; null when more than projections lie between. */
function expressionBelow(expression: Expression, node: PlanNode, session: SessionNode): Expression | null {
  if (node === session) return expression;
  if (node.kind !== 'project') return null;
  const substituted = mapColumns(expression, (column) => node.expressions[column.index] as Expression);
  return expressionBelow(substituted, node.input, session);
}

function boundOf(expression: Expression, width: number): WindowKey | null {
  if (expression.kind !== 'column' || expression.index < width) return null;
  return expression.index === width ? 'start' : 'end';
}

function readsBounds(expression: Expression | null, width: number): boolean {
  if (expression === null) return true;
  return boundOf(expression, width) !== null || childrenOf(expression).some((child) => readsBounds(child, width));
}

function keyText(expression: Expression): string {
  return expression.kind === 'column' ? `column ${expression.index}` : expressionKey(expression);
}
