import { setImmediate } from 'node:timers';
import type { Clock } from '../../../connectors/connector.ts';

/** Time as a lane sees it, so that a whole run can happen in virtual time. */
export interface Timing extends Clock {
  /** Calls back once after `ms`; the function given cancels. */
  after(ms: number, callback: () => void): () => void;
  /** Lets messages and I/O in. */
  breathe(): Promise<void>;
}

export const systemTiming: Timing = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.max(0, ms));
    return () => clearTimeout(timer);
  },
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
};

/** A sleeper that others can wake. A signal given while nobody sleeps ends the next sleep at once. */
export class Wake {
  readonly #timing: Timing;
  #resolve: (() => void) | null = null;
  #signalled = false;

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  signal(): void {
    this.#signalled = true;
    this.#resolve?.();
  }

  async sleep(ms: number): Promise<void> {
    if (!this.#signalled && ms > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#timing.after(ms, resolve);
        this.#resolve = () => {
          cancel();
          resolve();
        };
      });
      this.#resolve = null;
    }
    this.#signalled = false;
  }
}
