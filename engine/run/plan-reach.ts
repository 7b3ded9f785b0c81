import type { QueryDefinition } from '../plan/catalog.ts';
import type { PlanNode, WindowCall } from '../plan/plan.ts';
import { constantMicros } from '../plan/time-fact.ts';
import { nodesOf } from '../plan/walk-plan.ts';
import { latest } from './time/extremes.ts';

/** Longer (microseconds) than from the first time that there is to the last. */
export const unboundedReach = 2n ** 62n;

type Reaching = Pick<QueryDefinition, 'plan' | 'bounds' | 'nodeFacts' | 'options'>;

/**
 * Longest stretch (microseconds) of input rows that one result row can depend on: what operators over each other keep adds up.
 * `unboundedReach` where nothing says how long ago a row may have come.
 */
export function planReach(query: Reaching): bigint {
  let reach = 0n;
  for (const node of nodesOf(query.plan)) {
    reach += nodeReach(node, query);
    if (reach >= unboundedReach) return unboundedReach;
  }
  return reach;
}

function nodeReach(node: PlanNode, { bounds, nodeFacts, options }: Reaching): bigint {
  if (node.kind === 'window') return node.window.kind === 'session' ? unboundedReach : node.window.sizeMicros;
  const by = bounds.find((bound) => bound.node === node.id)?.by;
  switch (by) {
    case 'ttl':
      return options.stateTtlMs === null ? unboundedReach : BigInt(Math.ceil(options.stateTtlMs)) * 1000n;
    case 'rows':
    case 'versions':
    case 'one group':
    case 'nothing':
      return unboundedReach;
    case 'time':
      return furthestBehind(node, nodeFacts);
    case 'interval':
      return node.kind === 'over' ? longestFrame(node.calls) : furthestBehind(node, nodeFacts);
    default:
      return 0n;
  }
}

/** A row comes out when its times lie no further behind the watermark than this, and so do the rows that it was made of. */
function furthestBehind(node: PlanNode, nodeFacts: Reaching['nodeFacts']): bigint {
  const delays = (nodeFacts[node.id] ?? []).flatMap((fact) => (fact === null || fact.otherClock ? [] : [fact.delayMicros]));
  const longest = latest(delays);
  return longest === null || longest > unboundedReach ? unboundedReach : longest > 0n ? longest : 0n;
}

function longestFrame(calls: readonly WindowCall[]): bigint {
  const frames = calls.map(({ frame }) => (frame.start.kind === 'preceding' ? constantMicros(frame.start.offset) : null));
  return frames.includes(null) ? unboundedReach : (latest(frames) ?? unboundedReach);
}
