import type { Engine, LiveRows } from '../run/runtime-status.ts';
import type { RowsMessage } from '../status/api-types.ts';
import { liveRowsMax } from './limits.ts';

/** Rows of one query for one stream: gathered between two messages, the newest kept, the rest counted. */
export class LiveQuery {
  readonly id: string;
  readonly #stop: () => void;
  #columns: RowsMessage['columns'] = [];
  #rows: (readonly unknown[])[] = [];
  #removed: (readonly unknown[])[] = [];
  #dropped = 0;

  constructor(engine: Pick<Engine, 'onRows'>, id: string) {
    this.id = id;
    this.#stop = engine.onRows(id, (rows) => this.#add(rows));
  }

  #add({ columns, rows, removed = [], dropped }: LiveRows): void {
    this.#columns = columns.map(({ name, type }) => [name, type] as const);
    for (const row of removed) this.#remove(row);
    const all = [...this.#rows, ...rows];
    this.#rows = all.slice(-liveRowsMax);
    this.#dropped += dropped + all.length - this.#rows.length;
  }

  /** A row that the reader has not had yet only goes; of those that it may have the newest are told. */
  #remove(row: readonly unknown[]): void {
    const text = JSON.stringify(row);
    const index = this.#rows.findLastIndex((each) => JSON.stringify(each) === text);
    if (index >= 0) this.#rows.splice(index, 1);
    else this.#removed.push(row);
    if (this.#removed.length > liveRowsMax) this.#removed.shift();
  }

  /** What came since the last call, oldest first; null: nothing. */
  take(now: number): RowsMessage | null {
    if (this.#rows.length === 0 && this.#removed.length === 0) return null;
    const message = { t: now, columns: this.#columns, up: this.#rows, del: this.#removed, dropped: this.#dropped };
    this.#rows = [];
    this.#removed = [];
    this.#dropped = 0;
    return message;
  }

  stop(): void {
    this.#stop();
  }
}
