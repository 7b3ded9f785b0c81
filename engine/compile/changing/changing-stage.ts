import type { PlanNode } from '../../plan/plan.ts';
import type { AggregateNode } from '../aggregate-stage.ts';
import type { Flow } from '../flow.ts';
import { notSupported } from '../refuse.ts';
import type { Stage, StageContext } from '../stage.ts';
import { generateChanges } from './changing-emission.ts';
import { ChangingGroups, type Schedule } from './changing-groups.ts';
import { groupRows } from './changing-rows.ts';
import { generateChangingState } from './changing-state.ts';
import { type Expiry, expiryOf } from './expiry.ts';
import { KeptGroupRows } from './kept-group-rows.ts';

/** An aggregate whose results change after they were put out, or whose input takes rows back. */
export function buildChangingStage(context: StageContext, plan: PlanNode, flows: readonly Flow[]): Stage {
  const [flow] = flows as readonly [Flow];
  const node = plan as AggregateNode;
  const changes = context.changes(node);
  const expiry = expiryOf(context, node, flow.bindings);
  return buildGroups(context, node, flow, changes, scheduleOf(context, changes, expiry, node), expiry);
}

export function buildGroups(
  context: StageContext,
  node: AggregateNode,
  flow: Flow,
  changes: boolean,
  schedule: Schedule,
  expiry: Expiry,
): Stage {
  const { number } = context;
  const groups = new ChangingGroups(number, node, flow, changes, schedule, expiry);
  const kept = groups.replayed.length === 0 ? null : new KeptGroupRows(groups);
  flow.finish(groupRows(groups, kept));
  const { columns, weight } = generateChanges(groups, kept);
  const marks = generateChangingState(groups, kept, flow.reachMicros);
  return {
    number,
    node,
    columns: columns.accesses,
    weight,
    emits: schedule.kind === 'push' || schedule.kind === 'once' ? 'always' : 'closing',
    marks,
    resumes: true,
    reachMicros: flow.reachMicros + (expiry.kind === 'time' ? expiry.reachMicros : 0n),
  };
}

function scheduleOf(context: StageContext, changes: boolean, expiry: Expiry, node: AggregateNode): Schedule {
  const early = context.query.options.emitEarlyEveryMs;
  if (changes) return early === null ? { kind: 'push' } : { kind: 'early', everyMicros: BigInt(early) * 1000n };
  if (expiry.kind !== 'time') throw notSupported('an aggregate whose groups no time closes', node.span);
  return { kind: 'final' };
}
