import type { QueryDefinition } from '../plan/catalog.ts';
import type { Expression } from '../plan/expression.ts';
import type { PlanNode } from '../plan/plan.ts';
import { constantMicros, type Facts, factOf, type TimeFact, unknownDelay } from '../plan/time-fact.ts';
import { nodesOf } from '../plan/walk-plan.ts';
import { latest } from './time/extremes.ts';

type Timed = Pick<QueryDefinition, 'plan' | 'bounds' | 'nodeFacts'>;

/**
 * Watermark (microseconds) at which operators without a window have put out all that they hold of rows up to `time`: groups by a
 * time, rows in the order of a time, rows that wait for a partner.
 */
export function settledTime({ plan, bounds, nodeFacts }: Timed, time: bigint): bigint {
  const factsOf = (node: PlanNode): Facts => nodeFacts[node.id] ?? [];
  const settled = [...nodesOf(plan)].flatMap((node): (bigint | null)[] => {
    switch (node.kind) {
      case 'aggregate':
        if (!bounds.some((bound) => bound.node === node.id && bound.by === 'time')) return [];
        return node.groups.map((group) => settledKey(group, factsOf(node.input), time));
      case 'over':
        return node.calls.flatMap((call) => call.orderBy.map((order) => settledKey(order.expression, factsOf(node.input), time)));
      case 'join':
        // The newest version of a time is known when the watermark has passed it.
        if (node.asof) return factsOf(node.left).map((fact) => (isKnown(fact) ? time + fact.delayMicros + 1n : null));
        return factsOf(node).map((fact) => (isKnown(fact) ? time + fact.delayMicros : null));
      default:
        return [];
    }
  });
  return latest([time, ...settled]) ?? time;
}

function isKnown(fact: TimeFact | null): fact is TimeFact {
  return fact !== null && !fact.otherClock && fact.delayMicros < unknownDelay;
}

function settledKey(key: Expression, facts: Facts, time: bigint): bigint | null {
  const fact = factOf(key, facts);
  return isKnown(fact) ? latestValue(key, facts, time) + fact.delayMicros : null;
}

const dayMicros = 86_400_000_000n;
/** A Monday. */
const weekOrigin = -3n * dayMicros;
/** Where buckets of any other width begin: 2000-01-03. */
const bucketOrigin = 10_959n * dayMicros;
const widths: Readonly<Record<string, bigint>> = {
  millisecond: 1000n,
  second: 1_000_000n,
  minute: 60_000_000n,
  hour: 3_600_000_000n,
  day: dayMicros,
  week: 7n * dayMicros,
};
const months: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 };
const formats: Readonly<Record<string, string>> = {
  '%Y': 'year',
  '%Y-%m': 'month',
  '%Y-%m-%d': 'day',
  '%Y%m%d': 'day',
  '%Y-%m-%d %H': 'hour',
  '%Y-%m-%d %H:%M': 'minute',
};

/** The latest value (microseconds), at most, that an expression with a fact has for rows up to `time`. */
function latestValue(expression: Expression, facts: Facts, time: bigint): bigint {
  if (expression.kind === 'cast') {
    const value = latestValue(expression.child, facts, time);
    return expression.type.kind === 'date' ? floorTo(value, dayMicros, 0n) : value;
  }
  if (expression.kind === 'column') {
    const delay = facts[expression.index]?.delayMicros ?? 0n;
    return delay < 0n ? time - delay : time;
  }
  if (expression.kind !== 'call') return time;
  const [first, second] = expression.args as readonly [Expression, Expression];
  const value = (argument: Expression) => latestValue(argument, facts, time);
  switch (expression.name) {
    case '+':
      return first.type.kind === 'interval' ? value(second) + (constantMicros(first) ?? 0n) : value(first) + (constantMicros(second) ?? 0n);
    case '-':
      return value(first) - (constantMicros(second) ?? 0n);
    case 'date_trunc':
      return unitStart(constantText(first), value(second));
    case 'strftime':
      return unitStart(formats[constantText(second)] ?? '', value(first));
    case 'time_bucket': {
      const width = constantMicros(first) ?? 1n;
      return floorTo(value(second), width, bucketOrigin);
    }
    default:
      return time;
  }
}

function constantText(expression: Expression): string {
  return expression.kind === 'constant' ? String(expression.value).toLowerCase() : '';
}

function unitStart(name: string, value: bigint): bigint {
  const unit = name.replace(/s$/, '');
  const width = widths[unit];
  if (width !== undefined) return floorTo(value, width, unit === 'week' ? weekOrigin : 0n);
  const length = months[unit];
  if (length === undefined) return value;
  const date = new Date(Number(floorTo(value, dayMicros, 0n) / 1000n));
  return BigInt(Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / length) * length)) * 1000n;
}

function floorTo(time: bigint, step: bigint, origin: bigint): bigint {
  const rest = (time - origin) % step;
  return rest < 0n ? time - rest - step : time - rest;
}
