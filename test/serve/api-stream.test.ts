import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { EventStream } from '../../engine/serve/event-stream.ts';
import { streamsMax } from '../../engine/serve/limits.ts';
import { startTestServer, type TestServer } from './api-support.ts';

let server: TestServer;
afterEach(() => server?.close());

interface Message {
  readonly event: string;
  readonly id: number;
  readonly data: Record<string, unknown>;
}

/** Reads events until `enough` says so. */
async function listen(path: string, enough: (messages: readonly Message[]) => boolean, during: () => void = () => undefined) {
  const leave = new AbortController();
  const response = await fetch(server.base + path, { signal: leave.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  let text = '';
  const messages: Message[] = [];
  during();
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    messages.length = 0;
    for (const block of text.split('\n\n').slice(0, -1)) {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      if (fields.event !== undefined)
        messages.push({ event: fields.event, id: Number(fields.id), data: JSON.parse(fields.data ?? 'null') as Record<string, unknown> });
    }
    if (enough(messages)) break;
  }
  leave.abort();
  return { text, messages };
}

const until = async (holds: () => boolean) => {
  for (let tries = 0; tries < 100 && !holds(); tries++) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(holds()).toBe(true);
};

describe('the stream', () => {
  it('starts at once and ticks once a second', async () => {
    server = await startTestServer();
    const started = performance.now();
    const { text, messages } = await listen('/api/v1/stream?topics=overview', (each) => each.length >= 4);
    expect(text.startsWith('retry: 1000\n\n')).toBe(true);
    expect(messages.map((message) => message.event)).toEqual(['tick', 'tick', 'tick', 'tick']);
    expect(messages.map((message) => message.id)).toEqual(messages.map((message) => message.id).toSorted((a, b) => a - b));
    const times = messages.map((message) => message.data.t as number);
    expect((times.at(-1) as number) - (times[1] as number)).toBeGreaterThan(1_700);
    expect(performance.now() - started).toBeLessThan(6_000);
  });

  it('tells changes as they happen, and rows of a query that is looked at', async () => {
    server = await startTestServer();
    const row = ['2026-11-23T10:00:00Z', '2026-11-23T10:00:10Z', 'cart', 9007199254740993n, 1, 0.1];
    const emit = () => {
      for (let batch = 0; batch < 3; batch++) {
        const rows = new Array(100).fill(row) as unknown[][];
        server.engine.emit({ query: 'http/error_ratio', columns: [{ name: 'window_start', type: 'TIMESTAMP' }], rows, dropped: 5 });
      }
      server.engine.tell({ level: 'warning', kind: 'limit', subject: 'hosts/cpu', text: 'too many keys' });
    };
    const { messages } = await listen(
      '/api/v1/stream?topics=overview,query:http/error_ratio',
      (each) => each.some((message) => message.event === 'rows'),
      emit,
    );
    expect(new Set(messages.map((message) => message.event))).toEqual(new Set(['tick', 'status', 'change', 'rows']));
    expect(messages.find((message) => message.event === 'change')?.data).toMatchObject({ kind: 'limit', text: 'too many keys' });
    const rows = messages.find((message) => message.event === 'rows')?.data as { up: unknown[][]; dropped: number };
    expect([rows.up.length, rows.dropped]).toEqual([200, 115]);
    expect(rows.up[0]?.[3]).toBe('9007199254740993');
    await until(() => server.engine.rowListeners === 0);
  });

  it('tells again what happened while a reader was away', async () => {
    server = await startTestServer();
    server.engine.tell({ level: 'info', kind: 'store', subject: null, text: 'first' });
    server.engine.tell({ level: 'info', kind: 'store', subject: null, text: 'second' });
    const leave = new AbortController();
    const response = await fetch(`${server.base}/api/v1/stream`, { signal: leave.signal, headers: { 'last-event-id': '1' } });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    while (!text.includes('event: tick')) text += Buffer.from((await reader.read()).value ?? []).toString();
    leave.abort();
    expect(text).toContain('"text":"second"');
    expect(text).not.toContain('"text":"first"');
  });

  it('sends 500 queries whole at first, then the rows in view', async () => {
    server = await startTestServer({ queries: 500 });
    const { messages } = await listen('/api/v1/stream?topics=overview&rows=100-130', (each) => each.length >= 8);
    const rows = messages.map((message) => (message.data.q as { rows: [number, number] }).rows.join('-'));
    expect(rows[0]).toBe('0-500');
    expect(rows.filter((each) => each === '100-130').length).toBeGreaterThanOrEqual(4);
    expect(rows.filter((each) => each === '0-500').length).toBeLessThanOrEqual(3);
    expect(new Set(rows).size).toBe(2);
  });

  it('refuses topics that there are not, and too many readers', async () => {
    server = await startTestServer();
    for (const topics of ['nope', 'query:nope', ',', new Array(9).fill('overview').join()]) {
      expect((await fetch(`${server.base}/api/v1/stream?topics=${topics}`)).status).toBe(400);
    }
    const leave = new AbortController();
    const open = () => fetch(`${server.base}/api/v1/stream`, { signal: leave.signal });
    const opened = await Promise.all(Array.from({ length: streamsMax }, open));
    expect(opened.every((response) => response.status === 200)).toBe(true);
    expect((await open()).status).toBe(503);
    leave.abort();
    await until(() => true);
    await expect
      .poll(async () => (await fetch(`${server.base}/metrics`)).text(), { timeout: 3_000 })
      .toContain('millrace_console_streams 0\n');
  });

  it('does not gather for a reader that has stopped reading', async () => {
    server = await startTestServer({ queries: 500 });
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`GET /api/v1/stream HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\n\r\n`);
    socket.pause();
    await expect
      .poll(async () => (await fetch(`${server.base}/metrics`)).text(), { timeout: 3_000 })
      .toContain('millrace_console_streams 1\n');
    const { messages } = await listen('/api/v1/stream', (each) => each.length >= 3);
    expect(messages.length).toBeGreaterThanOrEqual(3);
    socket.destroy();
    await expect
      .poll(async () => (await fetch(`${server.base}/metrics`)).text(), { timeout: 3_000 })
      .toContain('millrace_console_streams 0\n');
  });
});

describe('a slow reader', () => {
  it('gets the newest tick only, and all changes up to a limit', async () => {
    let closed = 0;
    const stream = new EventStream(() => closed++);
    const reader = stream.body.getReader();
    expect(Buffer.from((await reader.read()).value as Uint8Array).toString()).toBe('retry: 1000\n\n');
    for (let index = 0; index < 1_000; index++) stream.set('tick', 'tick', index, `{"n":${index}}`);
    for (let index = 0; index < 150; index++) stream.tell('change', 1_000 + index, 'null');
    stream.heartbeat();
    let text = '';
    while (!text.includes('id: 1149')) text += Buffer.from((await reader.read()).value ?? []).toString();
    expect(text.match(/event: tick/g)?.length).toBeLessThanOrEqual(2);
    expect(text).toContain('data: {"n":999}');
    expect(text.match(/event: change/g)?.length).toBeLessThanOrEqual(101);
    expect(stream.skipped).toBeGreaterThan(1_000);
    await reader.cancel();
    expect(closed).toBe(1);
  });

  it('ends when the server closes', async () => {
    const stream = new EventStream(() => undefined);
    const reader = stream.body.getReader();
    await reader.read();
    const next = reader.read();
    stream.close();
    expect((await next).done).toBe(true);
  });
});
