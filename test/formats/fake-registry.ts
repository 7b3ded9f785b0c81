import { createServer, type IncomingMessage, type Server } from 'node:http';
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
    this.#server = createServer(async (request, response) => {
      this.requests.push(request.url ?? '');
      this.authorization = request.headers.authorization;
      const sent = request.method === 'POST' ? this.#post(request.url ?? '', await bodyOf(request)) : undefined;
      const found =
        sent ?? this.schemas.get(Number(/^\/schemas\/ids\/(\d+)$/.exec(request.url ?? '')?.[1])) ?? this.#version(request.url ?? '');
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

  /** A subject's schema, or the schema that it gets; nothing but numbers of schemas is answered. */
  #post(url: string, { schema, schemaType }: Stored): { readonly id: number } | undefined {
    const path = /^\/subjects\/([^/]+)(\/versions)?$/.exec(url);
    if (path === null) return undefined;
    const subject = decodeURIComponent(path[1] as string);
    for (let version = 1; this.subjects.has(`${subject}/${version}`); version++) {
      const stored = this.subjects.get(`${subject}/${version}`);
      const known = [...this.schemas].find(([, each]) => each === stored);
      if (stored?.schema === schema && known !== undefined) return { id: known[0] };
    }
    if (path[2] === undefined) return undefined;
    const stored = { schema, ...(schemaType === undefined ? {} : { schemaType }) };
    const id = 1 + Math.max(0, ...this.schemas.keys());
    let version = 1;
    while (this.subjects.has(`${subject}/${version}`)) version++;
    this.schemas.set(id, stored);
    this.subjects.set(`${subject}/${version}`, stored);
    return { id };
  }

  #version(url: string): Stored | undefined {
    const match = /^\/subjects\/([^/]+)\/versions\/(\d+)$/.exec(url);
    return match === null ? undefined : this.subjects.get(`${decodeURIComponent(match[1] as string)}/${match[2]}`);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Stored> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString()) as Stored;
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
