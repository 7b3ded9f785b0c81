import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../network/cluster.ts';
import { NoBroker } from '../network/cluster.ts';
import { ConnectionLost, type Endpoint } from '../network/connection.ts';
import type { Call } from '../wire/call.ts';
import { errorCodes, errorName, isRetriable } from '../wire/error-code.ts';
import { type CoordinatorKind, findCoordinator } from '../wire/find-coordinator.ts';
import { OutcomeUnknown, RequestRefused } from './producer-error.ts';

const backoffMsMin = 20;
const backoffMsMax = 1_000;
const moved: ReadonlySet<number> = new Set([errorCodes.NOT_COORDINATOR, errorCodes.COORDINATOR_NOT_AVAILABLE]);

/** The broker that looks after one transactional id or group; looked for again when it has moved. */
export class CoordinatorLink {
  readonly #cluster: Cluster;
  readonly #kind: CoordinatorKind;
  readonly #key: string;
  readonly #msMax: number;
  #endpoint: Endpoint | null = null;

  constructor(cluster: Cluster, kind: CoordinatorKind, key: string, msMax: number) {
    this.#cluster = cluster;
    this.#kind = kind;
    this.#key = key;
    this.#msMax = msMax;
  }

  /**
   * Asks until the answer's error, as `errorOf` gives it, is not one that goes away. Rejects with OutcomeUnknown when that takes too long,
   * with RequestRefused when nobody may know of the key.
   */
  async ask<Request, Response>(
    call: Call<Request, Response>,
    request: Request,
    errorOf: (response: Response) => number,
  ): Promise<Response> {
    const until = Date.now() + this.#msMax;
    for (let backoffMs = backoffMsMin; ; backoffMs = Math.min(backoffMs * 2, backoffMsMax)) {
      let reason: string;
      try {
        this.#endpoint ??= await this.#find();
        const response = await this.#cluster.ask(this.#endpoint, call, request);
        const error = errorOf(response);
        if (!isRetriable(error)) return response;
        reason = errorName(error);
        if (moved.has(error)) this.#endpoint = null;
      } catch (error) {
        if (!(error instanceof ConnectionLost || error instanceof NoBroker)) throw error;
        this.#endpoint = null;
        reason = error.message;
      }
      if (Date.now() >= until || this.#cluster.closed)
        throw new OutcomeUnknown(`${call.name} for ${this.#key} was not done in ${this.#msMax / 1000} s: ${reason}`);
      await delay(backoffMs);
    }
  }

  async #find(): Promise<Endpoint> {
    const found = await this.#cluster.askAny(findCoordinator, { kind: this.#kind, key: this.#key });
    const error = found?.error ?? errorCodes.COORDINATOR_NOT_AVAILABLE;
    if (isRetriable(error)) throw new NoBroker(`${this.#kind} ${this.#key} has no coordinator yet: ${errorName(error)}`);
    if (error !== 0) throw new RequestRefused(error, `${this.#kind} ${this.#key}`);
    const { host, port } = found as Endpoint;
    return { host, port };
  }
}
