import { microsText } from '../expression-text.ts';
import type { PlanNode, WindowCall } from '../plan.ts';
import { learningCall } from '../learning/learning-functions.ts';
import { larger } from '../larger.ts';
import { constantMicros, type Facts, factOf, type TimeFact } from '../time-fact.ts';
import { type Bound, type Bounded, byTtl, type InputFacts } from './bound.ts';

/** Functions with OVER: bounded by a window among the partition keys, by a range of time, or by a number of rows for each key. */
export function boundOver(node: Extract<PlanNode, { kind: 'over' }>, input: InputFacts, stateTtlMs: number | null): Bounded {
  const added = node.calls.map(() => null);
  if (!input.stream) {
    const output = { facts: [...input.facts, ...added], stream: false };
    return { output, bound: { bounded: true, final: true, by: 'table', reason: 'it reads only tables that end' } };
  }
  const bounds = node.calls.map((call) => boundCall(call, input.facts, stateTtlMs));
  const longest = bounds.reduce((a, b) => ((b.micros ?? 0n) > (a.micros ?? 0n) ? b : a));
  const worst = bounds.find((bound) => !bound.bounded) ?? bounds.find((bound) => !bound.final) ?? longest;
  const changing = bounds.find((bound) => bound.changing !== undefined)?.changing;
  const bound: Bound = {
    ...worst,
    final: bounds.every((each) => each.final),
    waits: bounds.some((each) => each.waits),
    settles: bounds.every((each) => each.settles),
    ...(changing === undefined ? {} : { changing }),
  };
  const inOrder = bounds.every((each) => each.final && !each.waits);
  const facts = inOrder ? input.facts : heldFacts(node, input.facts);
  return { output: { facts: [...facts, ...added], stream: true }, bound };
}

/** A row of a partition comes out, or is taken back, as long as the partition is open: only its times' begin says how old it may be. */
function heldFacts(node: Extract<PlanNode, { kind: 'over' }>, facts: Facts): Facts {
  const partitions = node.calls.map((call) =>
    call.partitionBy.flatMap((key) => (isPast(key, facts) ? [factOf(key, facts) as TimeFact] : [])),
  );
  const slack = partitions.map((keys) => keys.reduce<bigint | null>((a, { delayMicros: b }) => (a === null || b < a ? b : a), null));
  const longest = slack.reduce((a, b) => (a === null || b === null ? null : larger(a, b)));
  const open = partitions.flat();
  const isOpen = (fact: TimeFact): boolean =>
    open.some((each) => each.origin === fact.origin || (isWindow(each) && (isWindow(fact) || fact.role === 'time')));
  return facts.map((fact) => {
    if (fact === null || fact.otherClock || longest === null) return fact?.otherClock ? fact : null;
    if (!isOpen(fact)) return null;
    return fact.role === 'time' ? { ...fact, delayMicros: larger(fact.delayMicros, longest) } : fact;
  });
}

function isWindow({ role }: TimeFact): boolean {
  return role === 'window_start' || role === 'window_end';
}

type CallBound = Bound & { readonly micros?: bigint };

/** Functions whose value needs the whole partition, whatever the frame. */
const wholePartition: ReadonlySet<string> = new Set(['lead', 'ntile', 'percent_rank', 'cume_dist']);

/** Functions whose value does not depend on the frame. */
const frameless: ReadonlySet<string> = new Set(['lag', 'row_number', 'rank', 'dense_rank', 'rank_dense']);

function boundCall(call: WindowCall, facts: Facts, stateTtlMs: number | null): CallBound {
  const span = call.span === undefined ? {} : { span: call.span };
  const order = call.orderBy[0];
  const inTimeOrder = order !== undefined && isTime(order.expression, facts);
  const ascending = inTimeOrder && !order.descending;
  const { start, end, unit } = call.frame;
  const endsNow = (end.kind === 'current_row' || end.kind === 'preceding') && !wholePartition.has(call.name);
  if (call.partitionBy.some((key) => isPast(key, facts))) {
    // In the order of time rows come out before the partition is over: what is taken back of its input until then changes them.
    const waits = !(ascending && endsNow);
    return {
      bounded: true,
      final: true,
      waits,
      settles: waits,
      by: 'window',
      reason: 'a partition is let go when the watermark passes its time',
    };
  }
  if (ascending && endsNow && start.kind === 'preceding') {
    if (unit === 'range') {
      const micros = constantMicros(start.offset);
      if (micros !== null)
        return { bounded: true, final: true, by: 'interval', reason: `rows are kept for ${microsText(micros)} of event time`, micros };
    } else if (start.offset.kind === 'constant') {
      return {
        bounded: true,
        final: true,
        by: 'rows',
        reason: `the last ${String(BigInt(start.offset.value as bigint) + 1n)} rows of each key are kept; grows with the number of keys`,
      };
    }
  }
  if (ascending && (frameless.has(call.name) || call.name === 'first_value')) {
    return byTtl(stateTtlMs, true, 'keys', {
      ...span,
      reason: 'something is kept of every key for ever',
      remedy: "add WITH (state_ttl = '1 d') to the view, or PARTITION BY a window's window_start",
    });
  }
  const final = ascending && endsNow;
  if (final && learningCall(call.name) !== undefined) {
    return byTtl(stateTtlMs, true, 'series', {
      ...span,
      reason: 'what was learnt of a series is kept for ever',
      remedy: "say when a series without rows may be forgotten: add WITH (state_ttl = '7 d') to the view",
    });
  }
  return byTtl(stateTtlMs, final, 'partitions', {
    ...span,
    ...(final ? {} : { changing: inTimeOrder ? 'a later row changes those before it' : 'a later row may stand before those put out' }),
    reason: inTimeOrder
      ? 'every row of a partition is kept for ever'
      : 'rows are ordered by what is not event time, so that any of them may still count',
    remedy:
      order === undefined || inTimeOrder
        ? "bound the frame, for example RANGE BETWEEN INTERVAL '5 minutes' PRECEDING AND CURRENT ROW, or add state_ttl"
        : "PARTITION BY a window's window_start too, or add WITH (state_ttl = '1 d') to the view",
  });
}

/** Whether the call's result for a row is known, once and for all, when the watermark has passed the row's time: rows come in its order. */
export function callRunsInTime(call: WindowCall, facts: Facts): boolean {
  const order = call.orderBy[0];
  if (order === undefined || order.descending || !isTime(order.expression, facts) || wholePartition.has(call.name)) return false;
  const { end } = call.frame;
  return frameless.has(call.name) || end.kind === 'current_row' || end.kind === 'preceding';
}

/** A key that the watermark passes, as a time: text that sorts like one does not tell when that is. */
function isPast(key: WindowCall['partitionBy'][number], facts: Facts): boolean {
  const fact = factOf(key, facts);
  return fact !== null && !fact.otherClock && key.type.kind !== 'varchar';
}

function isTime(expression: WindowCall['partitionBy'][number], facts: Facts): boolean {
  const fact = factOf(expression, facts);
  return fact !== null && !fact.otherClock && fact.role !== 'bucket';
}
