import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreError } from '../../engine/store/store.ts';
import type { CatalogAnswer, OverviewSnapshot, QueryPage, Verdict } from '../../engine/status/api-types.ts';
import type { Series } from '../../engine/status/series.ts';
import type { RuntimeStatus } from '../../engine/run/runtime-status.ts';
import { startServer } from '../../engine/serve/start-server.ts';
import { startTestServer, type TestServer } from './api-support.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const seriesPath = (parameters: Readonly<Record<string, string>>) =>
  `/api/v1/queries/http/error_ratio/series?${new URLSearchParams(parameters)}`;
const checkout = JSON.stringify([['service', 'checkout']]);

describe('snapshots', () => {
  it('gives the overview, and the same verdict by itself', async () => {
    const overview = await server.json<OverviewSnapshot>('/api/v1/overview');
    expect(overview.queries.map((query) => query.id).slice(0, 2)).toEqual(['http/error_ratio', 'http/latency_by_route']);
    expect(overview.sources.map((source) => source.id)).toEqual(['http_logs', 'otel_traces', 'host_metrics', 'audit_log']);
    expect(overview.sinks).toEqual([{ id: 'store', kind: 'Data folder', at: 'millrace-data' }]);
    expect(overview.tick.q.in.length).toBe(overview.queries.length);
    const verdict = await server.json<Verdict>('/api/v1/verdict');
    expect(verdict.text).toBe(overview.verdict.text);
    expect(overview.changes[0]).toMatchObject({ kind: 'rejected', subject: 'audit_log' });
  });

  it('answers 304 to who has it, and compresses', async () => {
    const first = await fetch(`${server.base}/api/v1/catalog`, { headers: { 'accept-encoding': 'gzip' } });
    expect(first.headers.get('content-encoding')).toBe('gzip');
    const tag = first.headers.get('etag') ?? '';
    await first.text();
    const second = await fetch(`${server.base}/api/v1/catalog`, { headers: { 'if-none-match': tag } });
    expect([second.status, await second.text()]).toEqual([304, '']);
  });

  it('gives the page of a query, with or without an encoded slash', async () => {
    const page = await server.json<QueryPage>('/api/v1/queries/http%2Ferror_ratio');
    expect(page).toMatchObject({ id: 'http/error_ratio', time: 'window_end', keys: ['service'], rowsError: null });
    expect(page.rows.length).toBe(200);
    expect(page.rows[0]?.length).toBe(page.columns.length);
    expect(page.window).toBe(Date.parse(String(page.rows[0]?.[1])));
    expect((await server.json<QueryPage>('/api/v1/queries/http/error_ratio')).id).toBe('http/error_ratio');
    expect((await fetch(`${server.base}/api/v1/queries/http/nope`)).status).toBe(404);
    expect((await fetch(`${server.base}/api/v1/queries/%E0%A4%A`)).status).toBe(404);
  });

  it('shows why rows of a source were rejected, with one of them', async () => {
    const { errors } = await server.json<QueryPage>('/api/v1/queries/audit/login_bursts');
    expect(errors).toEqual([
      expect.objectContaining({ n: 3, code: 'rejected', where: 'audit_log line 7', text: 'user_id: is missing', sample: '{"ts":1}' }),
    ]);
  });

  it('describes the tables that SQL can ask', async () => {
    const { tables } = await server.json<CatalogAnswer>('/api/v1/catalog');
    const kinds = Object.fromEntries(tables.map((table) => [table.name, `${table.kind} ${table.stored}`]));
    expect(kinds).toMatchObject({
      error_ratio: 'view true',
      host_metrics: 'source true',
      http_logs: 'source false',
      http_logs__late: 'late true',
      http_logs__rejected: 'rejected true',
    });
    expect(tables[0]?.columns[0]).toEqual({ name: 'window_start', type: 'TIMESTAMP' });
  });

  it('gives the raw counters', async () => {
    expect(Object.keys((await server.json<RuntimeStatus>('/api/v1/status')).queries).length).toBe(10);
  });
});

describe('series', () => {
  it('gives every row where there are few', async () => {
    const series = await server.json<Series>(seriesPath({ value: 'ratio', key: checkout }));
    expect(series).toMatchObject({ unit: 's', step: 0, key: [['service', 'checkout']] });
    expect(series.t.length).toBe(91);
    expect(series.v.at(-1)).toBe(0.07);
    expect(series.t.toSorted((a, b) => a - b)).toEqual(series.t);
  });

  it('keeps least and greatest of each bucket where there are many', async () => {
    const all = await server.json<Series>(seriesPath({ value: 'requests', key: checkout, from: '0' }));
    const few = await server.json<Series>(seriesPath({ value: 'requests', key: checkout, from: '0', points: '40' }));
    expect([all.t.length, few.rows]).toEqual([360, 360]);
    expect(few.t.length).toBeLessThanOrEqual(42);
    expect(few.step).toBeGreaterThanOrEqual(180);
    expect(Math.max(...(few.v as number[]))).toBe(Math.max(...(all.v as number[])));
    expect(Math.min(...(few.v as number[]))).toBe(Math.min(...(all.v as number[])));
    expect(few.t.toSorted((a, b) => a - b)).toEqual(few.t);
  });

  it('takes the key of the newest row when none is given', async () => {
    expect((await server.json<Series>(seriesPath({}))).key).toEqual([['service', 'cart']]);
  });

  it('has no rows for a key that is not there, however it is spelled', async () => {
    const key = JSON.stringify([['service', "x' OR '1'='1"]]);
    expect(await server.json<Series>(seriesPath({ value: 'ratio', key }))).toMatchObject({ t: [], v: [], rows: 0 });
  });

  it('refuses what the query does not have', async () => {
    for (const parameters of [
      { value: 'ratio"; DROP' },
      { value: 'service' },
      { key: '[["nope","x"]]' },
      { key: 'service=checkout' },
      { from: 'yesterday' },
    ]) {
      const response = await fetch(server.base + seriesPath(parameters as Record<string, string>));
      expect(response.status).toBe(400);
    }
    const { error } = await server.json<{ error: { text: string } }>(seriesPath({ value: 'speed' }));
    expect(error.text).toBe('http/error_ratio has no number speed; it has requests, errors, ratio');
  });
});

