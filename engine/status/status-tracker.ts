import type { Catalog, QueryDefinition } from '../plan/catalog.ts';
import type { EngineEvent, RuntimeStatus } from '../run/runtime-status.ts';
import { AttentionList } from './attention.ts';
import { History, type Vitals } from './history.ts';
import { shownLag } from './lag.ts';
import { overviewQuery } from './overview-query.ts';
import { queryTick, type QueryTickInput } from './query-tick.ts';
import { querySnapshot } from './query-snapshot.ts';
import { Rates } from './rates.ts';
import type { Change, Overview, QuerySnapshot, QueryTick, Tick, Verdict } from './shapes.ts';
import { verdict } from './verdict.ts';

/** Who is speaking. */
export interface Identity {
  readonly instance: string;
  readonly version: string;
  readonly cores: number;
}

/** Above this number of queries the snapshot has no sparklines; they grow in the browser. */
export const sparklineQueriesMax = 100;
const sparklineSeconds = 60;
const changesMax = 6;
const changeKinds: ReadonlySet<EngineEvent['kind']> = new Set([
  'start',
  'replay',
  'limit',
  'query_failed',
  'source_failed',
  'source_ended',
  'store',
  'stop',
]);

/** Turns raw counters into rates, history, verdict and what needs attention. Feed it about once a second; reading it costs little. */
export class StatusTracker {
  readonly #catalog: Catalog;
  readonly #identity: Identity;
  readonly #rates = new Rates();
  readonly #attention = new AttentionList();
  readonly #history = new History();
  readonly #queryHistory: ReadonlyMap<string, History>;
  #status: RuntimeStatus | null = null;
  #events: readonly EngineEvent[] = [];
  #verdict: Verdict;

