import { availableParallelism, hostname } from 'node:os';
import type { QueryDefinition } from '../plan/catalog.ts';
import type { Engine, RuntimeStatus } from '../run/runtime-status.ts';
import type { AttentionItem, OverviewSnapshot, OverviewTick, QuerySnapshot, QueryTick, Verdict } from './api-types.ts';
import { type AttentionFinding, attention } from './attention.ts';
import { FiringAlerts } from './firing-alerts.ts';
import { historyStepMs, Ring, rounded, VitalsRings } from './history.ts';
import { behindMs } from './lag.ts';
import { queryEntries, sinkEntries, sourceEntries, sourcesRead } from './overview.ts';
import { overviewTick, type Rows } from './overview-tick.ts';
import { querySnapshot, queryTick } from './query-page.ts';
import { engineRates, type QueryRates, queryRates, type Rates, type SourceRates, sourceRates } from './rates.ts';
import { RecentCounts } from './recent-counts.ts';
import { Samples } from './samples.ts';
import { verdict } from './verdict.ts';

/** Sparklines hold this many points (s). */
const sparklinePoints = 60;
/** Above this many queries a snapshot holds the sparklines of the rows that were asked for only. */
export const sparklineQueriesMax = 100;
const changesMax = 50;

type Watched = Pick<Engine, 'catalog' | 'status' | 'events' | 'options' | 'onRows'>;

/** Everything that is derived from one status. */
export interface Measured {
  readonly sources: readonly SourceRates[];
  readonly queries: readonly QueryRates[];
  readonly engine: Rates;
  readonly attention: readonly AttentionFinding[];
  readonly verdict: Verdict;
}

/** Turns the engine's counters, sampled about four times a second, into what people look at. Reading it twice costs nothing. */
export class StatusTracker {
  readonly #engine: Watched;
  readonly #version: string;
  readonly #samples = new Samples();
  readonly #recent = new RecentCounts();
  readonly #vitals = new VitalsRings();
  readonly #times = new Ring();
  readonly #ofQueries: ReadonlyMap<string, VitalsRings>;
  readonly #since = new Map<string, number>();
  readonly #alerts: FiringAlerts;
  readonly #sourceNames: readonly string[];
  #pointAt = Number.NEGATIVE_INFINITY;
  #measured: Measured | null = null;

  constructor(engine: Watched, version: string) {
    this.#engine = engine;
    this.#version = version;
    this.#ofQueries = new Map(engine.catalog.queries.map((query) => [query.id, new VitalsRings()]));
    this.#alerts = new FiringAlerts(engine);
    this.#sourceNames = sourcesRead(engine.catalog).map((source) => source.name);
    this.sample();
  }

