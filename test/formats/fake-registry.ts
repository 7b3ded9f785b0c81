import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';

interface Stored {
  readonly schema: string;
  readonly schemaType?: string;
  readonly references?: readonly { name: string; subject: string; version: number }[];
}

/** Answers as a Confluent schema registry does. */
export class FakeRegistry {
  readonly schemas = new Map<number, Stored>();
  readonly subjects = new Map<string, Stored>();
  requests: string[] = [];
  /** As sent by the last request. */
  authorization: string | undefined;
  /** What to answer instead; null: as usual. */
  status: number | null = null;
  /** Empty until it has started. */
  url = '';
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.requests.push(request.url ?? '');
      this.authorization = request.headers.authorization;
      const found = this.schemas.get(Number(/^\/schemas\/ids\/(\d+)$/.exec(request.url ?? '')?.[1])) ?? this.#version(request.url ?? '');
      const status = this.status ?? (found === undefined ? 404 : 200);
      response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
      response.end(JSON.stringify(status === 200 ? found : { error_code: 40403, message: 'Schema not found' }));
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #version(url: string): Stored | undefined {
    const match = /^\/subjects\/([^/]+)\/versions\/(\d+)$/.exec(url);
    return match === null ? undefined : this.subjects.get(`${decodeURIComponent(match[1] as string)}/${match[2]}`);
  }
}

/** One for the tests of a file. */
export function useRegistry(): FakeRegistry {
  const registry = new FakeRegistry();
  beforeAll(() => registry.start());
  afterAll(() => registry.stop());
  return registry;
}

/** A message in Confluent's wire format. */
export function registered(id: number, ...rest: readonly Uint8Array[]): Uint8Array {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(id, 1);
  return Buffer.concat([header, ...rest]);
}
