import { availableParallelism } from 'node:os';
import type { Catalog, QueryDefinition, SourceDefinition } from '../plan/catalog.ts';

const lanesByDefaultMax = 4;

/** One core is left to the store and the pages. */
export function defaultLanes(): number {
  return Math.max(1, Math.min(lanesByDefaultMax, availableParallelism() - 1));
}

export interface LaneAssignment {
  readonly sources: readonly SourceDefinition[];
  /** In dependency order. */
  readonly queries: readonly QueryDefinition[];
}

/** Sources that are read: by a query, or because their rows are kept. */
export function sourcesInUse(catalog: Catalog): SourceDefinition[] {
  const read = new Set(catalog.queries.flatMap((query) => query.reads));
  return [...catalog.sources.values()].filter(
    ({ name, role, retentionMs }) => role === 'source' && (read.has(name) || retentionMs !== null),
  );
}

/** All that a catalog runs, for a group of lanes that share every source and query. */
export function assignTogether(catalog: Catalog): LaneAssignment {
  return { sources: sourcesInUse(catalog), queries: catalog.queries };
}

/**
 * What is connected by reading runs in one lane, so that no rows go between lanes and no answer depends on their number. The largest
 * parts are placed first, each into the lane that has least.
 */
export function assignLanes(catalog: Catalog, lanesMax: number): LaneAssignment[] {
  const sources = sourcesInUse(catalog);
  const parts = connectedParts([
    ...sources.map((source) => [source.name]),
    ...catalog.queries.map((query) => [query.name, ...query.reads]),
  ]);
  const weighted = parts
    .map((names) => {
      const queries = catalog.queries.filter((query) => names.has(query.name));
      return { names, weight: queries.length + sources.filter((source) => names.has(source.name)).length };
    })
    .sort((a, b) => b.weight - a.weight);
  const lanes = Array.from({ length: Math.max(1, Math.min(lanesMax, weighted.length)) }, () => ({ names: new Set<string>(), weight: 0 }));
  for (const part of weighted) {
    const lane = lanes.reduce((least, each) => (each.weight < least.weight ? each : least));
    for (const name of part.names) lane.names.add(name);
    lane.weight += part.weight;
  }
  return lanes.map(({ names }) => ({
    sources: sources.filter((source) => names.has(source.name)),
    queries: catalog.queries.filter((query) => names.has(query.name)),
  }));
}

function connectedParts(groups: readonly (readonly string[])[]): Set<string>[] {
  let parts: Set<string>[] = [];
  for (const group of groups) {
    const touching = parts.filter((part) => group.some((name) => part.has(name)));
    const joined = new Set([...touching.flatMap((part) => [...part]), ...group]);
    parts = [...parts.filter((part) => !touching.includes(part)), joined];
  }
  return parts;
}
