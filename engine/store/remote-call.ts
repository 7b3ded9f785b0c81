import type { MessagePort } from 'node:worker_threads';
import { errorFromWire, type StoreReply, type StoreRequest } from './message.ts';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A worker, or a port to one. */
interface Target {
  postMessage(value: unknown, transfer: (ArrayBuffer | MessagePort)[]): void;
  on(event: 'message', listener: (value: StoreReply) => void): unknown;
}

/** Calls over a port to the store's thread. Once it has failed, every call fails with the same error. */
export class RemoteCalls {
  readonly #target: Target;
  readonly #waiting = new Map<number, Waiting>();
  #failure: Error | undefined;
  #lastId = 0;

  constructor(target: Target) {
    this.#target = target;
    target.on('message', (reply: StoreReply) => this.#settle(reply));
  }

  call<Result>(
    method: string,
    argument: unknown,
    transfer: readonly (ArrayBuffer | MessagePort)[] = [],
    signal?: AbortSignal,
  ): Promise<Result> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    const id = ++this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    try {
      this.#target.postMessage({ id, method, argument } satisfies StoreRequest, [...transfer]);
    } catch (error) {
      this.#waiting.delete(id);
      return Promise.reject(error as Error);
    }
    if (signal === undefined) return answer as Promise<Result>;
    const cancel = () => this.#target.postMessage({ id, method: 'cancel', argument: null } satisfies StoreRequest, []);
    signal.addEventListener('abort', cancel, { once: true });
    return answer.finally(() => signal.removeEventListener('abort', cancel)) as Promise<Result>;
  }

  fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#failure);
    this.#waiting.clear();
  }

  #settle(reply: StoreReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.id);
    if (reply.error !== undefined) waiting.reject(errorFromWire(reply.error));
    else waiting.resolve(reply.result);
  }
}
