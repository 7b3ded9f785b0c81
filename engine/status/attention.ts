import { quoteName } from '../plan/type-name.ts';
import type { Catalog } from '../plan/catalog.ts';
import type { EngineEvent, RuntimeStatus, SourceStatus } from '../run/runtime-status.ts';
import { durationText, numberText, percentText } from './format-number.ts';
import { shownLag } from './lag.ts';
import type { Rates } from './rates.ts';
import type { Attention, Level } from './shapes.ts';

/** More than this nobody reads at once; the worst are kept. */
export const attentionMax = 12;
const stateRatioWarning = 0.8;
const stateRatioCritical = 0.95;
const lateRatioNotable = 0.01;
/** A store error is news for this long. */
const storeErrorMs = 600_000;

type Found = Omit<Attention, 'since'>;

/** What needs a look, worst first. `since` is when it was first seen to be so. */
export class AttentionList {
  readonly #since = new Map<string, number>();
  #items: readonly Attention[] = [];

  get items(): readonly Attention[] {
    return this.#items;
  }

  observe(catalog: Catalog, status: RuntimeStatus, rates: Rates, events: readonly EngineEvent[]): void {
    const found = [...ofQueries(catalog, status), ...ofSources(catalog, status, rates, events), ...ofStore(status, events)];
    const rank = { critical: 0, warning: 1, info: 2 } as const satisfies Record<Exclude<Level, 'ok'>, number>;
    const keys = new Set(found.map(keyOf));
    for (const key of this.#since.keys()) if (!keys.has(key)) this.#since.delete(key);
    for (const key of keys) if (!this.#since.has(key)) this.#since.set(key, status.now);
    this.#items = found
      .map((item) => ({ ...item, since: this.#since.get(keyOf(item)) as number }))
      .sort((a, b) => rank[a.level] - rank[b.level] || a.since - b.since)
      .slice(0, attentionMax);
  }
}

function keyOf({ kind, subject }: Found): string {
  return `${kind} ${subject}`;
}

function ofQueries(catalog: Catalog, status: RuntimeStatus): Found[] {
  return catalog.queries.flatMap(({ id }): Found[] => {
    const query = status.queries[id];
    if (query === undefined) return [];
    const item = { subject: id, query: id, sql: null } as const;
    if (query.state === 'failed') return [{ ...item, level: 'critical', kind: 'failed', text: sentence(query.error ?? 'It has failed') }];
    const found: Found[] = [];
    if (query.state === 'behind') {
      const lag = shownLag(query) ?? query.ownLagMs;
      found.push({ ...item, level: 'warning', kind: 'behind', text: `Results are ${durationText(lag)} behind.` });
    }
    const ratio = query.stateBytesMax > 0 ? query.stateBytes / query.stateBytesMax : 0;
    if (ratio >= stateRatioWarning) {
      const level = ratio >= stateRatioCritical ? 'critical' : 'warning';
      found.push({ ...item, level, kind: 'state', text: `State is at ${percentText(ratio)} of its bound.` });
    }
    return found;
  });
}

function ofSources(catalog: Catalog, status: RuntimeStatus, rates: Rates, events: readonly EngineEvent[]): Found[] {
  return Object.entries(status.sources).flatMap(([name, source]) => {
    const item = { subject: name, query: null } as const;
    if (source.state === 'failed') {
      return [{ ...item, level: 'critical', kind: 'failed', text: sentence(source.error ?? 'The source has failed'), sql: null } as const];
    }
    return [...rejectedOf(name, source, rates, events), ...lateOf(catalog, name, source, rates), ...silenceOf(name, source, status.now)];
  });
}

function rejectedOf(name: string, source: SourceStatus, rates: Rates, events: readonly EngineEvent[]): Found[] {
  if (source.rejected === 0) return [];
  const rate = rates.source(name, 'rejected') ?? 0;
  const newest = events.findLast((event) => event.kind === 'rejected' && event.subject === name);
  const many = `${numberText(source.rejected)} ${source.rejected === 1 ? 'row is' : 'rows are'} rejected`;
  const text = `${many}${rate > 0 ? `, ${numberText(rate * 60)} a minute at the moment` : ''}.${newest === undefined ? '' : ` ${sentence(newest.text)}`}`;
  const sql = `SELECT * FROM ${quoteName(`${name}__rejected`)} ORDER BY time DESC LIMIT 100`;
  return [{ subject: name, query: null, level: rate > 0 ? 'warning' : 'info', kind: 'rejected', text, sql }];
}

function lateOf(catalog: Catalog, name: string, source: SourceStatus, rates: Rates): Found[] {
  const definition = catalog.sources.get(name);
  const late = rates.source(name, 'late') ?? 0;
  const rows = rates.source(name, 'rows') ?? 0;
  if (definition === undefined || late === 0 || late < lateRatioNotable * rows) return [];
  const kept = definition.late === 'divert' ? `They are kept in ${name}__late.` : 'They are dropped.';
  const share = rows === 0 ? numberText(source.late) : percentText(Math.min(1, late / rows));
  const text = `${share} of the rows come more than ${durationText(definition.maxLatenessMs)} late. ${kept}`;
  const sql = definition.late === 'divert' ? `SELECT * FROM ${quoteName(`${name}__late`)} LIMIT 100` : null;
  return [{ subject: name, query: null, level: 'info', kind: 'late', text, sql }];
}

function silenceOf(name: string, source: SourceStatus, now: number): Found[] {
  if (source.state !== 'idle') return [];
  const text =
    source.maxEventTime === null || source.maxEventTime > now
      ? 'The source has sent nothing yet.'
      : `The source is silent: its newest row is ${durationText(now - source.maxEventTime)} old.`;
  return [{ subject: name, query: null, level: 'info', kind: 'idle', text, sql: null }];
}

function ofStore(status: RuntimeStatus, events: readonly EngineEvent[]): Found[] {
  const error = events.findLast((event) => event.kind === 'store' && event.level !== 'info' && event.at > status.now - storeErrorMs);
  if (error === undefined) return [];
  return [
    {
      subject: 'store',
      query: null,
      level: error.level === 'error' ? 'critical' : 'warning',
      kind: 'store',
      text: sentence(error.text),
      sql: null,
    },
  ];
}

function sentence(text: string): string {
  const first = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
