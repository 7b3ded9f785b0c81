import type { Catalog } from '../plan/catalog.ts';
import type { GroupStatus } from '../run/group/group-settings.ts';
import type { EngineEvent, RuntimeStatus } from '../run/runtime-status.ts';
import type { Level, QueryState, Severity, Verdict } from './api-types.ts';
import { formatClock, formatDuration } from './format-duration.ts';
import { countOf, formatNumber } from './format-number.ts';
import type { Rates } from './rates.ts';

export interface VerdictInput {
  readonly attention: readonly { readonly sev: Severity; readonly kind: string }[];
  readonly rates: Rates | null;
  readonly events: readonly EngineEvent[];
}

type Part = Verdict['parts'][number];
type StateCounts = Readonly<Record<QueryState, number>>;

const nothing: VerdictInput = { attention: [], rates: null, events: [] };
const namesShownMax = 3;
const saidApart: ReadonlySet<string> = new Set(['lag', 'failed', 'alert', 'waiting', 'rejecting']);

/** Is everything keeping up, in one sentence? The same for console, terminal and API. */
export function verdict(status: RuntimeStatus, catalog: Catalog, input: VerdictInput = nothing): Verdict {
  const special = phaseVerdict(status, catalog, input) ?? emptyVerdict(status, catalog);
  if (special !== null) return { ...special, parts: [{ text: special.text, level: special.level }] };
  const counts = countStates(status, catalog);
  const parts = [
    ...queryParts(counts, catalog.queries.length),
    ...sourceParts(status),
    ...groupParts(status),
    ...otherParts(input, counts.behind + counts.failed),
  ];
  const worst = parts.map((part) => part.level);
  const level = worst.includes('critical') ? 'critical' : worst.includes('warning') ? 'warning' : 'ok';
  return { level, text: parts.map((part) => part.text).join(''), detail: detailText(input.rates), parts };
}

function phaseVerdict(status: RuntimeStatus, catalog: Catalog, { events }: VerdictInput): Omit<Verdict, 'parts'> | null {
  const queries = countOf(catalog.queries.length, 'query', 'queries');
  switch (status.phase) {
    case 'starting':
      return { level: 'ok', text: `Starting ${queries}.`, detail: '' };
    case 'replaying': {
      const text = `Catching up after a restart: ${queries} read again what open windows need.`;
      return { level: 'ok', text, detail: 'New results come as soon as it is done.' };
    }
    case 'stopping':
      return { level: 'ok', text: 'Stopping: what was read is being committed.', detail: '' };
    case 'stopped':
      return { level: 'ok', text: 'Stopped. Everything that was read is committed.', detail: '' };
    case 'failed': {
      const why = events.findLast((event) => event.level === 'error')?.text;
      const text = `The engine has failed${why === undefined ? '.' : `: ${why}`}`;
      return { level: 'critical', text, detail: 'What was committed stays. Start it again once the cause is gone.' };
    }
    case 'running':
      return null;
  }
}

function emptyVerdict(status: RuntimeStatus, catalog: Catalog): Omit<Verdict, 'parts'> | null {
  if (catalog.queries.length === 0)
    return { level: 'warning', text: 'No queries.', detail: 'Put one in a .sql file of the folder that is run, and start again.' };
  if (status.group?.lanes.length === 0) return standbyVerdict(status.group);
  const sources = Object.entries(status.sources);
  const quiet = sources.every(([, { rows, state }]) => rows === 0 && state !== 'failed' && state !== 'waiting' && state !== 'ended');
  const failed = Object.values(status.queries).some((query) => query.state === 'failed');
  if (sources.length === 0 || !quiet || failed) return null;
  const names = listed(sources.map(([name]) => name));
  return { level: 'ok', text: `No events yet. Waiting for ${names} since ${formatClock(status.startedAt)} UTC.`, detail: '' };
}

