import type { Engine, EngineEvent, LiveRows, QueryStatus, RuntimeStatus, SourceStatus } from '../../engine/run/runtime-status.ts';
import { type FakeCatalog, fakeCatalog, type Load, sourceRates } from './fake-catalog.ts';

export interface FakeOptions {
  readonly queries?: number;
  /** The engine's clock (ms since 1970). */
  readonly now?: () => number;
  /** Ran so long (ms) before the first look. */
  readonly upMs?: number;
}

export interface FakeEngine extends Engine {
  /** Changes what status() says from now on. */
  change(edit: (status: RuntimeStatus) => RuntimeStatus): void;
  tell(event: Omit<EngineEvent, 'at'>): void;
  emit(rows: LiveRows): void;
  /** Who listens to rows. */
  readonly rowListeners: number;
}

export const services = ['checkout', 'cart', 'search', 'catalog', 'login', 'payments', 'profile', 'media', 'shipping', 'email'];

/** An engine that only counts: every number grows as a real one's would, and is the same for the same clock. */
export function fakeEngine({ queries = 10, now = Date.now, upMs = 15 * 60_000 }: FakeOptions = {}): FakeEngine {
  const fake = fakeCatalog(queries);
  const startedAt = now() - upMs;
  const events: EngineEvent[] = [
    { at: startedAt, level: 'info', kind: 'start', subject: null, text: `started ${queries} queries over 4 sources` },
    { at: now() - 74_000, level: 'warning', kind: 'rejected', subject: 'audit_log', text: '3 rows rejected: field "user_id" is missing' },
  ];
  const listeners = new Set<(event: EngineEvent) => void>();
  const watchers = new Map<string, Set<(rows: LiveRows) => void>>();
  let edit = (status: RuntimeStatus) => status;
  let stopped = false;
  const status = () => edit({ ...simulate(fake, startedAt, now()), ...(stopped ? { phase: 'stopped' as const } : {}) });
  return {
    catalog: fake.catalog,
    options: { dataDirectory: 'millrace-data', lanes: 2, speed: 1, untilEnd: false },
    status,
    events: () => events,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onRows(query, listener) {
      const watching = watchers.get(query) ?? new Set();
      watchers.set(query, watching.add(listener));
      return () => watching.delete(listener);
    },
    ended: new Promise(() => undefined),
    async stop() {
      stopped = true;
      return status();
    },
    change(next) {
      edit = next;
    },
    tell(event) {
      const told = { at: now(), ...event };
      events.push(told);
      for (const listener of listeners) listener(told);
    },
    emit(rows) {
      for (const listener of watchers.get(rows.query) ?? []) listener(rows);
    },
    get rowListeners() {
      return [...watchers.values()].reduce((sum, each) => sum + each.size, 0);
    },
  };
}

/** Rows so far at about `rate` a second, with a slow wave on it. */
function total(rate: number, seconds: number): number {
  return Math.round(rate * (seconds + 4 * Math.sin(seconds / 20)));
}

function simulate({ catalog, loads }: FakeCatalog, startedAt: number, now: number): RuntimeStatus {
  const seconds = (now - startedAt) / 1000;
  const sources = Object.fromEntries(Object.entries(sourceRates).map(([name, rate]) => [name, simulateSource(name, rate, seconds, now)]));
  const queries = catalog.queries.map(
    (query, index) => [query.id, simulateQuery(loads.get(query.id) as Load, seconds, now, index % 2)] as const,
  );
  const streams = catalog.queries.map((query) => ({
    name: query.name,
    rows: total(loads.get(query.id)?.out ?? 0, seconds),
    hotRows: 1_000,
    parquetFiles: 1,
  }));
  return {
    startedAt,
    now,
    phase: 'running',
    lanes: 2,
    sources,
    queries: Object.fromEntries(queries),
    store: {
      commits: Math.floor(seconds),
      rowsStored: 784_000,
      hotBytes: 31 << 20,
      parquetBytes: 12 << 20,
      parquetFiles: 4,
      lastCommitMs: 18,
      streams,
    },
    process: { cpuSeconds: seconds * 0.74, rssBytes: 412e6, rssBytesMax: 431e6, heapBytes: 181e6 },
  };
}

function simulateSource(name: string, rate: number, seconds: number, now: number): SourceStatus {
  return {
    rows: total(rate, seconds),
    late: name === 'http_logs' ? total(1.3, seconds) : 0,
    rejected: name === 'audit_log' ? total(0.05, seconds) : 0,
    watermark: now - 1_020,
    maxEventTime: now - 520,
    state: 'active',
    error: null,
    partitions: 4,
    paced: false,
  };
}

function simulateQuery(load: Load, seconds: number, now: number, lane: number): QueryStatus {
  const rowsIn = total(load.in, seconds);
  const rowsOut = total(load.out, seconds);
  const kept = total(load.in * 0.9, seconds);
  const operator = (node: number, input: number, output: number, stateBytes = 0, stateRows = 0) => ({
    node,
    rowsIn: input,
    rowsOut: output,
    stateBytes,
    stateRows,
  });
  return {
    rowsIn,
    rowsOut,
    filtered: rowsIn - kept,
    late: 0,
    watermark: now - load.lagMs,
    ownLagMs: load.lagMs > 5_000 ? load.lagMs - 600 : 0,
    lagMs: load.lagMs,
    stateBytes: load.stateBytes,
    stateBytesMax: load.boundBytes,
    exchangedRows: 0,
    exchangedBytes: 0,
    cpuSeconds: (load.cpu / 100) * seconds,
    operators: [
      operator(0, rowsIn, rowsIn),
      operator(1, rowsIn, kept),
      operator(2, kept, kept),
      operator(3, kept, rowsOut, load.stateBytes, 46),
      operator(4, rowsOut, rowsOut),
    ],
    state: load.lagMs > 5_000 ? 'behind' : 'ok',
    error: null,
    lane,
  };
}
