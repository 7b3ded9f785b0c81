import { type Connection, ConnectionLost, type Endpoint } from '../network/connection.ts';
import type { Dialer } from '../network/dialer.ts';
import type { ReceiveMemory } from '../network/receive-memory.ts';
import { fetchCall, fetchKey, type FetchRequest, fetchVersionMax, fetchVersionMin, type FetchResponse } from '../wire/fetch.ts';
import type { Frame } from '../network/connection.ts';
import type { Partition } from './partition.ts';

const answerMsMax = 30_000;
/** What a response has besides records. */
const responseExtraBytes = 65_536;
const backoffMsMin = 100;
const backoffMsMax = 2_000;
/** Responses held while rows of them are read: the next one is received meanwhile. */
const framesHeldMax = 1;

export interface FetchLoopHost {
  /** Partitions that this broker leads and that it is time to ask for. */
  due(broker: number): readonly Partition[];
  request(partitions: readonly Partition[], bytesMax: number): FetchRequest;
  /** Takes the response over: it is released when all of it has been read. */
  accept(broker: number, frame: Frame<FetchResponse>, asked: readonly Partition[]): void;
  /** The broker could not be asked. */
  broken(broker: number, error: ConnectionLost): void;
  /** Nothing helps: reading stops. */
  fail(error: Error): void;
}

export interface FetchLoopOptions {
  readonly dialer: Dialer;
  readonly memory: ReceiveMemory;
  /** Of records that one response may hold. */
  readonly fetchBytesMax: number;
  readonly responseBytesMax: number;
  readonly waitMsMax: number;
}

/** Asks one broker for records, one request after the other. */
export class FetchLoop {
  readonly broker: number;
  readonly #endpoint: Endpoint;
  readonly #host: FetchLoopHost;
  readonly #options: FetchLoopOptions;
  #connection: Connection | null = null;
  #version = 0;
  #expiresAt = Number.POSITIVE_INFINITY;
  #held = 0;
  #failures = 0;
  #waitsUntil = 0;
  #stopped = false;
  #signal: (() => void) | null = null;
  readonly finished: Promise<void>;

  constructor(broker: number, endpoint: Endpoint, host: FetchLoopHost, options: FetchLoopOptions) {
    this.broker = broker;
    this.#endpoint = endpoint;
    this.#host = host;
    this.#options = options;
    this.finished = this.#run();
  }

  get endpoint(): Endpoint {
    return this.#endpoint;
  }

  /** There may be something to do. */
  wake(): void {
    this.#signal?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#connection?.close();
    this.wake();
  }

  async #run(): Promise<void> {
    // The caller goes on first.
    await null;
    while (!this.#stopped) {
      const now = Date.now();
      const due = this.#held > framesHeldMax || now < this.#waitsUntil ? [] : this.#host.due(this.broker);
      if (due.length === 0) await this.#rest(now < this.#waitsUntil ? this.#waitsUntil - now : backoffMsMin);
      else await this.#fetch(due);
    }
    this.#connection?.close();
  }

  async #fetch(asked: readonly Partition[]): Promise<void> {
    for (const partition of asked) partition.asked = true;
    try {
      const connection = await this.#connected();
      const request = this.#host.request(asked, this.#options.fetchBytesMax);
      const frame = await connection.exchange(fetchCall(this.#version), request, this.#options.waitMsMax + answerMsMax);
      this.#failures = 0;
      if (frame.response.throttleMs > 0) this.#waitsUntil = Date.now() + frame.response.throttleMs;
      this.#take(frame, asked);
    } catch (error) {
      if (this.#stopped) return;
      if (!(error instanceof ConnectionLost)) {
        this.#host.fail(error as Error);
        this.#stopped = true;
        return;
      }
      this.#connection?.close();
      this.#connection = null;
      this.#waitsUntil = Date.now() + Math.min(backoffMsMax, backoffMsMin * 2 ** this.#failures++);
      for (const partition of asked) partition.asked = false;
      this.#host.broken(this.broker, error);
    }
  }

  #take(frame: Frame<FetchResponse>, asked: readonly Partition[]): void {
    this.#held++;
    const release = () => {
      frame.release();
      this.#held--;
      this.wake();
    };
    for (const partition of asked) partition.asked = false;
    this.#host.accept(this.broker, { ...frame, release }, asked);
  }

  async #connected(): Promise<Connection> {
    if (this.#connection !== null && !this.#connection.closed && Date.now() < this.#expiresAt) return this.#connection;
    this.#connection?.close();
    const { dialer, memory, fetchBytesMax, responseBytesMax } = this.#options;
    const areaBytes = fetchBytesMax + responseExtraBytes;
    const { connection, newest, expiresAt } = await dialer.dial(this.#endpoint, memory, areaBytes, responseBytesMax);
    if (this.#stopped) connection.close();
    const version = newest.get(fetchKey) ?? 0;
    if (version < fetchVersionMin) {
      connection.close();
      const { host, port } = this.#endpoint;
      throw new Error(`the broker ${host}:${port} is too old: Kafka 3.1 or newer is needed`);
    }
    this.#version = Math.min(version, fetchVersionMax);
    this.#expiresAt = expiresAt;
    this.#connection = connection;
    return connection;
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#signal = null;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#signal = done;
    });
  }
}
