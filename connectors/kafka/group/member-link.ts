import type { Cluster } from '../network/cluster.ts';
import type { Connection } from '../network/connection.ts';
import { heapMemory } from '../network/receive-memory.ts';
import type { Call } from '../wire/call.ts';
import { errorCodes } from '../wire/error-code.ts';
import { findCoordinator } from '../wire/find-coordinator.ts';
import { GroupFault } from './group-fault.ts';

const areaBytes = 16_384;
const responseBytesMax = 16 << 20;

/** The broker does not know the request: another try would not help. */
export class NotOffered extends Error {
  override readonly name = 'NotOffered';
}

/** A connection of its own to the broker that looks after a group: joining waits for others, and nobody else shall wait for that. */
export class MemberLink {
  readonly #cluster: Cluster;
  readonly #group: string;
  #connection: Connection | null = null;
  #newest: ReadonlyMap<number, number> = new Map();
  #expiresAt = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(cluster: Cluster, group: string) {
    this.#cluster = cluster;
    this.#group = group;
  }

  /** Rejects with ConnectionLost, NoBroker, LoginRefused, NotOffered or GroupFault. */
  ask<Request, Response>(call: Call<Request, Response>, request: Request, msMax: number): Promise<Response> {
    const answer = this.#queue.catch(() => undefined).then(async () => (await this.#connected(call)).ask(call, request, msMax));
    this.#queue = answer;
    return answer;
  }

  async #connected({ name, key, version }: Call<never, unknown>): Promise<Connection> {
    const connection = await this.#dialled();
    if ((this.#newest.get(key) ?? -1) >= version) return connection;
    const { host, port } = connection.endpoint;
    throw new NotOffered(`${host}:${port} does not know version ${version} of ${name}`);
  }

  async #dialled(): Promise<Connection> {
    if (this.#connection !== null && !this.#connection.closed && this.#expiresAt > Date.now()) return this.#connection;
    this.reset();
    const found = await this.#cluster.askAny(findCoordinator, { kind: 'group', key: this.#group });
    if (found === null || found.error !== 0) throw new GroupFault(found?.error ?? errorCodes.COORDINATOR_NOT_AVAILABLE);
    const { host, port } = found;
    const { connection, newest, expiresAt } = await this.#cluster.dialer.dial({ host, port }, heapMemory, areaBytes, responseBytesMax);
    this.#connection = connection;
    this.#newest = newest;
    this.#expiresAt = expiresAt;
    return connection;
  }

  /** Ends what waits for an answer; the next question finds the broker anew. */
  reset(): void {
    this.#connection?.close();
    this.#connection = null;
  }
}
