import type { PlanNode } from '../../plan/plan.ts';
import type { Flow } from '../flow.ts';
import { notSupported } from '../refuse.ts';
import type { Stage, StageContext } from '../stage.ts';
import type { OverNode } from './evaluate-calls.ts';
import { overMode } from './over-mode.ts';
import { buildPartitionStage } from './partition-stage.ts';
import { buildTimeOrderStage } from './time-order-stage.ts';

/** Functions with OVER, all of one window. Throws QueryError for what cannot run. */
export function buildOverStage(context: StageContext, node: PlanNode, flows: readonly Flow[]): Stage {
  const [flow] = flows as readonly [Flow];
  const over = node as OverNode;
  if (flow.window !== null) throw notSupported('OVER of the rows of a window', node.span);
  const mode = overMode(context, over);
  if (mode.kind === 'time') return buildTimeOrderStage(context, over, flow, mode);
  return buildPartitionStage(context, over, flow, mode);
}
