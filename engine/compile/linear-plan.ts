import type { Span } from '../diagnostic.ts';
import type { PlanNode } from '../plan/plan.ts';
import { notSupported } from './refuse.ts';

export type ScanNode = Extract<PlanNode, { kind: 'scan' }>;
export type StepNode = Extract<PlanNode, { kind: 'filter' | 'project' | 'window' | 'aggregate' }>;

const refusals: Readonly<Record<string, { construct: string; hint?: string }>> = {
  join: { construct: 'JOIN' },
  over: { construct: 'a window function (OVER)' },
  unnest: { construct: 'UNNEST' },
  union: { construct: 'UNION' },
  distinct: { construct: 'DISTINCT', hint: 'GROUP BY window_start, window_end and the columns gives each combination once' },
  values: { construct: 'VALUES' },
};

/** A plan without branches: one scan and the operators above it in the order in which rows flow. Throws QueryError for others. */
export function linearPlan(root: PlanNode, fallback: Span): { scan: ScanNode; steps: StepNode[] } {
  const steps: StepNode[] = [];
  let node = root;
  while (node.kind !== 'scan') {
    if (node.kind === 'filter' || node.kind === 'project' || node.kind === 'window' || node.kind === 'aggregate') {
      steps.push(node);
      node = node.input;
      continue;
    }
    const refusal = refusals[node.kind];
    throw notSupported(refusal?.construct ?? node.kind, node.span ?? fallback, refusal?.hint);
  }
  return { scan: node, steps: steps.reverse() };
}
