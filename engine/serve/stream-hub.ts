import type { Engine, EngineEvent } from '../run/runtime-status.ts';
import type { ChangeEntry } from '../status/api-types.ts';
import type { Rows } from '../status/overview-tick.ts';
import type { StatusTracker } from '../status/status-tracker.ts';
import { EventStream } from './event-stream.ts';
import { fullTickMs, heartbeatMs, manyQueries, streamsMax, tickMs, waitingChangesMax } from './limits.ts';
import { LiveQuery } from './live-query.ts';
import { toJson } from './to-json.ts';

export interface Topics {
  readonly overview: boolean;
  readonly queries: readonly string[];
  /** The queries that the reader sees, when there are many. */
  readonly rows: Rows | undefined;
  /** The last event that the reader has had; changes since then are told again. */
  readonly after: number | null;
}

interface Reader {
  readonly stream: EventStream;
  readonly topics: Topics;
  readonly live: readonly LiveQuery[];
}

/** Everyone who listens: one look at the engine serves them all. */
export class StreamHub {
  readonly #engine: Engine;
  readonly #tracker: StatusTracker;
  readonly #readers = new Set<Reader>();
  readonly #forget: () => void;
  #id = 0;
  #tickedAt = Number.NEGATIVE_INFINITY;
  #fullAt = Number.NEGATIVE_INFINITY;
  #heartAt = performance.now();
  #skippedBefore = 0;
  #changes: { readonly id: number; readonly data: string }[] = [];

  constructor(engine: Engine, tracker: StatusTracker) {
    this.#engine = engine;
    this.#tracker = tracker;
    this.#forget = engine.onEvent((event) => this.#change(event));
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Messages that readers were too slow for. */
  get skipped(): number {
    return [...this.#readers].reduce((sum, reader) => sum + reader.stream.skipped, this.#skippedBefore);
  }

  /** Null: too many listen already. */
  open(topics: Topics): EventStream | null {
    if (this.#readers.size >= streamsMax) return null;
    const stream = new EventStream(() => this.#leave(reader));
    const reader: Reader = { stream, topics, live: topics.queries.map((id) => new LiveQuery(this.#engine, id)) };
    this.#readers.add(reader);
    if (topics.overview && topics.after !== null) {
      for (const { id, data } of this.#changes) if (id > topics.after) stream.tell('change', id, data);
    }
    this.#tick(reader, true, new Map());
    return stream;
  }

  /** After each sample of the tracker. */
  publish(): void {
    const now = performance.now();
    const beats = now - this.#heartAt >= heartbeatMs;
    if (beats) this.#heartAt = now;
    // Timers come a little early or late: a tick is due when the next sample would be too late for it.
    const ticks = now - this.#tickedAt >= tickMs - 50;
    if (ticks) this.#tickedAt = now;
    const full = ticks && (this.#engine.catalog.queries.length <= manyQueries || now - this.#fullAt >= fullTickMs);
    if (full) this.#fullAt = now;
    const made = new Map<string, string>();
    for (const reader of this.#readers) {
      if (beats) reader.stream.heartbeat();
      this.#rows(reader);
      if (ticks) this.#tick(reader, full, made);
    }
  }

  close(): void {
    this.#forget();
    for (const reader of this.#readers) reader.stream.close();
  }

  #tick({ stream, topics }: Reader, full: boolean, made: Map<string, string>): void {
    const id = ++this.#id;
    if (topics.overview) {
      const rows = full ? undefined : topics.rows;
      stream.set(
        'tick',
        'tick',
        id,
        once(made, `tick ${rows?.join() ?? ''}`, () => toJson(this.#tracker.tick(rows))),
      );
    }
    for (const query of topics.queries) {
      stream.set(
        `status ${query}`,
        'status',
        id,
        once(made, query, () => toJson(this.#tracker.queryTick(query))),
      );
    }
  }

  #rows({ stream, live }: Reader): void {
    for (const query of live) {
      const rows = query.take(this.#tracker.status.now);
      if (rows !== null) stream.set(`rows ${query.id}`, 'rows', ++this.#id, toJson(rows));
    }
  }

  #change({ at, ...event }: EngineEvent): void {
    const data = toJson({ t: at, ...event } satisfies ChangeEntry);
    const id = ++this.#id;
    this.#changes.push({ id, data });
    if (this.#changes.length > waitingChangesMax) this.#changes.shift();
    for (const { stream, topics } of this.#readers) if (topics.overview) stream.tell('change', id, data);
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    this.#skippedBefore += reader.stream.skipped;
    for (const query of reader.live) query.stop();
  }
}

function once(made: Map<string, string>, key: string, make: () => string): string {
  const before = made.get(key);
  if (before !== undefined) return before;
  const text = make();
  made.set(key, text);
  return text;
}
