import type { Timing } from './time/timing.ts';

/** A source that has not told its first event time after this (ms) does not hold back the others. */
const anchorWaitMsMax = 2_000;
/** Sources that begin within this event time (ms) of each other are replayed side by side. */
const sideBySideMsMax = 24 * 3_600_000;

/**
 * Gives paced sources a common beginning: the earliest first event time of those that begin about the same time falls on now. Sources
 * of different eras (two recordings, years apart) each begin now.
 */
export class PaceAnchors {
  readonly #timing: Timing;
  readonly #anchor: (source: string, eventMs: number, wallMs: number) => void;
  /** How many lanes of each source have not told of theirs. */
  readonly #missing = new Map<string, number>();
  readonly #first = new Map<string, number>();
  readonly #anchors: { readonly eventMs: number; readonly wallMs: number }[] = [];
  #waiting: (() => void) | null = null;
  #settled = false;

  constructor(timing: Timing, anchor: (source: string, eventMs: number, wallMs: number) => void) {
    this.#timing = timing;
    this.#anchor = anchor;
  }

  /** Once for each lane that reads the source. */
  expect(sources: Iterable<string>): void {
    for (const source of sources) this.#missing.set(source, (this.#missing.get(source) ?? 0) + 1);
  }

  report(source: string, eventMs: number | null): void {
    const missing = (this.#missing.get(source) ?? 0) - 1;
    if (missing > 0) this.#missing.set(source, missing);
    else this.#missing.delete(source);
    if (eventMs !== null && this.#settled) this.#place(source, eventMs);
    else if (eventMs !== null) this.#first.set(source, Math.min(eventMs, this.#first.get(source) ?? eventMs));
    if (this.#settled || this.#first.size === 0) return;
    if (this.#missing.size === 0) this.#settle();
    else this.#waiting ??= this.#timing.after(anchorWaitMsMax, () => this.#settle());
  }

  close(): void {
    this.#waiting?.();
  }

  #settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#waiting?.();
    for (const [source, eventMs] of [...this.#first].sort((a, b) => a[1] - b[1])) this.#place(source, eventMs);
  }

  #place(source: string, eventMs: number): void {
    let anchor = this.#anchors.find((each) => Math.abs(eventMs - each.eventMs) <= sideBySideMsMax);
    if (anchor === undefined) {
      anchor = { eventMs, wallMs: this.#timing.now() };
      this.#anchors.push(anchor);
    }
    this.#anchor(source, anchor.eventMs, anchor.wallMs);
  }
}
