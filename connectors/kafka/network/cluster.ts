import type { Call } from '../wire/call.ts';
import { errorCodes } from '../wire/error-code.ts';
import { metadata, type TopicMetadata } from '../wire/metadata.ts';
import { type Connection, ConnectionLost, type Endpoint } from './connection.ts';
import type { Dialer } from './dialer.ts';
import { heapMemory } from './receive-memory.ts';

const answerMsMax = 30_000;
const areaBytes = 16_384;
const responseBytesMax = 64 << 20;

/** No broker answers: the message names each and why. */
export class NoBroker extends Error {
  override readonly name = 'NoBroker';
}

/** What is known of the cluster, and small questions to it, each broker by a connection of its own. */
export class Cluster {
  readonly dialer: Dialer;
  readonly #first: readonly Endpoint[];
  #brokers = new Map<number, Endpoint>();
  readonly #connections = new Map<string, { connection: Connection; expiresAt: number }>();
  readonly #queues = new Map<string, Promise<unknown>>();
  #closed = false;

  constructor(brokers: readonly Endpoint[], dialer: Dialer) {
    this.#first = brokers;
    this.dialer = dialer;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Where a broker is, by its number; null when metadata did not say so. */
  broker(id: number): Endpoint | null {
    return this.#brokers.get(id) ?? null;
  }

  /** Null: there is no such topic. Rejects with NoBroker or LoginRefused. */
  async topic(name: string): Promise<TopicMetadata | null> {
    const answer = await this.askAny(metadata, [name]);
    this.#brokers = new Map(answer.brokers.map(({ id, host, port }) => [id, { host, port }]));
    const [topic] = answer.topics;
    return topic === undefined || topic.error === errorCodes.UNKNOWN_TOPIC_OR_PARTITION ? null : topic;
  }

  /** Rejects with NoBroker or LoginRefused. Asks the brokers known, then those of the options, until one answers. */
  async askAny<Request, Response>(call: Call<Request, Response>, request: Request): Promise<Response> {
    const known = [...this.#brokers.values(), ...this.#first];
    const connected = (endpoint: Endpoint) => (this.#connections.has(keyOf(endpoint)) ? 0 : 1);
    const reasons = new Map<string, string>();
    for (const endpoint of known.sort((a, b) => connected(a) - connected(b))) {
      if (reasons.has(keyOf(endpoint))) continue;
      try {
        return await this.ask(endpoint, call, request);
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        reasons.set(keyOf(endpoint), error.message);
      }
    }
    throw new NoBroker([...reasons.values()].join('; '));
  }

  /** One question after the other. Rejects with ConnectionLost or LoginRefused. */
  ask<Request, Response>(endpoint: Endpoint, call: Call<Request, Response>, request: Request): Promise<Response> {
    const key = keyOf(endpoint);
    const before = this.#queues.get(key) ?? Promise.resolve();
    const answer = before.catch(() => undefined).then(() => this.#ask(endpoint, call, request));
    this.#queues.set(key, answer);
    return answer;
  }

  async #ask<Request, Response>(endpoint: Endpoint, call: Call<Request, Response>, request: Request): Promise<Response> {
    const key = keyOf(endpoint);
    if (this.#closed) throw new ConnectionLost('the source is closed');
    let known = this.#connections.get(key);
    if (known === undefined || known.connection.closed || known.expiresAt < Date.now()) {
      known?.connection.close();
      this.#connections.delete(key);
      known = await this.dialer.dial(endpoint, heapMemory, areaBytes, responseBytesMax);
      this.#connections.set(key, known);
      if (this.#closed) known.connection.close();
    }
    return known.connection.ask(call, request, answerMsMax);
  }

  close(): void {
    this.#closed = true;
    for (const { connection } of this.#connections.values()) connection.close();
    this.#connections.clear();
  }
}

function keyOf({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}
