import type { StoreStatistics } from '../store/store.ts';
import type { LaneStatus } from './lane/protocol.ts';
import type { QueryStatus, RuntimeStatus, SourceStatus } from './runtime-status.ts';

export interface StatusParts {
  readonly startedAt: number;
  readonly now: number;
  readonly phase: RuntimeStatus['phase'];
  readonly lanes: readonly (LaneStatus | undefined)[];
  readonly store: StoreStatistics;
}

export function gatherStatus({ startedAt, now, phase, lanes, store }: StatusParts): RuntimeStatus {
  const sources: Record<string, SourceStatus> = {};
  const queries: Record<string, QueryStatus> = {};
  for (const [lane, status] of lanes.entries()) {
    for (const [name, { live: _, ...source }] of Object.entries(status?.sources ?? {})) sources[name] = source;
    for (const [id, query] of Object.entries(status?.queries ?? {})) queries[id] = { ...query, lane };
  }
  const replaying = phase === 'running' && lanes.some((status) => status?.phase === 'replaying');
  return { startedAt, now, phase: replaying ? 'replaying' : phase, lanes: lanes.length, sources, queries, store, process: processStatus() };
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
