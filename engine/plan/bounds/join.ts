import { microsText } from '../expression-text.ts';
import { larger } from '../larger.ts';
import type { PlanNode } from '../plan.ts';
import { type Facts, factOf, timeOffset } from '../time-fact.ts';
import { type Bound, type Bounded, byTtl, type InputFacts } from './bound.ts';
import { type JoinLimit, type JoinLimits, joinLimits } from './join-limits.ts';

type Join = Extract<PlanNode, { kind: 'join' }>;

/** Joins: bounded by a table on one side, equal windows, or both a lower and an upper limit of the time between the two rows. */
export function boundJoin(node: Join, left: InputFacts, right: InputFacts, stateTtlMs: number | null): Bounded {
  const bound = boundSides(node, left, right, stateTtlMs);
  const stream = left.stream || right.stream;
  // A joined row comes out when the later of its two rows does; by then either may be as old as the bound allows.
  const behind = (facts: Facts): Facts =>
    facts.map((fact) => {
      if (fact === null || bound.slackMicros === null) return null;
      if (fact.otherClock || (bound.by === 'window' && fact.role !== 'time')) return fact;
      return { ...fact, delayMicros: fact.delayMicros + bound.slackMicros };
    });
  const leftBehind = bound.limits === undefined ? behind(left.facts) : behindLimits(left.facts, bound.limits.left);
  const rightBehind = bound.limits === undefined ? behind(right.facts) : behindLimits(right.facts, bound.limits.right);
  const leftFacts = node.type === 'right' || node.type === 'full' ? left.facts.map(() => null) : leftBehind;
  if (node.type === 'semi' || node.type === 'anti') return { output: { facts: leftFacts, stream }, bound };
  if (node.type === 'mark') return { output: { facts: [...leftFacts, null], stream }, bound };
  const rightFacts =
    node.asof || node.type === 'left' || node.type === 'full' || node.type === 'single' ? right.facts.map(() => null) : rightBehind;
  return { output: { facts: [...leftFacts, ...rightFacts], stream }, bound };
}

/** How much further behind the watermark columns may be after the join; null: any time. */
type JoinBound = Bound & { readonly slackMicros: bigint | null; readonly limits?: JoinLimits };

/** A column that a limit is a constant distance from is out when that limit has passed; of others nothing is known. */
function behindLimits(facts: Facts, limits: readonly JoinLimit[]): Facts {
  return facts.map((fact, column) => {
    const delays = limits.flatMap(({ value, delayMicros }) => {
      const offset = timeOffset(value, facts);
      return offset?.column === column ? [offset.micros + delayMicros - 1n] : [];
    });
    if (fact === null || delays.length === 0) return null;
    const least = delays.reduce((a, b) => (a < b ? a : b));
    return { ...fact, delayMicros: larger(fact.delayMicros, least) };
  });
}

function boundSides(node: Join, left: InputFacts, right: InputFacts, stateTtlMs: number | null): JoinBound {
  const now = { bounded: true, final: true, slackMicros: 0n } as const;
  // Without a partner so far, a row of these is known only when the watermark has passed.
  const kept = { ...now, waits: !['inner', 'semi'].includes(node.type) } as const;
  if (!left.stream && !right.stream) return { ...now, by: 'table', reason: 'it reads only tables that end' };
  if (node.asof)
    return { ...now, by: 'versions', reason: 'the newest version of each key is kept, and older ones while rows may still need them' };
  if (!left.stream || !right.stream) return { ...now, by: 'lookup', reason: 'the table that is looked up in is kept whole' };
  if (node.conditions.some((each) => isWindowEquality(each, left.facts, right.facts))) {
    const reason = 'both sides are let go when the watermark passes the end of their window';
    return { ...kept, by: 'window', reason, slackMicros: windowSlack(left.facts, right.facts) };
  }
  const limits = timeLimits(node, left.facts, right.facts);
  if (limits !== null) {
    const slack = larger(limits.upper, -limits.lower);
    return {
      ...kept,
      by: 'interval',
      reason: `rows are kept for ${microsText(slack < 0n ? -slack : slack)} of event time`,
      slackMicros: slack > 0n ? slack : 0n,
    };
  }
  const variable = joinLimits(node, left.facts, right.facts);
  if (variable.left.length > 0 && variable.right.length > 0) {
    const reason = 'a row is kept until the watermark passes the last time that a partner may have';
    return { ...kept, by: 'interval', reason, limits: variable };
  }
  const bound = byTtl(stateTtlMs, node.type === 'inner' || node.type === 'semi', 'rows of both sides', {
    reason: 'both sides are kept for ever',
    changing: 'a row without a partner may find one later',
    remedy: "add a time limit on both sides, for example AND a.ts BETWEEN b.ts AND b.ts + INTERVAL '5 minutes', or state_ttl to the view",
    ...(node.span === undefined ? {} : { span: node.span }),
  });
  return { ...bound, slackMicros: null };
}

/** How far behind the watermark a row of an open window may be: as far as the window's start. */
function windowSlack(left: Facts, right: Facts): bigint | null {
  const starts = [...left, ...right].flatMap((fact) => (fact?.role === 'window_start' && !fact.otherClock ? [fact.delayMicros] : []));
  return starts.length === 0 ? null : starts.reduce(larger);
}

function isWindowEquality(condition: Join['conditions'][number], left: Facts, right: Facts): boolean {
  if (condition.operator !== '=') return false;
  const [a, b] = [factOf(condition.left, left), factOf(condition.right, right)];
  return (
    a !== null &&
    b !== null &&
    !a.otherClock &&
    !b.otherClock &&
    a.role === b.role &&
    (a.role === 'window_start' || a.role === 'window_end')
  );
}

/** Limits of `left's time - right's time` in microseconds, when the conditions give both. */
export function timeLimits(node: Pick<Join, 'conditions'>, left: Facts, right: Facts): { lower: bigint; upper: bigint } | null {
  const pairs = new Map<string, { lower: bigint | null; upper: bigint | null }>();
  for (const { left: a, right: b, operator } of node.conditions) {
    const [x, y] = [timeOffset(a, left), timeOffset(b, right)];
    if (x === null || y === null || x.fact.otherClock || y.fact.otherClock) continue;
    const key = `${x.column} ${y.column}`;
    const limits = pairs.get(key) ?? { lower: null, upper: null };
    // left + x.micros <operator> right + y.micros
    const difference = y.micros - x.micros;
    if (operator === '>' || operator === '>=' || operator === '=')
      limits.lower = limits.lower === null || difference > limits.lower ? difference : limits.lower;
    if (operator === '<' || operator === '<=' || operator === '=')
      limits.upper = limits.upper === null || difference < limits.upper ? difference : limits.upper;
    pairs.set(key, limits);
    if (limits.lower !== null && limits.upper !== null) return { lower: limits.lower, upper: limits.upper };
  }
  return null;
}
