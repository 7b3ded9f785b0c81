import type { EngineEvent } from './runtime-status.ts';

export const eventsMax = 1_000;

/** The newest events, and those who want to hear of them. */
export class EventLog {
  #events: EngineEvent[] = [];
  readonly #listeners = new Set<(event: EngineEvent) => void>();

  add(event: EngineEvent): void {
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
