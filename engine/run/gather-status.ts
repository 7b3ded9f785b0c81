import type { StoreStatistics } from '../store/store.ts';
import type { LaneQueryStatus, LaneSourceStatus, LaneStatus } from './lane/protocol.ts';
import { mergeQueries, mergeSources } from './merge-status.ts';
import type { RuntimeStatus, SourceStatus } from './runtime-status.ts';
import type { SourceWatch } from './source-watch.ts';

export interface StatusParts {
  readonly startedAt: number;
  readonly now: number;
  readonly phase: RuntimeStatus['phase'];
  readonly lanes: readonly (LaneStatus | undefined)[];
  readonly store: StoreStatistics;
  readonly sinks: NonNullable<RuntimeStatus['sinks']>;
  readonly watch: SourceWatch;
  readonly images?: RuntimeStatus['images'];
}

/** Sources as whole ones, whatever lanes read them. */
export function sourceStatuses(lanes: readonly (LaneStatus | undefined)[]): Readonly<Record<string, SourceStatus>> {
  const sources = new Map<string, LaneSourceStatus[]>();
  for (const status of lanes) {
    for (const [name, source] of Object.entries(status?.sources ?? {})) sources.set(name, [...(sources.get(name) ?? []), source]);
  }
  return Object.fromEntries([...sources].map(([name, parts]) => [name, mergeSources(parts)]));
}

export function gatherStatus({ startedAt, now, phase, lanes, store, sinks, watch, images }: StatusParts): RuntimeStatus {
  const queries = new Map<string, { lane: number; parts: LaneQueryStatus[] }>();
  for (const [lane, status] of lanes.entries()) {
    for (const [id, query] of Object.entries(status?.queries ?? {})) {
      const known = queries.get(id);
      if (known === undefined) queries.set(id, { lane, parts: [query] });
      else known.parts.push(query);
    }
  }
  const replaying = phase === 'running' && lanes.some((status) => status?.phase === 'replaying');
  return {
    startedAt,
    now,
    phase: replaying ? 'replaying' : phase,
    lanes: lanes.length,
    sources: Object.fromEntries(Object.entries(sourceStatuses(lanes)).map(([name, source]) => [name, watch.add(name, source)])),
    queries: Object.fromEntries([...queries].map(([id, { lane, parts }]) => [id, mergeQueries(parts, lane)])),
    store,
    sinks,
    ...(images === undefined ? {} : { images }),
    process: processStatus(),
  };
}

function processStatus(): RuntimeStatus['process'] {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    cpuSeconds: (user + system) / 1e6,
    rssBytes: rss,
    rssBytesMax: process.resourceUsage().maxRSS * 1024,
    heapBytes: heapUsed,
  };
}
