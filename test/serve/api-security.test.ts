import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServeError, startServer } from '../../engine/serve/start-server.ts';
import { startTestServer, type TestServer } from './api-support.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** With headers that fetch would not send. */
function ask(
  path: string,
  headers: Record<string, string>,
  method = 'GET',
  body = '',
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

describe('who may ask', () => {
  it('answers to its address and to localhost only', async () => {
    const port = server.port;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, `millrace.localhost:${port}`]) {
      expect([host, (await ask('/healthz', { host })).status]).toEqual([host, 200]);
    }
    for (const host of ['evil.example', `evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.evil.example']) {
      expect([host, (await ask('/api/v1/overview', { host })).status]).toEqual([host, 421]);
    }
  });

  it('refuses other web sites', async () => {
    const host = `127.0.0.1:${server.port}`;
    expect((await ask('/api/v1/verdict', { host, origin: `http://${host}` })).status).toBe(200);
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:1', `http://localhost:${server.port}`]) {
      expect([origin, (await ask('/api/v1/stream', { host, origin })).status]).toEqual([origin, 403]);
    }
    const json = { host, 'content-type': 'application/json' };
    expect((await ask('/api/v1/sql', { ...json, 'sec-fetch-site': 'cross-site' }, 'POST', '{"sql":"SELECT 1"}')).status).toBe(403);
    expect((await ask('/api/v1/sql', json, 'OPTIONS')).status).toBe(404);
  });

  it('takes JSON only, and not too much of it', async () => {
    const host = `127.0.0.1:${server.port}`;
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      expect((await ask('/api/v1/sql', { host, 'content-type': type }, 'POST', '{"sql":"SELECT 1"}')).status).toBe(415);
    }
    const large = await server.post(JSON.stringify({ sql: `SELECT '${'x'.repeat(1_200_000)}'` }));
    expect(large.status).toBe(413);
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.alloc(100_000, 'x')) });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: endless, duplex: 'half' };
    const unsized = await fetch(`${server.base}/api/v1/sql`, init as RequestInit).then(
      ({ status }) => status,
      () => 413,
    );
    expect(unsized).toBe(413);
    expect((await server.post({ sql: `SELECT '${'x'.repeat(300_000)}'` })).status).toBe(400);
  });

  it('serves pages that load nothing from elsewhere', async () => {
    const { headers, text, status } = await ask('/', { host: `127.0.0.1:${server.port}` });
    expect(status).toBe(200);
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain('unsafe');
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    expect(text).toContain(`content="${nonce}"`);
    expect(headers['x-content-type-options']).toBe('nosniff');
    const again = await ask('/sql', { host: `127.0.0.1:${server.port}` });
    expect(String(again.headers['content-security-policy'])).not.toContain(nonce);
    expect((await ask('/api/v1/verdict', { host: 'localhost' })).headers['content-security-policy']).toBe("default-src 'none'");
  });

  it('serves the files that pages need and no others', async () => {
    const host = 'localhost';
    for (const path of [
      '/console/index.html',
      '/console/../start-server.ts',
      '/console/..%2fstart-server.ts',
      '/console/%2e%2e/start-server.ts',
      '/console/vendor.json',
      '/console/tsconfig.json',
      '/status/verdict.ts',
      '/status/../sql/tokens.ts',
      '/vendor/constructor',
      '/vendor/../package.json',
      '/package.json',
    ]) {
      expect([path, (await ask(path, { host })).status]).toEqual([path, 404]);
    }
    const shared = await ask('/status/format-number.ts', { host });
    expect(shared.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(shared.text).not.toMatch(/: (number|string)\b/);
    expect((await ask('/status/format-number.ts', { host, 'if-none-match': String(shared.headers.etag) })).status).toBe(304);
    expect((await ask('/vendor/uplot.js', { host })).status).toBe(200);
  });
});

describe('where it listens', () => {
  it('says that a port is in use, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const failed = await startServer(server.engine, { port, sql: server.sql }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(ServeError);
    expect(failed).toMatchObject({ message: `port ${port} is in use`, hint: 'use --port 0 for any free one' });
    other.close();
  });

  it('says that an address is not of this machine', async () => {
    await expect(startServer(server.engine, { port: 0, host: '203.0.113.7', sql: server.sql })).rejects.toThrow(
      '203.0.113.7 is no address of this machine',
    );
  });

  it('closes at once, also with pages open', async () => {
    const other = await startServer(server.engine, { port: 0, sql: server.sql });
    const response = await fetch(`http://127.0.0.1:${other.port}/api/v1/stream`);
    const started = performance.now();
    await other.close();
    expect(performance.now() - started).toBeLessThan(1_500);
    await response.body?.cancel().catch(() => undefined);
    await expect(fetch(`http://127.0.0.1:${other.port}/healthz`)).rejects.toThrow();
  });
});
