import type { Catalog } from '../plan/catalog.ts';
import type { RuntimeStatus } from '../run/runtime-status.ts';
import type { OverviewTick } from './api-types.ts';
import { rounded } from './history.ts';
import { behindMs } from './lag.ts';
import type { Measured } from './status-tracker.ts';

/** Queries by index: from, and up to but without. */
export type Rows = readonly [from: number, to: number];

export interface OverviewTickInput {
  readonly catalog: Catalog;
  readonly status: RuntimeStatus;
  readonly gen: number;
  readonly measured: Measured;
  /** In the snapshot's order. */
  readonly sourceNames: readonly string[];
}

/** What changes of the overview from second to second. `rows`: only these queries. */
export function overviewTick({ catalog, status, gen, measured, sourceNames }: OverviewTickInput, rows?: Rows): OverviewTick {
  const [from, to] = rows ?? [0, catalog.queries.length];
  const rates = measured.queries.slice(from, to);
  const states = catalog.queries.slice(from, to).map((query) => status.queries[query.id]);
  const { engine } = measured;
  return {
    t: status.now,
    gen,
    phase: status.phase,
    verdict: measured.verdict,
    open: measured.attention.length,
    src: {
      in: measured.sources.map((each) => rounded(each.in)),
      rej: measured.sources.map((each) => rounded(each.rejected)),
      late: measured.sources.map((each) => rounded(each.late)),
      lag: sourceNames.map((name) => rounded(sourceLag(name, catalog, status))),
      status: sourceNames.map((name) => status.sources[name]?.state ?? 'starting'),
    },
    q: {
      rows: [from, from + states.length],
      in: rates.map((each) => rounded(each.in)),
      out: rates.map((each) => rounded(each.out)),
      lag: states.map((each, index) => rounded(behindMs(each, rates[index]?.waitsFor))),
      late: rates.map((each) => rounded(each.late)),
      state: states.map((each) => each?.stateBytes ?? 0),
      cpu: rates.map((each) => rounded(each.cpu)),
      status: states.map((each) => each?.state ?? 'starting'),
    },
    total: {
      in: rounded(engine.in) ?? 0,
      out: rounded(engine.out) ?? 0,
      late: rounded(engine.late) ?? 0,
      rej: rounded(engine.rejected) ?? 0,
      lag: rounded(engine.behindMost?.ms ?? null),
      state: engine.stateBytes,
    },
    store: {
      rows: status.store.rowsStored,
      bytes: status.store.hotBytes + status.store.parquetBytes,
      files: status.store.parquetFiles,
      commitMs: status.store.lastCommitMs,
    },
    proc: { cpu: rounded(engine.cpu) ?? 0, rss: status.process.rssBytes, heap: status.process.heapBytes },
  };
}

/** How far (ms) a live source's newest event is behind the clock; null for a replay and for one that has ended. */
function sourceLag(name: string, catalog: Catalog, status: RuntimeStatus): number | null {
  const source = status.sources[name];
  if (source === undefined || source.maxEventTime === null || source.state !== 'active') return null;
  const live = catalog.queries.some((query) => query.reads.includes(name) && (status.queries[query.id]?.lagMs ?? null) !== null);
  return live ? Math.max(0, status.now - source.maxEventTime) : null;
}
