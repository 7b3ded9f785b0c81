import type { Catalog } from '../plan/catalog.ts';
import type { QueryStatus, RuntimeStatus } from '../run/runtime-status.ts';
import { durationText, numberText } from './format-number.ts';
import { shownLag } from './lag.ts';
import type { Level, Verdict } from './shapes.ts';

type Part = Verdict['parts'][number];

/** Rows per second; null while unknown. */
export interface Throughput {
  readonly in: number | null;
  readonly out: number | null;
}

/** Whether everything keeps up, in one sentence; the same in terminal, console and API. */
export function verdict(status: RuntimeStatus, catalog: Catalog, throughput: Throughput = { in: null, out: null }): Verdict {
  const parts = verdictParts(status, catalog);
  const rank = { ok: 0, info: 1, warning: 2, critical: 3 } as const;
  const level = parts.reduce<Level>((worst, part) => (rank[part.level] > rank[worst] ? part.level : worst), 'ok');
  return { level, text: parts.map((part) => part.text).join(''), detail: detail(status, catalog, throughput), parts };
}

function verdictParts(status: RuntimeStatus, catalog: Catalog): Part[] {
  const total = catalog.queries.length;
  if (status.phase === 'failed') return [{ text: 'The engine has stopped because of an error.', level: 'critical' }];
  if (total === 0) return [{ text: 'No queries yet.', level: 'info' }];
  const queries = catalog.queries.map((query) => status.queries[query.id]);
  const failedSources = Object.entries(status.sources).filter(([, source]) => source.state === 'failed');
  const sources: Part[] = failedSources.map(([name]) => ({ text: ` Source ${name} has failed.`, level: 'critical' }));
  if (status.phase === 'stopping') return [{ text: 'Stopping: what was read is being committed.', level: 'info' }];
  if (status.phase === 'stopped') return [{ text: 'Stopped. Everything that was read is committed.', level: 'info' }];
  if (status.phase === 'starting')
    return [{ text: `${plural(total, 'query', 'queries')} ${total === 1 ? 'is' : 'are'} starting.`, level: 'info' }];
  if (Object.values(status.sources).every((source) => source.rows === 0) && count(queries, 'failed') + count(queries, 'ended') === 0) {
    return [{ text: 'No events yet.', level: 'info' }, ...sources];
  }
  return [...queryParts(queries), ...sources];
}

function queryParts(queries: readonly (QueryStatus | undefined)[]): Part[] {
  const total = queries.length;
  const failed = count(queries, 'failed');
  const behind = count(queries, 'behind');
  const replaying = count(queries, 'replaying');
  const ended = count(queries, 'ended');
  const good = total - failed - behind - replaying;
  const rest: Part[] = [];
  if (behind > 0) rest.push({ text: `${behind} ${behind === 1 ? 'is' : 'are'} behind`, level: 'warning' });
  if (replaying > 0) rest.push({ text: `${replaying} ${replaying === 1 ? 'catches' : 'catch'} up after the restart`, level: 'info' });
  if (failed > 0) rest.push({ text: `${failed} ${failed === 1 ? 'has' : 'have'} failed`, level: 'critical' });
  if (rest.length === 0) return [{ text: allGood(total, ended), level: 'ok' }];
  const lead: Part[] = [
    { text: good === 0 ? `Of ${plural(total, 'query', 'queries')} ` : `${good} of ${total} queries keep up, `, level: 'ok' },
  ];
  return [...lead, ...rest.map((part, index) => ({ ...part, text: `${part.text}${index === rest.length - 1 ? '.' : ', '}` }))];
}

function allGood(total: number, ended: number): string {
  if (ended === total) return `All input is read. ${total === 1 ? 'The query is' : `${total} queries are`} complete.`;
  if (total === 1) return 'The query keeps up.';
  return `All ${total} queries keep up.`;
}

function detail(status: RuntimeStatus, catalog: Catalog, throughput: Throughput): string {
  const names = Object.keys(status.sources);
  if (catalog.queries.length === 0) return 'Put one in a .sql file of the folder that is run, and start again.';
  if (status.phase !== 'running' && status.phase !== 'replaying') return '';
  if (names.length > 0 && names.every((name) => (status.sources[name]?.rows ?? 0) === 0)) {
    return `Waiting for ${list(names)} for ${durationText(status.now - status.startedAt)}.`;
  }
  const came = throughput.in === null ? '' : `${numberText(throughput.in)} events a second come in.`;
  return [came, lagSentence(status, catalog)].filter((text) => text !== '').join(' ');
}

function lagSentence(status: RuntimeStatus, catalog: Catalog): string {
  const lags = catalog.queries
    .flatMap(({ id }) => {
      const lag = shownLag(status.queries[id]);
      return lag === null ? [] : [{ id, lag }];
    })
    .sort((a, b) => a.lag - b.lag);
  const furthest = lags.at(-1);
  if (furthest === undefined) return eventTimeSentence(status);
  if (lags.length === 1) return `${furthest.id} is ${durationText(furthest.lag)} behind.`;
  const median = (lags[(lags.length - 1) >> 1] as { lag: number }).lag;
  return `Half of the queries are at most ${durationText(median)} behind; the furthest, ${furthest.id}, is ${durationText(furthest.lag)} behind.`;
}

/** Recorded data has no lag; it has a place in time. */
function eventTimeSentence(status: RuntimeStatus): string {
  const times = Object.values(status.sources).flatMap((source) =>
    source.paced && source.maxEventTime !== null ? [source.maxEventTime] : [],
  );
  if (times.length === 0) return '';
  return `Event time is at ${new Date(Math.max(...times)).toISOString().slice(0, 19).replace('T', ' ')} UTC.`;
}

function count(queries: readonly (QueryStatus | undefined)[], state: QueryStatus['state']): number {
  return queries.filter((query) => query?.state === state).length;
}

function plural(many: number, one: string, more: string): string {
  return `${many} ${many === 1 ? one : more}`;
}

const listedMax = 3;

function list(names: readonly string[]): string {
  if (names.length > listedMax) return `${names.slice(0, listedMax).join(', ')} and ${names.length - listedMax} more`;
  return names.length <= 1 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
