import type { Expression } from '../expression.ts';
import type { PlanNode } from '../plan.ts';
import { type Facts, factOf } from '../time-fact.ts';

type Join = Extract<PlanNode, { kind: 'join' }>;

/** A row is of no more use to the join once the watermark has reached `value + delayMicros`: no partner can come any more. */
export interface JoinLimit {
  /** TIMESTAMP or DATE, over the columns of the row's own side. A row where it is NULL has no partner at all. */
  readonly value: Expression;
  readonly delayMicros: bigint;
}

export interface JoinLimits {
  readonly left: readonly JoinLimit[];
  readonly right: readonly JoinLimit[];
}

/**
 * Until when the rows of each side are needed. A condition that holds the other side's time at or below a value of the own side says
 * so, whatever that value is: a constant distance (`b.ts <= a.ts + INTERVAL '5 minutes'`), another column (`b.ts <= a.expires`), an
 * equal window.
 */
export function joinLimits(node: Join, left: Facts, right: Facts): JoinLimits {
  const limits: { left: JoinLimit[]; right: JoinLimit[] } = { left: [], right: [] };
  for (const { left: a, right: b, operator } of node.conditions) {
    const below = operator === '<' || operator === '<=' || operator === '=';
    const above = operator === '>' || operator === '>=' || operator === '=';
    const strict = operator === '<' || operator === '>' ? 0n : 1n;
    const delay = (time: Expression, value: Expression, facts: Facts): bigint | null => {
      const fact = factOf(time, facts);
      return fact === null || fact.otherClock || !isMoment(value) ? null : fact.delayMicros + strict;
    };
    // The left's time is at most b: a right row is needed as long as such left rows may come.
    const [rightDelay, leftDelay] = [below ? delay(a, b, left) : null, above ? delay(b, a, right) : null];
    if (rightDelay !== null) limits.right.push({ value: b, delayMicros: rightDelay });
    if (leftDelay !== null) limits.left.push({ value: a, delayMicros: leftDelay });
  }
  return limits;
}

function isMoment({ type }: Expression): boolean {
  return type.kind === 'timestamp' || type.kind === 'date';
}