  /** Call it about four times a second. */
  sample(): void {
    const status = this.#engine.status();
    this.#samples.add(status);
    this.#recent.add(status);
    this.#measured = null;
    if (status.now - this.#pointAt >= historyStepMs || status.now < this.#pointAt) this.#addPoint(status);
  }

  get status(): RuntimeStatus {
    return this.#samples.latest;
  }

  /** Changes when the set or order of queries does: with each start. */
  get gen(): number {
    return Math.floor(this.status.startedAt);
  }

  verdict(): Verdict {
    return this.#measure().verdict;
  }

  rates(): Rates {
    return this.#measure().engine;
  }

  /** Worst first. */
  attention(): AttentionItem[] {
    const { now } = this.status;
    return this.#measure().attention.map(({ weight: _, at, ...item }) => ({
      ...item,
      since: at ?? this.#since.get(findingKey(item)) ?? now,
    }));
  }

  /** `rows`: queries whose sparklines are wanted, by index; without it the first hundred. */
  overview(rows?: Rows): OverviewSnapshot {
    const { catalog, options } = this.#engine;
    const { status } = this;
    const items = this.attention();
    const [from, to] = rows ?? [0, sparklineQueriesMax];
    const shown = catalog.queries.slice(from, to);
    return {
      instance: hostname(),
      version: this.#version,
      started: status.startedAt,
      now: status.now,
      gen: this.gen,
      phase: status.phase,
      verdict: this.verdict(),
      sources: sourceEntries(catalog, status),
      queries: queryEntries(catalog, status, items),
      sinks: sinkEntries(catalog, options.dataDirectory),
      attention: items,
      changes: this.#engine
        .events()
        .slice(-changesMax)
        .reverse()
        .map(({ at, ...event }) => ({ t: at, ...event })),
      budget: { state: this.rates().stateBytesMax, cpuCores: availableParallelism() },
      history: {
        ...this.#history(this.#vitals),
        q: { rows: [from, from + shown.length], in: shown.map((query) => this.#ringsOf(query).values('in', sparklinePoints)) },
      },
      tick: this.tick(),
    };
  }

  /** `rows`: only these queries, by index. */
  tick(rows?: Rows): OverviewTick {
    const { catalog } = this.#engine;
    return overviewTick({ catalog, status: this.status, gen: this.gen, measured: this.#measure(), sourceNames: this.#sourceNames }, rows);
  }

  /** Null: there is no such query. */
  query(id: string): QuerySnapshot | null {
    const query = this.#find(id);
    if (query === undefined) return null;
    const { catalog } = this.#engine;
    const events = this.#engine.events();
    return querySnapshot(query, { catalog, samples: this.#samples, events, gen: this.gen, history: this.#history(this.#ringsOf(query)) });
  }

  queryTick(id: string): QueryTick | null {
    const query = this.#find(id);
    return query === undefined ? null : queryTick(query, this.#engine.catalog, this.#samples);
  }

  #find(id: string): QueryDefinition | undefined {
    return this.#engine.catalog.queries.find((query) => query.id === id);
  }

  #ringsOf(query: QueryDefinition): VitalsRings {
    return this.#ofQueries.get(query.id) as VitalsRings;
  }

  #history(rings: VitalsRings): { t: number[] } & ReturnType<VitalsRings['all']> {
    return { t: this.#times.values() as number[], ...rings.all() };
  }

  #measure(): Measured {
    if (this.#measured !== null) return this.#measured;
    const { catalog } = this.#engine;
    const { status } = this;
    const sources = this.#sourceNames.map((name) => sourceRates(this.#samples, name));
    const queries = catalog.queries.map((query) => queryRates(this.#samples, query, catalog));
    const rates = engineRates(this.#samples, catalog, sources, queries);
    const events = this.#engine.events();
    const found = attention({
      status,
      catalog,
      events,
      counts: (name) => this.#recent.of(name, status),
      alerts: this.#alerts.firing(status.now),
    });
    this.#remember(found, status.now);
    const said = verdict(status, catalog, { attention: found, rates, events });
    this.#measured = { sources, queries, engine: rates, attention: found, verdict: said };
    return this.#measured;
  }

  /** A finding that goes and comes back is a new one. */
  #remember(found: readonly AttentionFinding[], now: number): void {
    const keys = new Set(found.map(findingKey));
    for (const key of this.#since.keys()) if (!keys.has(key)) this.#since.delete(key);
    for (const key of keys) if (!this.#since.has(key)) this.#since.set(key, now);
  }

  #addPoint(status: RuntimeStatus): void {
    this.#pointAt = status.now;
    this.#times.push(status.now);
    const { engine, queries } = this.#measure();
    // The first sample has nothing before it to compare with.
    const known = queries.some((query) => query.in !== null);
    this.#vitals.push({
      in: known ? rounded(engine.in) : null,
      out: known ? rounded(engine.out) : null,
      lag: rounded(engine.behindMost?.ms ?? null),
      late: known ? rounded(engine.late + engine.rejected) : null,
      state: engine.stateBytes,
      cpu: known ? rounded(engine.cpu) : null,
    });
    for (const [index, query] of this.#engine.catalog.queries.entries()) {
      const rates = queries[index] as QueryRates;
      const now = status.queries[query.id];
      this.#ringsOf(query).push({
        in: rounded(rates.in),
        out: rounded(rates.out),
        lag: rounded(behindMs(now, rates.waitsFor)),
        late: rounded(rates.late),
        state: now?.stateBytes ?? null,
        cpu: rounded(rates.cpu),
      });
    }
  }
}

function findingKey({ kind, q, key }: Pick<AttentionItem, 'kind' | 'q' | 'key'>): string {
  return `${kind} ${q ?? ''} ${key ?? ''}`;
}
