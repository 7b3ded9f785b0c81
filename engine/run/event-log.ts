import type { EngineEvent } from './runtime-status.ts';

export const eventsMax = 1_000;

/** The newest events, and those who want to hear of them. */
export class EventLog {
  #events: EngineEvent[] = [];
  readonly #listeners = new Set<(event: EngineEvent) => void>();

  /** Lanes tell of things a little later than they happen: what is told is in the order of its times nevertheless. */
  add(told: EngineEvent): void {
    const event = { ...told, at: Math.max(told.at, this.#events.at(-1)?.at ?? told.at) };
    this.#events.push(event);
    if (this.#events.length > eventsMax) this.#events = this.#events.slice(-eventsMax);
    for (const listener of this.#listeners) listener(event);
  }

  all(): readonly EngineEvent[] {
    return this.#events;
  }

  listen(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
