import type { Context } from 'hono';
import { SqlError, type SqlFormat, type SqlRequest, type SqlResult, StoreError } from '../store/store.ts';
import { apiError } from './api-error.ts';
import { bodyBytesMax, jsonRowsMax, sqlCharactersMax, sqlRowsDefault, sqlRowsMax, sqlTimeoutMsDefault, sqlTimeoutMsMax } from './limits.ts';
import { readBody } from './read-body.ts';
import { toJson } from './to-json.ts';

/** Ad-hoc SQL over what is stored. */
export interface SqlSource {
  query(request: SqlRequest, signal?: AbortSignal): Promise<SqlResult>;
  export(request: SqlRequest, format: SqlFormat, signal?: AbortSignal): Promise<Uint8Array>;
}

const types: Readonly<Record<SqlFormat, string>> = {
  json: 'application/json',
  csv: 'text/csv; charset=utf-8',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
};

type Wanted = { readonly request: SqlRequest; readonly format: SqlFormat };

/** POST {sql, limit?, timeoutMs?, format?}: rows as JSON, or the bytes of a file. */
export async function answerSql(context: Context, sql: SqlSource): Promise<Response> {
  const type = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    return apiError(context, 415, 'content_type', 'the body must be JSON', 'send content-type: application/json');
  const body = await readBody(context, bodyBytesMax);
  if (body === null) return apiError(context, 413, 'size', `a request may have ${bodyBytesMax} bytes`);
  const wanted = readWanted(parseJson(body));
  if (typeof wanted === 'string') return apiError(context, 400, 'request', wanted);
  const { signal } = context.req.raw;
  try {
    if (wanted.format === 'json') return context.body(toJson(await sql.query(wanted.request, signal)), 200, { 'content-type': types.json });
    const bytes = await sql.export(wanted.request, wanted.format, signal);
    return context.body(new Uint8Array(bytes), 200, {
      'content-type': types[wanted.format],
      'content-disposition': `attachment; filename="result.${wanted.format}"`,
    });
  } catch (error) {
    return sqlFailure(context, error);
  }
}

export function sqlFailure(context: Context, error: unknown): Response {
  if (error instanceof SqlError) return apiError(context, 400, 'sql', error.message, error.hint, error.position);
  if (error instanceof StoreError) return apiError(context, 503, 'store', error.message, error.hint);
  throw error;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readWanted(body: unknown): Wanted | string {
  if (typeof body !== 'object' || body === null) return 'the body must be a JSON object with the field "sql"';
  const { sql, limit, timeoutMs, format = 'json' } = body as Readonly<Record<string, unknown>>;
  if (typeof sql !== 'string' || sql.trim() === '') return 'the field "sql" must be a statement';
  if (sql.length > sqlCharactersMax) return `the statement is longer than ${sqlCharactersMax} characters`;
  if (typeof format !== 'string' || !Object.hasOwn(types, format))
    return `the field "format" must be one of ${Object.keys(types).join(', ')}`;
  const rowsMax = wholeNumber(limit, sqlRowsDefault, format === 'json' ? jsonRowsMax : sqlRowsMax);
  if (rowsMax === null) return 'the field "limit" must be a whole number of rows, 1 or more';
  const time = wholeNumber(timeoutMs, sqlTimeoutMsDefault, sqlTimeoutMsMax);
  if (time === null) return 'the field "timeoutMs" must be a whole number of milliseconds, 1 or more';
  return { request: { sql, rowsMax, timeoutMs: time }, format: format as SqlFormat };
}

function wholeNumber(value: unknown, otherwise: number, maximum: number): number | null {
  if (value === undefined || value === null) return otherwise;
  return typeof value === 'number' && Number.isFinite(value) && value >= 1 ? Math.min(Math.floor(value), maximum) : null;
}
