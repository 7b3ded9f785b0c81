import { startServer } from '../../engine/serve/start-server.ts';
import { type FakeEngine, type FakeOptions, fakeEngine } from './fake-engine.ts';
import { type FakeSql, fakeSql } from './fake-sql.ts';

export interface TestServer {
  readonly engine: FakeEngine;
  readonly sql: FakeSql;
  readonly port: number;
  readonly base: string;
  json<Answer>(path: string): Promise<Answer>;
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
  close(): Promise<void>;
}

export async function startTestServer(options: FakeOptions = {}): Promise<TestServer> {
  const engine = fakeEngine(options);
  const sql = await fakeSql(engine.catalog);
  const server = await startServer(engine, { port: 0, sql });
  const base = `http://127.0.0.1:${server.port}`;
  return {
    engine,
    sql,
    port: server.port,
    base,
    json: async <Answer>(path: string) => (await (await fetch(base + path)).json()) as Answer,
    post: (body, headers = { 'content-type': 'application/json' }) =>
      fetch(`${base}/api/v1/sql`, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) }),
    async close() {
      await server.close();
      sql.close();
    },
  };
}