  constructor(catalog: Catalog, identity: Identity) {
    this.#catalog = catalog;
    this.#identity = identity;
    this.#queryHistory = new Map(catalog.queries.map(({ id }) => [id, new History()]));
    this.#verdict = {
      level: 'info',
      text: 'The engine is starting.',
      detail: '',
      parts: [{ text: 'The engine is starting.', level: 'info' }],
    };
  }

  observe(status: RuntimeStatus, events: readonly EngineEvent[]): void {
    this.#status = status;
    this.#events = events;
    this.#rates.observe(status);
    this.#attention.observe(this.#catalog, status, this.#rates, events);
    const vitals = this.#vitals(status);
    this.#history.push(status.now, vitals);
    for (const query of this.#catalog.queries) this.#queryHistory.get(query.id)?.push(status.now, this.#queryVitals(query, status));
    this.#verdict = verdict(status, this.#catalog, { in: vitals.in, out: vitals.out });
  }

  get verdict(): Verdict {
    return this.#verdict;
  }

  /** The newest status that was observed. */
  get status(): RuntimeStatus {
    if (this.#status === null) throw new Error('nothing has been observed yet');
    return this.#status;
  }

  /** Of the whole engine, now: rates per second, lag in ms, bytes, cores. */
  vitals(): Vitals {
    return this.#vitals(this.status);
  }

  overview(): Overview {
    const { status } = this;
    const { queries, sources } = this.#catalog;
    const bounds = queries.map(({ id }) => status.queries[id]?.stateBytesMax ?? 0);
    const many = queries.length > sparklineQueriesMax;
    return {
      v: 1,
      instance: this.#identity.instance,
      version: this.#identity.version,
      started: status.startedAt,
      now: status.now,
      gen: status.startedAt,
      sources: [...sources.values()]
        .filter((source) => source.role === 'source')
        .map(({ name, connector, file, line, maxLatenessMs }) => ({ id: name, connector, file, line, maxLatenessMs })),
      queries: queries.map(overviewQuery),
      budget: {
        state: bounds.some((bound) => bound > 0) ? bounds.reduce((sum, bound) => sum + bound, 0) : null,
        cores: this.#identity.cores,
      },
      history: this.#history.all(),
      sparklines: many ? [] : queries.map(({ id }) => this.#queryHistory.get(id)?.values('in', sparklineSeconds) ?? []),
      tick: this.tick(),
    };
  }

  tick(): Tick {
    const { status } = this;
    const rates = this.#rates;
    const { queries } = this.#catalog;
    const sources = [...this.#catalog.sources.values()].filter((source) => source.role === 'source').map(({ name }) => name);
    const { store, process } = status;
    const stored = new Map(store.streams.map(({ name, rows }) => [name, rows]));
    return {
      t: status.now,
      gen: status.startedAt,
      phase: status.phase,
      verdict: this.#verdict,
      sources: {
        in: sources.map((name) => rounded(rates.source(name, 'rows'))),
        rejected: sources.map((name) => rounded(rates.source(name, 'rejected'))),
        late: sources.map((name) => rounded(rates.source(name, 'late'))),
        lag: sources.map((name) => this.#sourceLag(name)),
        state: sources.map((name) => status.sources[name]?.state ?? 'starting'),
      },
      queries: {
        in: queries.map(({ id }) => rounded(rates.query(id, 'rowsIn'))),
        out: queries.map(({ id }) => rounded(rates.query(id, 'rowsOut'))),
        lag: queries.map(({ id }) => shownLag(status.queries[id])),
        late: queries.map((query) => rounded(this.#late(query))),
        state: queries.map(({ id }) => status.queries[id]?.stateBytes ?? null),
        bound: queries.map(({ id }) => status.queries[id]?.stateBytesMax || null),
        cpu: queries.map(({ id }) => rounded(rates.query(id, 'cpuSeconds'), 4)),
        status: queries.map(({ id }) => status.queries[id]?.state ?? 'starting'),
        stored: queries.map(({ name, kind }) => (kind === 'view' ? (stored.get(name) ?? null) : null)),
      },
      process: { cpu: rounded(rates.process(), 3), rss: process.rssBytes, heap: process.heapBytes },
      store: {
        bytes: store.hotBytes + store.parquetBytes,
        files: store.parquetFiles,
        rows: store.rowsStored,
        commitMs: store.lastCommitMs,
      },
      attention: this.#attention.items,
      changes: this.#changes(),
    };
  }

  query(id: string): QuerySnapshot | null {
    const input = this.#queryInput(id);
    const history = this.#queryHistory.get(id)?.all();
    return input === null || history === undefined ? null : querySnapshot(input, history);
  }

  queryTick(id: string): QueryTick | null {
    const input = this.#queryInput(id);
    return input === null ? null : queryTick(input);
  }

  #queryInput(id: string): QueryTickInput | null {
    const definition = this.#catalog.queries.find((query) => query.id === id);
    if (definition === undefined) return null;
    return {
      catalog: this.#catalog,
      definition,
      status: this.status,
      rates: this.#rates,
      events: this.#events,
      late: this.#late(definition),
    };
  }

  #vitals(status: RuntimeStatus): Vitals {
    const names = Object.keys(status.sources);
    const { queries } = this.#catalog;
    const lags = queries.flatMap(({ id }) => shownLag(status.queries[id]) ?? []);
    const lost = names.flatMap((name) => [this.#rates.source(name, 'late'), this.#rates.source(name, 'rejected')]);
    return {
      in: sum(names.map((name) => this.#rates.source(name, 'rows'))),
      out: sum(queries.map(({ id }) => this.#rates.query(id, 'rowsOut'))),
      lag: lags.length === 0 ? null : Math.max(...lags),
      late: sum(lost),
      state: sum(queries.map(({ id }) => status.queries[id]?.stateBytes ?? null)),
      cpu: this.#rates.process(),
    };
  }

  #queryVitals(query: QueryDefinition, status: RuntimeStatus): Vitals {
    const current = status.queries[query.id];
    return {
      in: this.#rates.query(query.id, 'rowsIn'),
      out: this.#rates.query(query.id, 'rowsOut'),
      lag: shownLag(current),
      late: this.#late(query),
      state: current?.stateBytes ?? null,
      cpu: this.#rates.query(query.id, 'cpuSeconds'),
    };
  }

  /** Late and rejected rows a second of the sources that a query reads itself. */
  #late(query: QueryDefinition): number | null {
    const own = query.reads.filter((name) => this.#catalog.sources.has(name));
    if (own.length === 0) return 0;
    return sum(own.flatMap((name) => [this.#rates.source(name, 'late'), this.#rates.source(name, 'rejected')]));
  }

  #sourceLag(name: string): number | null {
    const source = this.status.sources[name];
    if (source?.watermark == null || source.state !== 'active') return null;
    const lag = this.status.now - source.watermark;
    return Math.abs(lag) < 3_600_000 ? Math.max(0, lag) : null;
  }

  #changes(): Change[] {
    return this.#events
      .filter((event) => changeKinds.has(event.kind))
      .slice(-changesMax)
      .reverse();
  }
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

/** Ticks need not carry sixteen digits. */
function rounded(value: number | null, digits = 2): number | null {
  return value === null ? null : Number(value.toFixed(digits));
}
