import type { Expression } from '../expression.ts';
import type { PlanNode } from '../plan.ts';
import { columnsOf, mapColumns } from '../walk-expression.ts';
import { projected } from './distribution.ts';
import type { Distribution } from './fragment.ts';

/** Projections and filters of a chain, and windows over them, without what lies below the first window. */
export interface WindowChain {
  readonly below: PlanNode;
  /** Keys in terms of the columns below; those made from the windows' bounds are left out. */
  readonly keys: readonly Expression[];
  /** The chain again, over another input with the same columns. */
  rebuild(input: PlanNode): PlanNode;
  /** Where rows are above the chain, by where they are below. */
  lift(distribution: Distribution): Distribution;
}

/** Null when there is no window before the next operator that keeps state. */
export function belowWindows(top: PlanNode, keys: readonly Expression[]): WindowChain | null {
  const chain: PlanNode[] = [];
  let length = 0;
  for (let node = top; node.kind === 'project' || node.kind === 'filter' || node.kind === 'window'; node = node.input) {
    chain.push(node);
    if (node.kind === 'window') length = chain.length;
  }
  if (length === 0) return null;
  const above = chain.slice(0, length);
  const last = above.at(-1) as Extract<PlanNode, { kind: 'window' }>;
  return {
    below: last.input,
    keys: above.reduce((current, node) => current.flatMap((key) => pushed(key, node)), keys),
    rebuild: (input) => above.reduceRight((below, node) => ({ ...node, input: below }) as PlanNode, input),
    lift: (distribution) =>
      above.reduceRight((below, node) => (node.kind === 'project' ? projected(below, node.expressions) : below), distribution),
  };
}

/** A key over a node's columns as one over its input's; none when it reads the bounds of a window. */
function pushed(key: Expression, node: PlanNode): Expression[] {
  if (node.kind === 'project') return [mapColumns(key, ({ index }) => node.expressions[index] as Expression)];
  if (node.kind !== 'window') return [key];
  return [...columnsOf(key)].every((index) => index < node.input.schema.length) ? [key] : [];
}
