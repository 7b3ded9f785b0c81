import type { EngineEvent } from '../runtime-status.ts';

/** A lane that could take no rows for this long (ms), because the store is behind, says so. */
const standstillMs = 10_000;

/** Tells when a lane has waited for the store for long. */
export class Standstill {
  readonly #lane: number;
  readonly #tell: (event: Omit<EngineEvent, 'at'>) => void;
  #since: number | null = null;

  constructor(lane: number, tell: (event: Omit<EngineEvent, 'at'>) => void) {
    this.#lane = lane;
    this.#tell = tell;
  }

  look(blocked: boolean, now: number): void {
    if (!blocked) this.#since = null;
    else this.#since ??= now;
    if (this.#since === null || now - this.#since < standstillMs) return;
    this.#since = now;
    const text = `the store is slower than the input: sources of lane ${this.#lane} have waited ${standstillMs / 1000} s for a commit`;
    this.#tell({ level: 'warning', kind: 'limit', subject: null, text });
  }
}
