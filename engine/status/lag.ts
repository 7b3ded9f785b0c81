import type { Catalog, QueryDefinition } from '../plan/catalog.ts';
import type { QueryStatus, RuntimeStatus } from '../run/runtime-status.ts';
import { sourcesOf } from './dependencies.ts';
import { durationText } from './format-number.ts';
import type { LagPart } from './shapes.ts';

/** How far behind (ms) a query is, for people: nothing when it waits for input or has read all of it. */
export function shownLag(query: QueryStatus | undefined): number | null {
  if (query === undefined || query.state === 'idle' || query.state === 'ended' || query.state === 'failed' || query.state === 'starting') {
    return null;
  }
  return query.lagMs ?? (query.state === 'behind' ? query.ownLagMs : null);
}

/** Lag of the input and of the query itself apart: the first is nothing that the query could do better. */
export function lagParts(catalog: Catalog, definition: QueryDefinition, status: QueryStatus): LagPart[] {
  const total = shownLag(status);
  if (total === null) return [];
  const own = Math.min(status.ownLagMs, total);
  const sources = sourcesOf(catalog, definition);
  const inherited = { what: sources.length === 1 ? `from ${sources[0]}` : 'from its sources', ms: total - own };
  return [inherited, { what: 'here', ms: own }].filter((part) => part.ms > 0);
}

/** Sources that say nothing and so may hold the query back, each with the reason in words. */
export function waitingFor(catalog: Catalog, definition: QueryDefinition, status: RuntimeStatus): string[] {
  return sourcesOf(catalog, definition).flatMap((name) => {
    const source = status.sources[name];
    if (source === undefined) return [];
    if (source.state === 'failed') return [`${name} has failed`];
    if (source.state === 'starting') return [`${name} is starting`];
    if (source.state !== 'idle') return [];
    return [
      source.maxEventTime === null
        ? `${name} has sent nothing yet`
        : `${name} is silent for ${durationText(status.now - source.maxEventTime)}`,
    ];
  });
}
