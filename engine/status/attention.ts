import type { Catalog } from '../plan/catalog.ts';
import { quoteName } from '../plan/type-name.ts';
import type { EngineEvent, RuntimeStatus } from '../run/runtime-status.ts';
import type { AttentionItem, Severity } from './api-types.ts';
import type { FiringAlert } from './firing-alerts.ts';
import { formatBytes } from './format-bytes.ts';
import { formatDuration } from './format-duration.ts';
import { countOf, formatPercent } from './format-number.ts';
import { behindMs, lagParts } from './lag.ts';
import { recentMs, type SourceCounts } from './recent-counts.ts';

/** State is worth a warning from this share of its bound. */
export const stateShareWarned = 0.85;
/** More late rows than this share of what came are a warning, fewer a remark. */
const lateShareWarned = 0.01;
/** A warning or error of the engine itself stays in the list for so long (ms). */
const eventShownMs = 300_000;
const eventsShown: ReadonlySet<EngineEvent['kind']> = new Set(['limit', 'store', 'stop', 'replay']);
/** A transaction of the store that takes longer (ms) holds results up. */
const commitMsWarned = 2_000;
const itemsMax = 50;

export interface AttentionInput {
  readonly status: RuntimeStatus;
  readonly catalog: Catalog;
  readonly counts: (source: string) => SourceCounts;
  readonly events: readonly EngineEvent[];
  readonly alerts?: readonly FiringAlert[];
}

export type AttentionFinding = Omit<AttentionItem, 'since'> & {
  /** How bad among those of its severity. */
  readonly weight: number;
  /** When it is known. */
  readonly at: number | null;
};

/** What a person should look at, worst first. */
export function attention(input: AttentionInput): AttentionFinding[] {
  const queries = new Set(input.catalog.queries.map((query) => query.id));
  const found = [...alertFindings(input), ...queryFindings(input), ...sourceFindings(input), ...engineFindings(input)];
  return found
    .map((each) => (each.q !== null && queries.has(each.q) ? { ...each, href: queryPath(each.q) } : each))
    .sort((a, b) => rank(a.sev) - rank(b.sev) || b.weight - a.weight)
    .slice(0, itemsMax);
}

export function rank(severity: Severity | null): number {
  return severity === 'critical' ? 0 : severity === 'warning' ? 1 : severity === 'info' ? 2 : 3;
}

export function queryPath(id: string): string {
  return `/queries/${id.split('/').map(encodeURIComponent).join('/')}`;
}

type Details = { readonly weight?: number; readonly at?: number; readonly sql?: string | null };

function finding(sev: Severity, kind: AttentionItem['kind'], q: string | null, text: string, details: Details = {}): AttentionFinding {
  return { sev, kind, q, text, href: '/', sql: details.sql ?? null, weight: details.weight ?? 0, at: details.at ?? null };
}

function queryFindings({ status, catalog }: AttentionInput): AttentionFinding[] {
  return catalog.queries.flatMap(({ id, file, line, options }) => {
    const query = status.queries[id];
    if (query === undefined) return [];
    const unlearnt = unlearntFindings(id, query.unlearntRows ?? 0, options.seriesMax);
    if (query.state === 'failed') {
      return [finding('critical', 'failed', id, `Stopped: ${query.error ?? 'no reason given'} (${file}:${line})`, { weight: 1 })];
    }
    const share = query.stateBytesMax > 0 ? query.stateBytes / query.stateBytesMax : 0;
    if (query.state === 'behind') {
      const state = share >= stateShareWarned ? ` State is at ${formatPercent(share)} of its bound.` : '';
      const text = `Results are ${lagParts(id, status, catalog).text}.${state}`;
      return [finding('warning', 'lag', id, text, { weight: behindMs(query) ?? 0 })];
    }
    if (share < stateShareWarned) return unlearnt;
    const text = `State takes ${formatBytes(query.stateBytes)}, ${formatPercent(share)} of its bound of ${formatBytes(query.stateBytesMax)}.`;
    return [finding('warning', 'state', id, text, { weight: share }), ...unlearnt];
  });
}

function unlearntFindings(id: string, rows: number, seriesMax: number): AttentionFinding[] {
  if (rows === 0) return [];
  const text = `Nothing is learnt of further series: ${countOf(seriesMax, 'series', 'series')} a lane are as many as max_series allows; ${countOf(rows, 'row')} gave NULL.`;
  return [finding('warning', 'state', id, text)];
}

