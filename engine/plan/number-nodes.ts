import type { PlanNode } from './plan.ts';
import { mapInputs } from './walk-plan.ts';

/** Gives dense ids in the order in which rows flow: inputs first. A subtree used twice becomes two. */
export function numberNodes(plan: PlanNode): PlanNode {
  let next = 0;
  const visit = (node: PlanNode): PlanNode => {
    const renewed = mapInputs(node, visit);
    return { ...renewed, id: next++ };
  };
  return visit(plan);
}