describe('ad-hoc SQL', () => {
  it('gives rows exactly as the store does', async () => {
    const answer = await (
      await server.post({ sql: "SELECT 9007199254740993 AS big, TIMESTAMP '2026-11-23 10:00:00.5' AS t, NULL AS n" })
    ).json();
    expect(answer).toEqual({
      columns: [
        { name: 'big', type: 'BIGINT' },
        { name: 't', type: 'TIMESTAMP' },
        { name: 'n', type: 'INTEGER' },
      ],
      rows: [['9007199254740993', '2026-11-23T10:00:00.5Z', null]],
      truncated: false,
      ms: expect.any(Number),
    });
  });

  it('keeps to the limit', async () => {
    const answer = (await (await server.post({ sql: 'SELECT * FROM range(100)', limit: 7 })).json()) as {
      rows: unknown[];
      truncated: boolean;
    };
    expect([answer.rows.length, answer.truncated]).toEqual([7, true]);
  });

  it('gives files', async () => {
    const csv = await server.post({ sql: 'SELECT 1 AS a', format: 'csv' });
    expect([csv.headers.get('content-type'), await csv.text()]).toEqual(['text/csv; charset=utf-8', 'a\n1\n']);
    const arrow = await server.post({ sql: 'SELECT 1 AS a', format: 'arrow' });
    expect(arrow.headers.get('content-disposition')).toBe('attachment; filename="result.arrow"');
    expect(await arrow.text()).toBe('arrow 1');
  });

  it('says where bad SQL is wrong', async () => {
    const response = await server.post({ sql: 'SELECT requsts FROM error_ratio' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'sql', position: 7, hint: expect.stringContaining('requests') } });
  });

  it('refuses requests that say no statement', async () => {
    for (const body of [
      '{',
      '[]',
      'null',
      {},
      { sql: 7 },
      { sql: ' ' },
      { sql: 'SELECT 1', format: 'xml' },
      { sql: 'SELECT 1', limit: 0 },
      { sql: 'SELECT 1', timeoutMs: 'x' },
    ]) {
      const response = await server.post(body);
      expect([body, response.status]).toEqual([body, 400]);
      expect(await response.json()).toHaveProperty('error.text');
    }
  });

  it('tells a store that cannot answer from a fault of its own', async () => {
    const failing = (error: Error) => ({ query: () => Promise.reject(error), export: () => Promise.reject(error) });
    const ask = async (error: Error) => {
      const other = await startServer(server.engine, { port: 0, sql: failing(error) });
      const response = await fetch(`http://127.0.0.1:${other.port}/api/v1/sql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"sql":"SELECT 1"}',
      });
      const { error: told } = (await response.json()) as { error: { code: string } };
      await other.close();
      return [response.status, told.code];
    };
    expect(await ask(new StoreError('the disk is full'))).toEqual([503, 'store']);
    expect(await ask(new TypeError('x is not a function'))).toEqual([500, 'fault']);
  });

  it('stops a statement whose reader has left', async () => {
    const leaving = new AbortController();
    const asked = fetch(`${server.base}/api/v1/sql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        sql: 'SELECT count(*) FROM range(3000000) a, range(3000000) b WHERE (a.range * b.range) % 7 = 3',
        timeoutMs: 60_000,
      }),
      signal: leaving.signal,
    });
    setTimeout(() => leaving.abort(), 200);
    await expect(asked).rejects.toThrow();
    const started = performance.now();
    expect((await server.post({ sql: 'SELECT 1' })).status).toBe(200);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

it('says there is nothing at other addresses', async () => {
  expect((await fetch(`${server.base}/api/v1/nope`)).status).toBe(404);
  expect((await fetch(`${server.base}/nope`)).status).toBe(404);
  expect((await fetch(`${server.base}/api/v1/overview`, { method: 'DELETE' })).status).toBe(404);
});

it('is healthy until the engine has failed', async () => {
  expect((await fetch(`${server.base}/healthz`)).status).toBe(200);
  server.engine.change((status) => ({ ...status, phase: 'failed' }));
  expect((await fetch(`${server.base}/healthz`)).status).toBe(503);
  server.engine.change((status) => status);
});
