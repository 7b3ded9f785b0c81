import { microsText } from '../expression-text.ts';
import type { PlanNode, WindowCall } from '../plan.ts';
import { constantMicros, type Facts, factOf } from '../time-fact.ts';
import { type Bound, type Bounded, byTtl, type InputFacts } from './bound.ts';

/** Functions with OVER: bounded by a window among the partition keys, by a range of time, or by a number of rows for each key. */
export function boundOver(node: Extract<PlanNode, { kind: 'over' }>, input: InputFacts, stateTtlMs: number | null): Bounded {
  const output = { facts: [...input.facts, ...node.calls.map(() => null)], stream: input.stream };
  if (!input.stream) return { output, bound: { bounded: true, final: true, by: 'table', reason: 'it reads only tables that end' } };
  const bounds = node.calls.map((call) => boundCall(call, input.facts, stateTtlMs));
  const longest = bounds.reduce((a, b) => ((b.micros ?? 0n) > (a.micros ?? 0n) ? b : a));
  const worst = bounds.find((bound) => !bound.bounded) ?? bounds.find((bound) => !bound.final) ?? longest;
  return { output, bound: { ...worst, final: bounds.every((bound) => bound.final) } };
}

function boundCall(call: WindowCall, facts: Facts, stateTtlMs: number | null): Bound & { readonly micros?: bigint } {
  const span = call.span === undefined ? {} : { span: call.span };
  if (call.partitionBy.some((key) => isPast(key, facts))) {
    return { bounded: true, final: true, by: 'window', reason: 'a partition is let go when the watermark passes its time' };
  }
  const order = call.orderBy[0];
  const inTimeOrder = order !== undefined && isTime(order.expression, facts);
  const ascending = inTimeOrder && !order.descending;
  const { start, end, unit } = call.frame;
  const endsNow = end.kind === 'current_row' || end.kind === 'preceding';
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
  if (ascending && ['lag', 'row_number', 'rank', 'dense_rank', 'first_value'].includes(call.name)) {
    return byTtl(stateTtlMs, true, 'keys', {
      ...span,
      reason: 'something is kept of every key for ever',
      remedy: "add WITH (state_ttl = '1 d') to the view, or PARTITION BY a window's window_start",
    });
  }
  return byTtl(stateTtlMs, ascending && endsNow, 'partitions', {
    ...span,
    reason: inTimeOrder
      ? 'every row of a partition is kept for ever'
      : 'rows are ordered by what is not event time, so that any of them may still count',
    remedy:
      order === undefined || inTimeOrder
        ? "bound the frame, for example RANGE BETWEEN INTERVAL '5 minutes' PRECEDING AND CURRENT ROW, or add state_ttl"
        : "PARTITION BY a window's window_start too, or add WITH (state_ttl = '1 d') to the view",
  });
}

function isPast(key: WindowCall['partitionBy'][number], facts: Facts): boolean {
  const fact = factOf(key, facts);
  return fact !== null && !fact.ingest;
}

function isTime(expression: WindowCall['partitionBy'][number], facts: Facts): boolean {
  const fact = factOf(expression, facts);
  return fact !== null && !fact.ingest && fact.role !== 'bucket';
}
