import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { type Login, LoginRefused, logIn } from '../security/log-in.ts';
import { apiVersions } from '../wire/api-versions.ts';
import { errorName } from '../wire/error-code.ts';
import { Connection, ConnectionLost, type Endpoint } from './connection.ts';
import type { ReceiveMemory } from './receive-memory.ts';

const answerMsMax = 30_000;
/** Of a session's lifetime that is used before another connection is made. */
const lifetimeShare = 0.8;

export interface DialerOptions {
  readonly clientId: string;
  readonly tls: TlsOptions | null;
  /** Asked anew for each connection. */
  readonly login: () => Login | null;
}

export interface Dialled {
  readonly connection: Connection;
  /** Newest version of each API that the broker knows. */
  readonly newest: ReadonlyMap<number, number>;
  /** Milliseconds since 1970: then the broker ends the session. */
  readonly expiresAt: number;
}

/** Makes connections that are ready for use: secured and logged in. */
export class Dialer {
  readonly #options: DialerOptions;

  constructor(options: DialerOptions) {
    this.#options = options;
  }

  /** Rejects with ConnectionLost, or LoginRefused when another try would not help. */
  async dial(endpoint: Endpoint, memory: ReceiveMemory, areaBytes: number, responseBytesMax: number): Promise<Dialled> {
    const { clientId, tls } = this.#options;
    const connection = await Connection.open(endpoint, { clientId, tls, memory, areaBytes, responseBytesMax });
    try {
      const versions = await this.#versions(connection);
      const login = this.#options.login();
      const lifetimeMs = login === null ? 0 : await this.#logIn(connection, login);
      return {
        connection,
        newest: versions,
        expiresAt: lifetimeMs > 0 ? Date.now() + lifetimeMs * lifetimeShare : Number.POSITIVE_INFINITY,
      };
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #versions(connection: Connection): Promise<ReadonlyMap<number, number>> {
    const { tls } = this.#options;
    try {
      const { error, newest } = await connection.ask(apiVersions, null, answerMsMax);
      if (error !== 0) throw new ConnectionLost(`${connection.endpoint.host}:${connection.endpoint.port} answers ${errorName(error)}`);
      return newest;
    } catch (error) {
      if (!(error instanceof ConnectionLost) || tls !== null) throw error;
      throw new ConnectionLost(`${error.message}; does it want TLS or a login?`);
    }
  }

  async #logIn(connection: Connection, login: Login): Promise<number> {
    try {
      return await logIn(connection, login);
    } catch (error) {
      // A broker may close the connection instead of giving a reason.
      if (!(error instanceof ConnectionLost) || !error.message.includes('closed')) throw error;
      throw new LoginRefused(`${error.message} while we logged in`);
    }
  }
}
