import type { Catalog, QueryDefinition } from '../plan/catalog.ts';
import type { QueryStatus, RuntimeStatus } from '../run/runtime-status.ts';
import type { LagParts } from './api-types.ts';
import { formatDuration } from './format-duration.ts';

/** Parts below this (ms) are left out of the sentence. */
const partMsMin = 50;
/** Lag of its own beyond this (ms) is no mere waiting for input. */
const ownLagMsMax = 500;
const nothingToLag: ReadonlySet<QueryStatus['state']> = new Set(['starting', 'idle', 'ended', 'failed']);

/**
 * How far (ms) a query's results are behind the clock, or, in a replay, behind what was read. Null before its first row, and when it has
 * nothing to be behind of: its input is silent or has ended, or it has failed.
 */
export function behindMs(query: QueryStatus | undefined, waitsFor: string | null = null): number | null {
  if (waitsFor !== null || query === undefined || query.watermark === null || nothingToLag.has(query.state)) return null;
  return query.lagMs ?? query.ownLagMs;
}

/**
 * The source that a query only waits for: its newest row is all there, and more has not come. The watermark stands still then, without
 * anything being late. Null: the query is behind for another reason, or not at all.
 */
export function waitsFor(
  query: QueryDefinition,
  status: RuntimeStatus,
  catalog: Catalog,
  rowsPerSecond: (source: string) => number | null,
): string | null {
  const now = status.queries[query.id];
  if (now?.state !== 'ok' || now.lagMs === null || now.ownLagMs > ownLagMsMax) return null;
  const slowest = slowestSource(sourcesOf(query, catalog), status);
  return slowest !== null && rowsPerSecond(slowest) === 0 ? slowest : null;
}

/** A query is as far behind as its slowest source lets it be, and what it adds itself. */
export function lagParts(id: string, status: RuntimeStatus, catalog: Catalog, waits: string | null = null): LagParts {
  const definition = catalog.queries.find((query) => query.id === id);
  const query = status.queries[id];
  const sources = definition === undefined ? [] : sourcesOf(definition, catalog);
  const idle = sources.filter((name) => status.sources[name]?.state === 'idle');
  if (waits !== null) return { total: null, text: waitText(waits, status), parts: [], idle };
  const total = behindMs(query);
  if (query === undefined || total === null) return { total: null, text: noLagText(query, sources, status), parts: [], idle };
  const own = Math.min(query.ownLagMs, total);
  const inherited = query.lagMs === null ? [] : sourceParts(total - own, slowestSource(sources, status), catalog);
  const parts = [...inherited, { what: 'here', ms: Math.round(own) }].filter((part) => part.ms > 0);
  return { total: Math.round(total), text: lagText(total, parts, query.lagMs === null, idle), parts, idle };
}

/** Names of the sources that a query reads, also through other queries. */
export function sourcesOf(query: QueryDefinition, catalog: Catalog, seen: Set<string> = new Set()): string[] {
  return query.reads.flatMap((name) => {
    if (seen.has(name)) return [];
    seen.add(name);
    const view = catalog.queries.find((each) => each.kind === 'view' && each.name === name);
    return view === undefined ? [name] : sourcesOf(view, catalog, seen);
  });
}

function slowestSource(names: readonly string[], status: RuntimeStatus): string | null {
  let slowest: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const source = status.sources[name];
    if (source === undefined || source.state !== 'active' || source.watermark === null || source.watermark >= least) continue;
    least = source.watermark;
    slowest = name;
  }
  return slowest;
}

function sourceParts(milliseconds: number, source: string | null, catalog: Catalog): { what: string; ms: number }[] {
  if (source === null) return [{ what: 'its sources', ms: Math.round(milliseconds) }];
  const allowed = Math.min(milliseconds, catalog.sources.get(source)?.maxLatenessMs ?? 0);
  return [
    { what: `source ${source}`, ms: Math.round(milliseconds - allowed) },
    { what: `waiting for late rows of ${source}`, ms: Math.round(allowed) },
  ];
}

function lagText(total: number, parts: LagParts['parts'], replay: boolean, idle: readonly string[]): string {
  const said = parts.filter((part) => part.ms >= partMsMin).map((part) => `${formatDuration(part.ms)} ${place(part.what)}`);
  const why = said.length === 0 ? '' : `: ${said.join(', ')}`;
  const silent = idle.length === 0 ? '' : `; ${idle.join(', ')} ${idle.length === 1 ? 'is' : 'are'} silent and not waited for`;
  return `${formatDuration(total)} behind${replay ? ' its input' : ''}${why}${silent}`;
}

function waitText(source: string, status: RuntimeStatus): string {
  const newest = status.sources[source]?.maxEventTime ?? null;
  return newest === null
    ? `waiting for ${source}`
    : `waiting for ${source}, whose newest row is ${formatDuration(Math.max(0, status.now - newest))} old`;
}

function place(what: string): string {
  return what === 'here' || what.startsWith('waiting') ? what : `from ${what}`;
}

function noLagText(query: QueryStatus | undefined, sources: readonly string[], status: RuntimeStatus): string {
  if (query?.state === 'failed') return 'stopped';
  if (query?.state === 'ended') return 'all input read';
  const silent = sources.filter((name) => (status.sources[name]?.watermark ?? null) === null || status.sources[name]?.state === 'idle');
  return silent.length === 0 ? 'no rows yet' : `no rows from ${silent.join(', ')}`;
}
