import type { QueryDefinition } from '../catalog.ts';
import { carryTime } from '../keep-times.ts';
import type { PlanNode } from '../plan.ts';
import type { PlanPart } from './define-fragment.ts';

/**
 * The part's plan with the time of its rows, which other lanes wait for, as a further column where it is not among them. null: the part
 * keeps rows, and what it puts out has no such time.
 */
export function withTime(query: QueryDefinition, { plan, facts }: PlanPart): PlanNode | null {
  const timed = carryTime(plan, (scan) => {
    const known = facts.get(scan.table)?.facts;
    return known === undefined ? (query.nodeFacts[scan.id] ?? []) : scan.columns.map((column) => known.get(column) ?? null);
  });
  return timed?.plan ?? null;
}
