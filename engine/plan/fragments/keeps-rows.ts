import type { PlanNode } from '../plan.ts';
import { nodesOf } from '../walk-plan.ts';

/** A plan that does more than to look at one row after another. */
export function keepsRows(plan: PlanNode, isStream: (table: string) => boolean): boolean {
  return [...nodesOf(plan)].some((node) => {
    switch (node.kind) {
      case 'aggregate':
      case 'over':
      case 'distinct':
        return true;
      case 'window':
        return node.window.kind === 'session';
      case 'join':
        // Not one that only looks rows up.
        return [...nodesOf(node.right)].some((each) => each.kind === 'scan' && isStream(each.table));
      default:
        return false;
    }
  });
}
