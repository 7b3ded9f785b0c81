import type { Timing } from '../run/time/timing.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Turns of the event loop after which whatever could happen without time passing has happened. */
const turnsToSettle = 4;

/** Time that goes on only when nothing else can happen. */
export class VirtualTiming implements Timing {
  #now: number;
  #timers: Timer[] = [];
  #outside = 0;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  breathe(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Time stands still while the machine works on this. */
  async waitFor<T>(work: Promise<T>): Promise<T> {
    this.#outside++;
    try {
      return await work;
    } finally {
      this.#outside--;
    }
  }

  /** Lets time pass until `until` (ms), firing timers in order. */
  async runTo(until: number): Promise<void> {
    for (;;) {
      await this.#settle();
      const next = this.#timers.reduce<Timer | null>((first, each) => (first === null || each.at < first.at ? each : first), null);
      if (next === null || next.at > until) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = Math.max(this.#now, until);
  }

  /** Lets time pass until the promise is settled; fails after `msMax` of virtual time. */
  async runUntil<T>(promise: Promise<T>, msMax = 3_600_000): Promise<T> {
    let done = false;
    const finish = () => {
      done = true;
    };
    promise.then(finish, finish);
    const limit = this.#now + msMax;
    while (!done) {
      await this.#settle();
      if (done) break;
      if (this.#now >= limit) throw new Error(`not settled after ${msMax} ms of virtual time`);
      const next = this.#timers.reduce((least, each) => Math.min(least, each.at), limit);
      await this.runTo(next);
    }
    return promise;
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < turnsToSettle || this.#outside > 0; turn++) await this.breathe();
  }
}
