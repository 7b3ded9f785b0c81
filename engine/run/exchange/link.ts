import type { MessagePort } from 'node:worker_threads';
import type { Frame } from './frame.ts';

/** One end of a connection between two lanes. Frames arrive in order; what is transferred is gone for the sender. */
export interface Link {
  post(frame: Frame, transfer: readonly ArrayBuffer[]): void;
  /** Frames that came before are given first. */
  listen(listener: (frame: Frame) => void): void;
  close(): void;
}

/** Between threads. */
export class PortLink implements Link {
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  post(frame: Frame, transfer: readonly ArrayBuffer[]): void {
    this.#port.postMessage(frame, [...transfer]);
  }

  listen(listener: (frame: Frame) => void): void {
    this.#port.on('message', listener);
  }

  close(): void {
    this.#port.close();
  }
}

/** On one thread: buffers change hands without a copy. */
export class LocalLink implements Link {
  #other: LocalLink | null = null;
  #listener: ((frame: Frame) => void) | null = null;
  #waiting: Frame[] = [];
  #closed = false;

  static pair(): readonly [LocalLink, LocalLink] {
    const [a, b] = [new LocalLink(), new LocalLink()];
    a.#other = b;
    b.#other = a;
    return [a, b];
  }

  post(frame: Frame): void {
    const other = this.#other as LocalLink;
    queueMicrotask(() => other.#deliver(frame));
  }

  #deliver(frame: Frame): void {
    if (this.#closed) return;
    if (this.#listener === null) this.#waiting.push(frame);
    else this.#listener(frame);
  }

  listen(listener: (frame: Frame) => void): void {
    this.#listener = listener;
    for (const frame of this.#waiting.splice(0)) listener(frame);
  }

  close(): void {
    this.#closed = true;
  }
}
