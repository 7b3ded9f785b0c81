import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import type { Engine } from '../run/runtime-status.ts';
import { StatusTracker } from '../status/status-tracker.ts';
import { apiError } from './api-error.ts';
import { addApi } from './api-routes.ts';
import { guard } from './guard.ts';
import { closeMsMax, connectionsMax, headersTimeoutMs, keepAliveTimeoutMs, requestTimeoutMs, sampleMs } from './limits.ts';
import { addMetrics } from './metrics-route.ts';
import { addPages } from './page-routes.ts';
import { PageSql } from './page-sql.ts';
import { listenError } from './serve-error.ts';
import type { SqlSource } from './sql-route.ts';
import { StreamHub } from './stream-hub.ts';

export { ServeError } from './serve-error.ts';

export interface ServerOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Default 127.0.0.1: nobody else's machine can ask. */
  readonly host?: string;
  /** Names, besides localhost, by which a proxy in front asks. */
  readonly names?: readonly string[];
  readonly sql: SqlSource;
  /** One that somebody else samples; without it the server looks at the engine itself. */
  readonly tracker?: StatusTracker;
}

export interface RunningServer {
  readonly port: number;
  readonly tracker: StatusTracker;
  /** Ends streams and connections; what is being answered gets half a second. */
  close(): Promise<void>;
}

/** Console, API and /metrics of a running engine. Throws ServeError when it cannot listen. */
export async function startServer(engine: Engine, options: ServerOptions): Promise<RunningServer> {
  const { port, host = '127.0.0.1', names = [], sql } = options;
  const tracker = options.tracker ?? new StatusTracker(engine, packageVersion());
  const hub = new StreamHub(engine, tracker);
  const app = createApp(engine, tracker, hub, sql, host === '127.0.0.1' ? names : [host, ...names]);
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  server.maxConnections = connectionsMax;
  server.headersTimeout = headersTimeoutMs;
  server.requestTimeout = requestTimeoutMs;
  server.keepAliveTimeout = keepAliveTimeoutMs;
  try {
    await listen(server, port, host);
  } catch (error) {
    hub.close();
    throw error;
  }
  const timer = setInterval(() => {
    if (options.tracker === undefined) tracker.sample();
    hub.publish();
  }, sampleMs);
  timer.unref();
  return { port: (server.address() as AddressInfo).port, tracker, close: () => closeServer(server, hub, timer) };
}

function createApp(engine: Engine, tracker: StatusTracker, hub: StreamHub, sql: SqlSource, names: readonly string[]): Hono {
  const app = new Hono();
  app.use(guard(names));
  app.use(compress());
  addApi(app, { engine, tracker, hub, sql, pageSql: new PageSql(sql) });
  addMetrics(app, engine, hub);
  app.get('/healthz', (context) => {
    const { phase } = engine.status();
    return context.json({ status: phase }, phase === 'failed' || phase === 'stopped' ? 503 : 200);
  });
  addPages(app);
  app.notFound((context) => context.text('There is no such page. The console starts at /.\n', 404));
  app.onError((error, context) => apiError(context, 500, 'fault', `the engine could not answer: ${error.message}`));
  return app;
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => reject(listenError(error, host, port));
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
}

async function closeServer(server: Server, hub: StreamHub, timer: NodeJS.Timeout): Promise<void> {
  clearInterval(timer);
  hub.close();
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const last = setTimeout(() => server.closeAllConnections(), closeMsMax);
  await closed;
  clearTimeout(last);
}

function packageVersion(): string {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
