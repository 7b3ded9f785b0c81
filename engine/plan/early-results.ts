import type { ColumnSpec } from '../../connectors/data-type.ts';
import type { QueryDefinition, ViewOptions } from './catalog.ts';
import { type Facts, factOf, type TimeFact } from './time-fact.ts';
import { nodesOf } from './walk-plan.ts';

/** What of a query says whether it has early results. */
export type EarlyQuery = Pick<QueryDefinition, 'plan' | 'changes' | 'nodeFacts'> & {
  readonly options: Pick<ViewOptions, 'emitEarlyEveryMs'>;
};

/**
 * An early result at a multiple of emit_early_every speaks of the rows before that time, whatever else has come: then a restart, which
 * reads the rows again in other steps, makes the same ones. So the rows of such a query wait for their time before anything keeps them.
 */
export function showsEarly(query: EarlyQuery): boolean {
  if (query.options.emitEarlyEveryMs === null) return false;
  return [...nodesOf(query.plan)].some((node) => {
    if (query.changes[node.id] !== true) return false;
    if (node.kind !== 'over') return node.kind === 'aggregate';
    const facts = query.nodeFacts[node.input.id] ?? [];
    return node.calls.some((call) => call.partitionBy.some((key) => factOf(key, facts)?.otherClock === false));
  });
}

/** Of a scanned table the column that says best when the watermark has passed a row: its event time; null: it has none. */
export function waitColumn(schema: readonly ColumnSpec[], facts: Facts): number | null {
  let best: { readonly index: number; readonly rank: readonly number[] } | null = null;
  schema.forEach(({ type, nullable }, index) => {
    const fact = facts[index] ?? null;
    if (fact === null || fact.otherClock || !timeKinds.has(type.kind)) return;
    const rank = [distance(fact), fact.role === 'time' ? 0 : 1, nullable ? 1 : 0];
    if (best === null || isLess(rank, best.rank)) best = { index, rank };
  });
  return (best as { index: number } | null)?.index ?? null;
}

const timeKinds: ReadonlySet<string> = new Set(['timestamp', 'timestamptz', 'timestamp_s', 'timestamp_ms', 'timestamp_ns', 'date']);

/** How far from the watermark the rows to come begin. */
function distance({ delayMicros }: TimeFact): number {
  return Number(delayMicros < 0n ? -delayMicros : delayMicros);
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  const first = a.findIndex((value, k) => value !== b[k]);
  return first >= 0 && (a[first] as number) < (b[first] as number);
}
