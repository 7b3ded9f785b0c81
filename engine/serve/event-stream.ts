import { waitingChangesMax } from './limits.ts';

const encoder = new TextEncoder();

/**
 * Server-sent events to one reader. A message of a `slot` replaces the one of the same slot that the reader has not taken yet, so a slow
 * reader gets the newest and holds no memory; what is `told` waits in order, up to a limit.
 */
export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #slots = new Map<string, string>();
  #told: string[] = [];
  #wake: (() => void) | null = null;
  #closed = false;
  /** Messages that were replaced before they were sent. */
  skipped = 0;
  readonly #onClose: () => void;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => controller.enqueue(encoder.encode('retry: 1000\n\n')),
        pull: (controller) => this.#pull(controller),
        cancel: () => this.close(),
      },
      { highWaterMark: 1 },
    );
  }

  /** The newest of its kind. */
  set(slot: string, event: string, id: number, data: string): void {
    if (this.#closed) return;
    if (this.#slots.delete(slot)) this.skipped += 1;
    this.#slots.set(slot, message(event, id, data));
    this.#wake?.();
  }

  /** Each of them is sent, unless too many wait: then the oldest go. */
  tell(event: string, id: number, data: string): void {
    if (this.#closed) return;
    this.#told.push(message(event, id, data));
    if (this.#told.length > waitingChangesMax) {
      this.#told.shift();
      this.skipped += 1;
    }
    this.#wake?.();
  }

  heartbeat(): void {
    if (this.#closed) return;
    this.#slots.set('heartbeat', ': still here\n\n');
    this.#wake?.();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#slots.clear();
    this.#told = [];
    this.#wake?.();
    this.#onClose();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    while (this.#slots.size === 0 && this.#told.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    if (this.#closed) {
      // A reader that has left has closed it already.
      try {
        controller.close();
      } catch {}
      return;
    }
    const text = [...this.#told, ...this.#slots.values()].join('');
    this.#told = [];
    this.#slots.clear();
    controller.enqueue(encoder.encode(text));
  }
}

function message(event: string, id: number, data: string): string {
  return `event: ${event}\nid: ${id}\ndata: ${data}\n\n`;
}
