import { earliest } from '../time/extremes.ts';
import { endedRows } from './ended-rows.ts';
import type { QueryCounters, WireEpoch } from './protocol.ts';
import type { QueryNode } from './query-node.ts';
import type { SourceRunner } from './source-runner.ts';

/** Nodes by the query that they are parts of; the last one puts out its result. */
export function byQuery(nodes: readonly QueryNode[]): Map<string, QueryNode[]> {
  const parts = new Map<string, QueryNode[]>();
  for (const node of nodes) parts.set(node.query, [...(parts.get(node.query) ?? []), node]);
  return parts;
}

export function sumCounters(parts: readonly QueryCounters[]): QueryCounters {
  const sum = (of: (part: QueryCounters) => number) => parts.reduce((total, part) => total + of(part), 0);
  return { rowsIn: sum((part) => part.rowsIn), rowsOut: sum((part) => part.rowsOut), filtered: sum((part) => part.filtered) };
}

/** What an epoch says of each query. */
export function queryEntries(nodes: readonly QueryNode[], sources: readonly SourceRunner[]): WireEpoch['queries'] {
  return [...byQuery(nodes)].map(([id, parts]) => {
    const result = parts.at(-1) as QueryNode;
    const read = new Set(parts.flatMap((part) => part.setup.sources));
    const before = result.setup.endedRows;
    const ended = result.ended
      ? endedRows(
          sources.filter(({ name }) => read.has(name)),
          before,
        )
      : before;
    return {
      id,
      watermark: result.committedWatermark(),
      oldestOpenStart: earliest(parts.map((part) => (part.stateful ? part.oldestNeeded() : null))),
      sources: [...read],
      ...(result.clock === 'arrival' ? { clock: result.clock } : {}),
      ...(ended === undefined ? {} : { endedRows: ended }),
      ended: result.ended,
      reach: result.reach,
      failed: parts.some((part) => part.stateful) && result.error !== null,
    };
  });
}

export function queryCounters(nodes: readonly QueryNode[]): WireEpoch['counters'] {
  return [...byQuery(nodes)].flatMap(([name, parts]) => {
    const plan = (parts[0] as QueryNode).setup.fingerprint;
    const values = { ...sumCounters(parts.map((part) => part.counters())), plan };
    return Object.entries(values).map(([counter, value]) => ({ kind: 'query' as const, name, counter, value }));
  });
}
