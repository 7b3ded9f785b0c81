import type { Expression } from '../expression.ts';
import type { PlanNode } from '../plan.ts';
import { type Facts, factOf, type TimeFact } from '../time-fact.ts';
import { larger } from '../larger.ts';
import { type Bound, type Bounded, byTtl, type InputFacts } from './bound.ts';

type Grouping = Extract<PlanNode, { kind: 'aggregate' | 'distinct' }>;

/** Aggregates and DISTINCT: a group that a time is part of closes when the watermark passes that time. */
export function boundAggregate(node: Grouping, input: InputFacts, stateTtlMs: number | null): Bounded {
  const keys = node.kind === 'aggregate' ? node.groups : node.on;
  const keyFacts = keys.map((key) => factOf(key, input.facts));
  const grouped = boundGroups(keys, keyFacts, input, stateTtlMs);
  // The first row of each kind stands for all: later ones change nothing.
  const bound: Bound = node.kind === 'distinct' ? { ...grouped, final: true, waits: false, settles: false } : grouped;
  const facts: Facts = node.kind === 'distinct' ? input.facts : [...keyFacts, ...aggregateFacts(node, keyFacts, input.facts)];
  return { output: { facts, stream: input.stream }, bound };
}

const closes = { bounded: true, final: true, waits: true, settles: true } as const;

function boundGroups(
  keys: readonly Expression[],
  facts: readonly (TimeFact | null)[],
  input: InputFacts,
  stateTtlMs: number | null,
): Bound {
  if (!input.stream) return { bounded: true, final: true, by: 'table', reason: 'it reads only tables that end' };
  // A window over a time that the watermark does not follow is a fault of its own; its groups would be bounded.
  if (facts.some((fact) => fact?.otherClock && (fact.role === 'window_start' || fact.role === 'window_end')))
    return { ...closes, by: 'window', reason: 'a window closes by another time' };
  const usable = facts.filter((fact): fact is TimeFact => fact !== null && !fact.otherClock);
  if (usable.some((fact) => fact.role === 'window_start' || fact.role === 'window_end')) {
    return { ...closes, by: 'window', reason: 'a window and its groups are let go when the watermark passes its end' };
  }
  if (usable.length > 0) {
    return { ...closes, by: 'time', reason: 'a group is let go when the watermark passes the time that is one of its keys' };
  }
  const changing = 'a later row of a group changes its result';
  if (keys.length === 0) return { bounded: true, final: false, by: 'one group', reason: 'there is one group, which never ends', changing };
  return byTtl(stateTtlMs, false, 'groups', {
    reason: 'every group is kept for ever',
    changing,
    remedy: "group by window_start and window_end of tumble(table, time, INTERVAL '1 minute'), or add WITH (state_ttl = '1 d') to the view",
  });
}

/** The least and greatest time of a window lie inside it. */
function aggregateFacts(node: Extract<Grouping, { kind: 'aggregate' }>, keys: readonly (TimeFact | null)[], facts: Facts): Facts {
  const start = keys.find((fact) => fact?.role === 'window_start') ?? null;
  return node.aggregates.map((call) => {
    const argument = call.args[0];
    if (start === null || argument === undefined || !['min', 'max', 'first', 'last', 'any_value'].includes(call.name)) return null;
    const fact = factOf(argument, facts);
    return fact === null || fact.role !== 'time' ? null : { ...fact, delayMicros: larger(fact.delayMicros, start.delayMicros) };
  });
}
