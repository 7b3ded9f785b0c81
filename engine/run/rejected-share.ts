interface Mark {
  readonly now: number;
  readonly rows: number;
  readonly rejected: number;
}

/** A window is divided into so many steps. */
const stepsPerWindow = 20;

/** Which share of a source's rows was rejected in the last `windowMs`, from counters that only grow. */
export class RejectedShare {
  readonly #windowMs: number;
  #marks: Mark[] = [];
  #latest: Mark | null = null;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  add(now: number, rows: number, rejected: number): void {
    const mark = { now, rows, rejected };
    const newest = this.#marks.at(-1);
    // Counters that start again, as a test of a restart may have them.
    if (newest !== undefined && (rows < newest.rows || rejected < newest.rejected)) this.#marks = [];
    this.#latest = mark;
    if (this.#marks.length === 0 || now - (this.#marks.at(-1) as Mark).now >= this.#windowMs / stepsPerWindow) this.#marks.push(mark);
    const from = now - this.#windowMs;
    // The one at or before the beginning of the window stays: counts are differences to it.
    while (this.#marks.length > 1 && (this.#marks[1] as Mark).now <= from) this.#marks.shift();
  }

  /** Rows rejected in the window. */
  get rejected(): number {
    return this.#since((mark) => mark.rejected);
  }

  /** Null: there was no row. */
  get ratio(): number | null {
    const all = this.rejected + this.#since((mark) => mark.rows);
    return all === 0 ? null : this.rejected / all;
  }

  #since(of: (mark: Mark) => number): number {
    const base = this.#marks[0];
    return base === undefined || this.#latest === null ? 0 : of(this.#latest) - of(base);
  }
}
