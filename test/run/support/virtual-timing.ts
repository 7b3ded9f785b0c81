import type { Timing } from '../../../engine/run/time/timing.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that goes on only when nothing else can happen. */
export class VirtualTiming implements Timing {
  #now: number;
  #timers: Timer[] = [];

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

  /** Lets time pass until `until` (ms), firing timers in order. */
  async runTo(until: number): Promise<void> {
    for (;;) {
      await settle();
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
      await settle();
      if (done) break;
      if (this.#now >= limit) throw new Error(`not settled after ${msMax} ms of virtual time`);
      const next = this.#timers.reduce((least, each) => Math.min(least, each.at), limit);
      await this.runTo(next);
    }
    return promise;
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}
