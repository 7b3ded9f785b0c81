import { connect as connectPlain, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls';
import { type Call, frameOf } from '../wire/call.ts';
import { Reader } from '../wire/reader.ts';
import type { ReceiveMemory } from './receive-memory.ts';

const connectMsMax = 10_000;
/** A first word beyond this is no length: an alert of TLS, or text. */
const plausibleBytesMax = 0x10000000;

/** The connection is gone or gives no answer: another try may help. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** A response is larger than the memory for it: another try would not help. */
export class ResponseTooLarge extends Error {
  override readonly name = 'ResponseTooLarge';
}

/** A response where it was received. */
export interface Frame<Response> {
  readonly response: Response;
  /** The response's body; what `response` says of places counts from here. */
  readonly body: Uint8Array;
  release(): void;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface ConnectionOptions {
  readonly clientId: string;
  /** Null: without TLS. */
  readonly tls: TlsOptions | null;
  readonly memory: ReceiveMemory;
  /** Usual size of a response; a larger one takes an area of its own. */
  readonly areaBytes: number;
  readonly responseBytesMax: number;
}

interface Pending {
  readonly name: string;
  readonly correlation: number;
  readonly bodyAt: number;
  resolve(frame: { area: Uint8Array; body: Uint8Array }): void;
  reject(error: Error): void;
}

/** A socket to one broker: one request at a time, whose response is read straight into memory that the caller chose. */
export class Connection {
  readonly endpoint: Endpoint;
  readonly #options: ConnectionOptions;
  #socket: Socket | null = null;
  #area: Uint8Array;
  #have = 0;
  #bytes = -1;
  #pending: Pending | null = null;
  #correlation = 0;
  #fault: Error | null = null;

  private constructor(endpoint: Endpoint, options: ConnectionOptions) {
    this.endpoint = endpoint;
    this.#options = options;
    this.#area = options.memory.take(options.areaBytes);
  }

  /** Rejects with ConnectionLost. */
  static async open(endpoint: Endpoint, options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(endpoint, options);
    try {
      await connection.#connect();
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  get closed(): boolean {
    return this.#fault !== null;
  }

  #connect(): Promise<void> {
    const { host, port } = this.endpoint;
    const { tls } = this.#options;
    const onread: OnReadOpts = {
      buffer: () => this.#area.subarray(this.#have, this.#bytes < 0 ? this.#area.length : this.#bytes),
      callback: (bytes) => {
        this.#received(bytes);
        return true;
      },
    };
    return new Promise((resolve, reject) => {
      // Node hands `onread` on to the socket below TLS, though its types do not say so.
      const secure = { host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...tls, onread } as TlsOptions;
      const socket = tls === null ? connectPlain({ host, port, onread }) : connectTls(secure);
      this.#socket = socket;
      socket.setNoDelay(true);
      const timer = setTimeout(() => this.#fail(this.#lost(`gives no answer after ${connectMsMax / 1000} s`)), connectMsMax);
      socket.once(tls === null ? 'connect' : 'secureConnect', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.on('error', (error: NodeJS.ErrnoException) => this.#fail(this.#lost(reasonOf(error))));
      socket.on('close', () => {
        clearTimeout(timer);
        this.#fail(this.#lost('closed the connection'));
        reject(this.#fault);
      });
    });
  }

  /** The answer, read; nothing of it stays in memory. */
  async ask<Request, Response>(call: Call<Request, Response>, request: Request, msMax: number): Promise<Response> {
    const frame = await this.exchange(call, request, msMax);
    frame.release();
    return frame.response;
  }

  /** Rejects with ConnectionLost when the connection breaks or no answer has come after `msMax`. */
  async exchange<Request, Response>(call: Call<Request, Response>, request: Request, msMax: number): Promise<Frame<Response>> {
    if (this.#pending !== null) throw new Error(`${this.#pending.name} has no answer yet`);
    const correlation = ++this.#correlation & 0x7fffffff;
    const { memory } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const { area, body } = await new Promise<{ area: Uint8Array; body: Uint8Array }>((resolve, reject) => {
      if (this.#fault !== null) throw this.#fault;
      const bodyAt = 8 + (call.flexible ? 1 : 0);
      this.#pending = { name: call.name, correlation, bodyAt, resolve, reject };
      timer = setTimeout(() => this.#fail(this.#lost(`gave no answer to ${call.name} in ${msMax / 1000} s`)), msMax);
      this.#socket?.write(frameOf(call, correlation, this.#options.clientId, request));
    }).finally(() => clearTimeout(timer));
    let held = true;
    const release = () => {
      if (held) memory.give(area);
      held = false;
    };
    try {
      return { response: call.read(new Reader(body)), body, release };
    } catch (error) {
      release();
      throw this.#fail(this.#lost(`answered ${call.name} with what cannot be read (${(error as Error).message})`));
    }
  }

  close(): void {
    this.#fail(this.#lost('was left'));
  }

  #received(bytes: number): void {
    this.#have += bytes;
    if (this.#bytes < 0) {
      if (this.#have < 4) return;
      const size = new DataView(this.#area.buffer, this.#area.byteOffset).getInt32(0);
      if (size < 4 || size > this.#options.responseBytesMax) {
        this.#fail(this.#unfit(size));
        return;
      }
      this.#bytes = size + 4;
      if (this.#bytes > this.#area.length) this.#enlarge();
    }
    if (this.#have >= this.#bytes) this.#complete();
  }

  #unfit(size: number): Error {
    const { host, port } = this.endpoint;
    if (size < 4 || size > plausibleBytesMax) return this.#lost('sent what is no response: it may speak TLS or no Kafka at all');
    return new ResponseTooLarge(`${host}:${port} sent a response of ${size} bytes, more than there is room for`);
  }

  #enlarge(): void {
    const { memory } = this.#options;
    try {
      const larger = memory.take(this.#bytes);
      larger.set(this.#area.subarray(0, this.#have));
      memory.give(this.#area);
      this.#area = larger;
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #complete(): void {
    const { memory, areaBytes } = this.#options;
    const area = this.#area;
    const body = area.subarray(0, this.#bytes);
    const pending = this.#pending;
    this.#pending = null;
    this.#have = 0;
    this.#bytes = -1;
    const correlation = new DataView(area.buffer, area.byteOffset).getInt32(4);
    if (pending === null || correlation !== pending.correlation) {
      this.#fail(this.#lost('answered what nobody asked'));
      return;
    }
    try {
      this.#area = memory.take(areaBytes);
    } catch (error) {
      // Whoever asked gets the error, and nobody gives the area back twice.
      this.#pending = pending;
      this.#fail(error as Error);
      return;
    }
    pending.resolve({ area, body: body.subarray(pending.bodyAt) });
  }

  #lost(what: string): ConnectionLost {
    return new ConnectionLost(`${this.endpoint.host}:${this.endpoint.port} ${what}`);
  }

  #fail(error: Error): Error {
    if (this.#fault !== null) return this.#fault;
    this.#fault = error;
    this.#socket?.destroy();
    this.#options.memory.give(this.#area);
    this.#pending?.reject(error);
    this.#pending = null;
    return error;
  }
}

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'takes no connections';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'is a name that nobody knows';
    case 'ECONNRESET':
      return error.message.includes('TLS') ? 'broke off before TLS was established' : 'broke the connection';
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
      return 'cannot be reached';
    default:
      return `failed: ${error.message}`;
  }
}
