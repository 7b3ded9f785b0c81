import type { QueryDefinition } from '../plan/catalog.ts';
import { nodesOf } from '../plan/walk-plan.ts';
import type { EndedRows, RecoveryState } from '../store/store.ts';

const passing: ReadonlySet<string> = new Set(['scan', 'values', 'filter', 'project', 'window', 'unnest', 'union']);

/** Rows without a time do nothing in it until the end of the input lets them out, for good. */
function holdsTimeless({ plan, bounds, changes, clock }: QueryDefinition): boolean {
  const by = new Map(bounds.map((bound) => [bound.node, bound.by]));
  const holds = (kind: string, bound: string): boolean => {
    if (kind === 'aggregate') return bound === 'window' || bound === 'time';
    return passing.has(kind) || kind === 'over' || bound === 'lookup';
  };
  return clock === 'event' && !changes.some(Boolean) && [...nodesOf(plan)].every((node) => holds(node.kind, by.get(node.id) ?? ''));
}

/**
 * Rows of partitions that a query, and all that read it, had read when their input ended: those of them that have no time were put
 * out then, and a restart must not bring them again. None where they still count for something else.
 */
export function rowsLetOut(id: string, queries: readonly QueryDefinition[], recovery: RecoveryState): EndedRows {
  const query = queries.find((each) => each.id === id);
  const ended = recovery.queries.find((each) => each.id === id)?.endedRows;
  if (query === undefined || ended === undefined || !holdsTimeless(query)) return {};
  const readers = queries.filter((each) => each.reads.includes(query.name)).map((each) => rowsLetOut(each.id, queries, recovery));
  return readers.reduce(leastRows, ended);
}

function leastRows(first: EndedRows, second: EndedRows): EndedRows {
  const least = (source: string, partitions: Readonly<Record<string, number>>) =>
    Object.fromEntries(
      Object.entries(partitions).map(([partition, rows]) => [partition, Math.min(rows, second[source]?.[partition] ?? 0)]),
    );
  return Object.fromEntries(Object.entries(first).map(([source, partitions]) => [source, least(source, partitions)]));
}
