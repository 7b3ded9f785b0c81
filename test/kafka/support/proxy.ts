import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between clients and a broker that advertises its port: it can go away, and damage what comes by. */
export class BrokerProxy {
  readonly port: number;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #damage: { readonly mark: Buffer; times: number } | null = null;
  /** How often a byte was changed. */
  damaged = 0;

  constructor(port: number, target: number) {
    this.port = port;
    this.#target = target;
  }

  /** Takes connections, for the first time or again. */
  async open(): Promise<void> {
    const server = createServer((client) => this.#join(client));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
  }

  /** No connection is there any more, and none can be made. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }

  /** Of the next pieces that come from the broker and hold the mark, so many have its first byte changed. */
  damage(mark: string, times: number): void {
    this.#damage = { mark: Buffer.from(mark), times };
  }

  #join(client: Socket): void {
    const broker = connect(this.#target, '127.0.0.1');
    for (const [from, to] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (piece: Buffer) => {
        if (from === broker) this.#pass(piece);
        if (!to.write(piece)) from.pause();
      });
      to.on('drain', () => from.resume());
      from.on('error', () => undefined);
      from.once('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }

  #pass(piece: Buffer): void {
    if (this.#damage === null || this.#damage.times === 0) return;
    const at = piece.indexOf(this.#damage.mark);
    if (at < 0) return;
    piece[at] = (piece[at] as number) ^ 1;
    this.#damage.times--;
    this.damaged++;
  }
}