/** Newest first: what began last is what somebody is looking for. */
function alertFindings({ alerts = [] }: AttentionInput): AttentionFinding[] {
  return alerts.map(({ query, key, severity, text, since }) => ({
    ...finding(severity, 'alert', query, text, { weight: since, at: since }),
    key,
  }));
}

function sourceFindings({ status, catalog, counts }: AttentionInput): AttentionFinding[] {
  return Object.entries(status.sources).flatMap(([name, source]) => {
    const readers = catalog.queries.filter((query) => query.reads.includes(name)).length;
    const found = [...rejecting(name, source), ...lostRows(name, catalog, counts(name), source.rejectingSince !== undefined)];
    if (source.state === 'failed') {
      const reads = countOf(readers, 'query reads it', 'queries read it');
      const text = `Source ${name} has failed: ${source.error ?? 'no reason given'}. ${reads}.`;
      found.push(finding('critical', 'failed', name, text, { weight: 2 }));
    }
    if (source.state === 'waiting' && source.waiting !== undefined) {
      const { since, reason } = source.waiting;
      const reads = countOf(readers, 'query waits', 'queries wait');
      const text = `Source ${name} waits: ${reason}. ${reads} with it.`;
      found.push(finding('critical', 'waiting', name, text, { weight: 1, at: since }));
    }
    if (source.state === 'idle') {
      const readersText = countOf(readers, 'query does', 'queries do');
      found.push(
        finding('info', 'idle', name, `No input from ${name}${silence(source.maxEventTime, status.now)}; ${readersText} not wait for it.`),
      );
    }
    return found;
  });
}

function silence(maxEventTime: number | null, now: number): string {
  return maxEventTime === null || maxEventTime > now ? '' : `, newest row ${formatDuration(now - maxEventTime)} old`;
}

function rejecting(name: string, { rejectingSince, rejectedShare }: RuntimeStatus['sources'][string]): AttentionFinding[] {
  if (rejectingSince === undefined) return [];
  const share = rejectedShare ?? 0;
  const text = `Source ${name} rejects ${formatPercent(share)} of its rows, more than its limit; ${name}__rejected says why.`;
  return [finding('critical', 'rejecting', name, text, { weight: share, at: rejectingSince, sql: rejectedSql(name) })];
}

function rejectedSql(name: string): string {
  return `SELECT * FROM ${quoteName(`${name}__rejected`)} ORDER BY time DESC LIMIT 100`;
}

function lostRows(name: string, catalog: Catalog, { rows, late, rejected }: SourceCounts, told: boolean): AttentionFinding[] {
  const found: AttentionFinding[] = [];
  const within = `in the last ${formatDuration(recentMs)}`;
  if (rejected > 0 && !told) {
    const text = `${countOf(rejected, 'row')} of ${name} rejected ${within}; ${name}__rejected says why.`;
    found.push(finding('warning', 'rejected', name, text, { weight: rejected, sql: rejectedSql(name) }));
  }
  if (late > 0) {
    const share = Math.min(1, rows === 0 ? 1 : late / rows);
    const kept = catalog.sources.get(name)?.late !== 'drop';
    const text = `${countOf(late, 'row')} of ${name} came too late ${within} (${formatPercent(share)}); ${kept ? `kept in ${name}__late` : 'dropped, as the source asks'}.`;
    const sql = kept ? `SELECT * FROM ${quoteName(`${name}__late`)} LIMIT 100` : null;
    found.push(finding(share > lateShareWarned ? 'warning' : 'info', 'late', name, text, { weight: share, sql }));
  }
  return found;
}

function engineFindings({ status, events }: AttentionInput): AttentionFinding[] {
  const found: AttentionFinding[] = [];
  if (status.phase === 'replaying') {
    found.push(finding('info', 'replay', null, 'Catching up after a restart; new results come as soon as it is done.'));
  }
  const { lastCommitMs } = status.store;
  if (lastCommitMs > commitMsWarned) {
    const text = `The last commit took ${formatDuration(lastCommitMs)}: the disk holds results up.`;
    found.push(finding('warning', 'store', null, text, { weight: lastCommitMs }));
  }
  const told = events.filter((event) => event.level !== 'info' && status.now - event.at < eventShownMs && eventsShown.has(event.kind));
  const newest = new Map(told.map((event) => [`${event.kind} ${event.subject}`, event]));
  for (const { level, subject, text, at } of newest.values()) {
    found.push(finding(level === 'error' ? 'critical' : 'warning', 'event', subject, text, { at }));
  }
  return found;
}
