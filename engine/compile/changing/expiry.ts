import type { Expression } from '../../plan/expression.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { factOf, unknownDelay } from '../../plan/time-fact.ts';
import type { AggregateNode } from '../aggregate-stage.ts';
import type { Binding } from '../row-scope.ts';
import type { StageContext } from '../stage.ts';
import { timeOfKey } from '../time-key-window.ts';

/**
 * When a group is over. time: once the query's watermark has passed `time` + `afterMicros`: no row of it can come any more. ttl: when the
 * watermark is `micros` beyond what it was at the group's last row.
 */
export type Expiry =
  | {
      readonly kind: 'time';
      readonly time: Expression;
      readonly bindings: readonly Binding[];
      readonly afterMicros: bigint;
      /** Rows that make a group lie at most so far before its time. */
      readonly reachMicros: bigint;
    }
  | { readonly kind: 'ttl'; readonly micros: bigint }
  | { readonly kind: 'never' };

export function expiryOf(context: StageContext, node: AggregateNode, bindings: readonly Binding[]): Expiry {
  const facts = context.facts(node.input);
  for (const key of node.groups) {
    const fact = factOf(key, facts);
    if (fact === null || fact.otherClock || fact.delayMicros >= unknownDelay) continue;
    const timed = timeOfKey(key, bindings);
    if (timed === null) continue;
    // A bucket's start, unlike a time, lies always less than its delay behind the rows still to come.
    const afterMicros = fact.delayMicros + (fact.role === 'time' ? 1n : 0n);
    return { kind: 'time', time: timed.expression, bindings: timed.bindings, afterMicros, reachMicros: windowsBelow(node.input) };
  }
  const ttl = context.query.options.stateTtlMs;
  if (ttl !== null && node.groups.length > 0) return { kind: 'ttl', micros: BigInt(ttl) * 1000n };
  return { kind: 'never' };
}

/** Sizes of the windows that the rows were put into since the last stage: a window's end lies behind its rows. */
function windowsBelow(node: PlanNode): bigint {
  if (node.kind === 'filter' || node.kind === 'project') return windowsBelow(node.input);
  if (node.kind !== 'window' || node.window.kind === 'session') return 0n;
  return node.window.sizeMicros + windowsBelow(node.input);
}
