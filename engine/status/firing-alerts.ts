import type { QueryDefinition } from '../plan/catalog.ts';
import type { Engine, LiveRows } from '../run/runtime-status.ts';
import type { Severity } from './api-types.ts';

/** Instances of one alert that are kept apart; the rest is counted. */
const instancesMax = 1_000;
const criticalWords: ReadonlySet<string> = new Set(['critical', 'page', 'fatal', 'emergency']);
const infoWords: ReadonlySet<string> = new Set(['info', 'notice', 'debug']);

interface Instance {
  readonly firstAt: number;
  lastAt: number;
  text: string;
}

export interface FiringAlert {
  readonly query: string;
  readonly key: string;
  readonly severity: Severity;
  readonly text: string;
  readonly since: number;
}

/**
 * Rows of views with `kind = alert` are the firing instances: one fires once its row has come for `for` without a gap, and resolves when
 * none has come for `resolve_after`. Counted by the engine's clock, as the rows come in.
 */
export class FiringAlerts {
  readonly #alerts: ReadonlyMap<string, { readonly query: QueryDefinition; readonly instances: Map<string, Instance> }>;

  constructor(engine: Pick<Engine, 'catalog' | 'onRows' | 'status'>) {
    const queries = engine.catalog.queries.filter((query) => query.options.kind === 'alert');
    this.#alerts = new Map(queries.map((query) => [query.id, { query, instances: new Map() }]));
    for (const query of queries) engine.onRows(query.id, (rows) => this.add(rows, engine.status().now));
  }

  add(live: LiveRows, now: number): void {
    const alert = this.#alerts.get(live.query);
    if (alert === undefined) return;
    const { query, instances } = alert;
    const names = live.columns.map((column) => column.name);
    const valueIn = (row: readonly unknown[]) => (name: string) =>
      shown(row[names.findIndex((each) => each.toLowerCase() === name.toLowerCase())]);
    const keyOf = (value: (name: string) => string) =>
      keysOf(query)
        .map((name) => `${name}=${value(name)}`)
        .join(', ');
    // What is taken back no longer fires, unless a row of its key takes its place.
    for (const row of live.removed ?? [])
      if (!live.rows.some((each) => keyOf(valueIn(each)) === keyOf(valueIn(row)))) instances.delete(keyOf(valueIn(row)));
    for (const row of live.rows) {
      const value = valueIn(row);
      const key = keyOf(value);
      const known = instances.get(key);
      const text = summaryOf(query, names, value);
      if (known !== undefined && now - known.lastAt <= resolveAfterMs(query)) {
        known.lastAt = now;
        known.text = text;
      } else if (known !== undefined || instances.size < instancesMax) instances.set(key, { firstAt: now, lastAt: now, text });
    }
  }

  /** Newest first within a query. */
  firing(now: number): FiringAlert[] {
    const found: FiringAlert[] = [];
    for (const { query, instances } of this.#alerts.values()) {
      for (const [key, { firstAt, lastAt, text }] of instances) {
        if (now - lastAt > resolveAfterMs(query)) instances.delete(key);
        else if (lastAt - firstAt >= Number(query.options.alert.for ?? 0)) {
          found.push({ query: query.id, key, severity: severityOf(query), text, since: firstAt });
        }
      }
    }
    return found.sort((a, b) => b.since - a.since);
  }
}

function keysOf(query: QueryDefinition): string[] {
  const keys = query.options.alert.keys;
  return typeof keys === 'string' ? keys.split(',').map((name) => name.trim()) : [];
}

function resolveAfterMs(query: QueryDefinition): number {
  return Number(query.options.alert.resolve_after ?? 300_000);
}

function severityOf(query: QueryDefinition): Severity {
  const word = String(query.options.alert.severity ?? 'warning').toLowerCase();
  return criticalWords.has(word) ? 'critical' : infoWords.has(word) ? 'info' : 'warning';
}

function summaryOf(query: QueryDefinition, names: readonly string[], value: (name: string) => string): string {
  const { summary } = query.options.alert;
  if (typeof summary === 'string') return summary.replace(/\{\{\s*([^}\s]+)\s*\}\}/g, (_, name: string) => value(name));
  return names.map((name) => `${name} ${value(name)}`).join(', ');
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(3)));
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
