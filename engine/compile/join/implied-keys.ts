import type { Expression } from '../../plan/expression.ts';
import type { Flow } from '../flow.ts';
import { type Binding, resolveBinding } from '../row-scope.ts';
import type { JoinNode } from './join-side.ts';

type Condition = JoinNode['conditions'][number];
type Bound = Extract<Binding, { kind: 'bound' }>;

/** The join without what its other conditions say already: windows of one size that start together end together. */
export function withoutImplied(node: JoinNode, flows: readonly [Flow, Flow]): JoinNode {
  const pairs = node.conditions.map((condition) => boundsOf(condition, flows));
  const starts = pairs.filter((pair) => pair?.every(({ part }) => part === 'start'));
  const conditions = node.conditions.filter((_, k) => {
    const ends = pairs[k];
    if (ends === null || ends === undefined || ends.some(({ part }) => part !== 'end')) return true;
    return !starts.some((pair) => pair?.every((start, side) => isWindow(start, ends[side] as Bound)));
  });
  return { ...node, conditions };
}

/** Bounds of two windows that have to be equal; null: the condition is about something else, or the windows are of different sizes. */
function boundsOf({ left, right, operator }: Condition, flows: readonly [Flow, Flow]): readonly [Bound, Bound] | null {
  const [a, b] = [boundOf(left, flows[0]), boundOf(right, flows[1])];
  return operator === '=' && a !== null && b !== null && a.size === b.size ? [a, b] : null;
}

function boundOf(expression: Expression, flow: Flow): Bound | null {
  if (expression.kind !== 'column') return null;
  const binding = resolveBinding(flow.bindings[expression.index] as Binding);
  return binding.kind === 'bound' ? binding : null;
}

/** Both are bounds of the same window. */
function isWindow(start: Bound, end: Bound): boolean {
  return start.time === end.time && start.bindings === end.bindings && start.size === end.size;
}
