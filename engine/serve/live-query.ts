import type { Engine, LiveRows } from '../run/runtime-status.ts';
import type { RowsMessage } from '../status/api-types.ts';
import { liveRowsMax } from './limits.ts';

/** Rows of one query for one stream: gathered between two messages, the newest kept, the rest counted. */
export class LiveQuery {
  readonly id: string;
  readonly #stop: () => void;
  #columns: RowsMessage['columns'] = [];
  #rows: (readonly unknown[])[] = [];
  #dropped = 0;

  constructor(engine: Pick<Engine, 'onRows'>, id: string) {
    this.id = id;
    this.#stop = engine.onRows(id, (rows) => this.#add(rows));
  }

  #add({ columns, rows, dropped }: LiveRows): void {
    this.#columns = columns.map(({ name, type }) => [name, type] as const);
    const all = [...this.#rows, ...rows];
    this.#rows = all.slice(-liveRowsMax);
    this.#dropped += dropped + all.length - this.#rows.length;
  }

  /** What came since the last call, oldest first; null: nothing. */
  take(now: number): RowsMessage | null {
    if (this.#rows.length === 0) return null;
    const message = { t: now, columns: this.#columns, up: this.#rows, del: [], dropped: this.#dropped };
    this.#rows = [];
    this.#dropped = 0;
    return message;
  }

  stop(): void {
    this.#stop();
  }
}