function listed(names: readonly string[]): string {
  if (names.length > namesShownMax) return `${names.slice(0, namesShownMax).join(', ')} and ${names.length - namesShownMax} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function countStates(status: RuntimeStatus, catalog: Catalog): StateCounts {
  const counts: Record<QueryState, number> = { starting: 0, replaying: 0, ok: 0, behind: 0, idle: 0, failed: 0, ended: 0 };
  for (const query of catalog.queries) counts[status.queries[query.id]?.state ?? 'starting'] += 1;
  return counts;
}

function queryParts(counts: StateCounts, total: number): Part[] {
  if (counts.starting === total) return [{ text: `${countOf(total, 'query is', 'queries are')} starting.`, level: 'ok' }];
  const rest = [
    counted(counts.behind, 'is behind', 'are behind', 'warning'),
    counted(counts.failed, 'has failed', 'have failed', 'critical'),
    counted(counts.starting, 'is starting', 'are starting', 'ok'),
    counted(counts.replaying, 'is catching up', 'are catching up', 'ok'),
    counted(counts.idle, 'has no input at the moment', 'have no input at the moment', 'ok'),
  ].flat();
  const parts = [{ text: leadText(counts, total), level: 'ok' as Level }, ...rest];
  return parts.map(({ text, level }, index) => ({ text: `${text}${index === parts.length - 1 ? '.' : ', '}`, level }));
}

function leadText(counts: StateCounts, total: number): string {
  if (counts.ended === total)
    return total === 1 ? 'The query has read its input to the end' : `All ${formatNumber(total)} queries have read their input to the end`;
  const fine = counts.ok + counts.idle + counts.ended;
  if (fine < total) return `${formatNumber(fine)} of ${countOf(total, 'query', 'queries')} ${fine === 1 ? 'keeps' : 'keep'} up`;
  return total === 1 ? 'The query keeps up' : total === 2 ? 'Both queries keep up' : `All ${formatNumber(total)} queries keep up`;
}

function counted(count: number, one: string, many: string, level: Level): Part[] {
  return count === 0 ? [] : [{ text: `${formatNumber(count)} ${count === 1 ? one : many}`, level }];
}

function sourceParts(status: RuntimeStatus): Part[] {
  const sources = Object.entries(status.sources);
  const those = (is: (source: RuntimeStatus['sources'][string]) => boolean) =>
    sources.flatMap(([name, source]) => (is(source) ? [name] : []));
  return [
    said(
      those(({ state }) => state === 'failed'),
      'has failed',
      'have failed',
    ),
    said(
      those(({ state }) => state === 'waiting'),
      'waits for its input to be reachable',
      'wait for their input to be reachable',
    ),
    said(
      those(({ rejectingSince }) => rejectingSince !== undefined),
      'rejects too many of its rows',
      'reject too many of their rows',
    ),
  ].flat();
}

function said(names: readonly string[], one: string, many: string): Part[] {
  if (names.length === 0) return [];
  return [{ text: names.length === 1 ? ` Source ${names[0]} ${one}.` : ` Sources ${listed(names)} ${many}.`, level: 'critical' }];
}

function standbyVerdict({ name, lanesTotal, acknowledgedAt }: GroupStatus): Omit<Verdict, 'parts'> {
  if (acknowledgedAt === null) return { level: 'ok', text: `Joining group ${name}.`, detail: '' };
  const text = `Standing by: all ${lanesTotal} lanes of group ${name} run in other processes.`;
  return { level: 'ok', text, detail: 'Their results are loaded here all the same.' };
}

function groupParts({ group }: RuntimeStatus): Part[] {
  if (group === undefined) return [];
  return [
    { text: ` ${group.lanes.length} of ${countOf(group.lanesTotal, 'lane', 'lanes')} of group ${group.name} run here.`, level: 'ok' },
  ];
}

/** What the counts of queries and sources do not say already. */
function otherParts({ attention }: VerdictInput, said: number): Part[] {
  const parts: Part[] = [];
  const alerts = attention.filter((each) => each.kind === 'alert' && each.sev !== 'info');
  if (alerts.length > 0) parts.push({ text: ` ${countOf(alerts.length, 'alert fires', 'alerts fire')}.`, level: worstLevel(alerts) });
  const others = attention.filter((each) => each.sev !== 'info' && !saidApart.has(each.kind));
  if (others.length === 0) return parts;
  const more = said + alerts.length > 0 ? 'more ' : '';
  const text = ` ${countOf(others.length, `${more}thing needs`, `${more}things need`)} attention.`;
  return [...parts, { text, level: worstLevel(others) }];
}

function worstLevel(findings: readonly { readonly sev: Severity }[]): Level {
  return findings.some((each) => each.sev === 'critical') ? 'critical' : 'warning';
}

function detailText(rates: Rates | null): string {
  if (rates === null) return '';
  const came = `${formatNumber(rates.in)} events a second come in.`;
  if (rates.behindMedianMs === null || rates.behindMost === null) return came;
  const { query, ms } = rates.behindMost;
  return `${came} Half of the queries are at most ${formatDuration(rates.behindMedianMs)} behind; the furthest, ${query}, is ${formatDuration(ms)} behind.`;
}
