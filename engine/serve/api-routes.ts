import type { Context, Hono } from 'hono';
import { etag } from 'hono/etag';
import type { QueryDefinition } from '../plan/catalog.ts';
import type { Engine } from '../run/runtime-status.ts';
import type { QueryPage } from '../status/api-types.ts';
import { sourcesOf } from '../status/lag.ts';
import type { Rows } from '../status/overview-tick.ts';
import type { StatusTracker } from '../status/status-tracker.ts';
import { apiError } from './api-error.ts';
import { catalogAnswer } from './catalog-answer.ts';
import { topicsMax } from './limits.ts';
import { newestRows, rejectedRows } from './newest-rows.ts';
import type { PageSql } from './page-sql.ts';
import { readSeries, SeriesError, type SeriesKey, type SeriesRequest } from './series.ts';
import { answerSql, type SqlSource, sqlFailure } from './sql-route.ts';
import type { StreamHub, Topics } from './stream-hub.ts';
import { toJson } from './to-json.ts';

export interface ApiParts {
  readonly engine: Engine;
  readonly tracker: StatusTracker;
  readonly hub: StreamHub;
  readonly sql: SqlSource;
  readonly pageSql: PageSql;
}

/** `/api/v1/`: what the pages show, as JSON. */
export function addApi(app: Hono, parts: ApiParts): void {
  const { engine, tracker, sql } = parts;
  app.use('/api/v1/*', async (context, next) => {
    await next();
    if (!context.res.headers.has('cache-control')) context.res.headers.set('cache-control', 'no-cache');
  });
  for (const path of ['/api/v1/overview', '/api/v1/queries', '/api/v1/queries/*', '/api/v1/catalog', '/api/v1/verdict'])
    app.use(path, etag());
  app.get('/api/v1/overview', (context) => json(context, tracker.overview(rowsOf(context.req.query('rows')))));
  app.get('/api/v1/verdict', (context) => json(context, tracker.verdict()));
  app.get('/api/v1/status', (context) => json(context, engine.status()));
  app.get('/api/v1/catalog', (context) => json(context, catalogAnswer(engine.catalog, tracker.gen)));
  app.get('/api/v1/queries', (context) => {
    const { gen, now, queries, tick } = tracker.overview();
    return json(context, { gen, now, queries, tick: tick.q });
  });
  app.get('/api/v1/queries/*', (context) => answerQuery(context, parts));
  app.get('/api/v1/stream', (context) => answerStream(context, parts));
  app.post('/api/v1/sql', (context) => answerSql(context, sql));
  app.all('/api/*', (context) => apiError(context, 404, 'path', `there is no ${context.req.method} ${context.req.path}`));
}

function json(context: Context, value: unknown): Response {
  return context.body(toJson(value), 200, { 'content-type': 'application/json' });
}

/** Ids hold slashes: `demo/error_rate`, written as they are or as %2F. A query whose id ends in `/series` is found before its series. */
async function answerQuery(context: Context, parts: ApiParts): Promise<Response> {
  const path = decoded(new URL(context.req.url).pathname.slice('/api/v1/queries/'.length));
  const find = (id: string | null) => parts.engine.catalog.queries.find((query) => query.id === id);
  const query = find(path);
  if (query !== undefined) return json(context, await queryPage(query, parts));
  const owner = path?.endsWith('/series') ? find(path.slice(0, -'/series'.length)) : undefined;
  if (owner !== undefined) return answerSeries(context, owner, parts);
  return apiError(context, 404, 'query', `there is no query ${path ?? ''}`);
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

async function queryPage(query: QueryDefinition, { engine, tracker, pageSql }: ApiParts): Promise<QueryPage> {
  const snapshot = tracker.query(query.id);
  if (snapshot === null) throw new Error(`${query.id} is not tracked`);
  const failing = sourcesOf(query, engine.catalog).filter((name) => (tracker.status.sources[name]?.rejected ?? 0) > 0);
  const [newest, ...rejected] = await Promise.all([newestRows(query, pageSql), ...failing.map((name) => rejectedRows(name, pageSql))]);
  const told = snapshot.errors.filter((error) => error.code !== 'rejected' || rejected.length === 0);
  return { ...snapshot, ...newest, errors: [...rejected.flat(), ...told].sort((a, b) => b.t - a.t) };
}

async function answerSeries(context: Context, query: QueryDefinition, { pageSql }: ApiParts): Promise<Response> {
  const request = seriesRequest(context);
  if (request === null)
    return apiError(context, 400, 'request', '"key" must be JSON of [[column, value], ...], "from", "to", "length" and "points" numbers');
  try {
    return json(context, await readSeries(query, request, pageSql));
  } catch (error) {
    if (error instanceof SeriesError) return apiError(context, 400, 'series', error.message);
    return sqlFailure(context, error);
  }
}

function seriesRequest(context: Context): SeriesRequest | null {
  const [from, to, length, points] = ['from', 'to', 'length', 'points'].map((name) => {
    const text = context.req.query(name);
    return text === undefined || text === '' ? undefined : Number(text);
  });
  const key = seriesKey(context.req.query('key'));
  if (key === null || [from, to, length, points].some((number) => number !== undefined && !Number.isFinite(number))) return null;
  return { value: context.req.query('value'), key, from, to, length, points };
}

function seriesKey(text: string | undefined): SeriesKey | undefined | null {
  if (text === undefined || text === '') return undefined;
  try {
    const key: unknown = JSON.parse(text);
    const isPair = (each: unknown): boolean =>
      Array.isArray(each) && each.length === 2 && typeof each[0] === 'string' && (each[1] === null || typeof each[1] === 'string');
    return Array.isArray(key) && key.every(isPair) ? (key as unknown as SeriesKey) : null;
  } catch {
    return null;
  }
}

function answerStream(context: Context, { engine, hub }: ApiParts): Response {
  const topics = topicsOf(context, new Set(engine.catalog.queries.map((query) => query.id)));
  if (typeof topics === 'string') return apiError(context, 400, 'topics', topics);
  const stream = hub.open(topics);
  if (stream === null) return apiError(context, 503, 'streams', 'too many pages listen already', 'close some of them');
  return context.body(stream.body, 200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
}

function topicsOf(context: Context, known: ReadonlySet<string>): Topics | string {
  const names = (context.req.query('topics') ?? 'overview').split(',').filter((name) => name !== '');
  const queries = names.filter((name) => name.startsWith('query:')).map((name) => name.slice('query:'.length));
  const unknown = names.find((name) => name !== 'overview' && !name.startsWith('query:'));
  if (unknown !== undefined) return `there is no topic ${unknown}; there are overview and query:<id>`;
  const missing = queries.find((id) => !known.has(id));
  if (missing !== undefined) return `there is no query ${missing}`;
  if (names.length === 0 || names.length > topicsMax) return `give 1 to ${topicsMax} topics`;
  const last = context.req.header('last-event-id') ?? '';
  const after = /^\d{1,15}$/.test(last) ? Number(last) : null;
  return { overview: names.includes('overview'), queries: [...new Set(queries)], rows: rowsOf(context.req.query('rows')), after };
}

/** `20-60`: queries 20 up to but without 60 of the snapshot. */
function rowsOf(text: string | undefined): Rows | undefined {
  const match = /^(\d{1,6})-(\d{1,6})$/.exec(text ?? '');
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}
