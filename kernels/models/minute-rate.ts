/** Minutes that the usual rate remembers, and empty ones after which it is as good as 0. */
const usualMinutes = 60;
const silentMinutesMax = 600;
/** A burst is more than so many deviations above the usual rate. */
const burstDeviations = 5;
const minuteMicros = 60_000_000n;

/** Rows a minute, what is usual of late, and when a minute has many more: a burst. */
export class MinuteRate {
  readonly #least: number;
  #minute: bigint;
  #rows = 0;
  #minutes = 0;
  #usual = 0;
  #variance = 0;
  #bursting = false;

  /** `least`: rows in a minute that can be a burst. */
  constructor(micros: bigint, least: number) {
    this.#minute = micros / minuteMicros;
    this.#least = least;
  }

  /** Rows a minute. */
  get usual(): number {
    return this.#usual;
  }

  /** Whether a burst begins with this row: at most once until a minute is no burst any more. */
  step(micros: bigint): boolean {
    this.#close(micros / minuteMicros);
    this.#rows++;
    const begins = !this.#bursting && this.#minutes > 0 && this.#rows >= this.#burstFrom();
    if (begins) this.#bursting = true;
    return begins;
  }

  #burstFrom(): number {
    return Math.max(this.#least, this.#usual + burstDeviations * Math.sqrt(Math.max(this.#variance, this.#usual, 1)));
  }

  #close(minute: bigint): void {
    if (minute <= this.#minute) return;
    const from = this.#burstFrom();
    this.#learn(this.#bursting ? Math.min(this.#rows, from) : this.#rows);
    const silent = minute - this.#minute - 1n;
    if (this.#rows < from || silent > 0n) this.#bursting = false;
    for (let k = silent < silentMinutesMax ? Number(silent) : silentMinutesMax; k > 0; k--) this.#learn(0);
    this.#minute = minute;
    this.#rows = 0;
  }

  #learn(rows: number): void {
    this.#minutes++;
    const share = Math.max(1 / usualMinutes, 1 / this.#minutes);
    const off = rows - this.#usual;
    this.#usual += share * off;
    this.#variance = (1 - share) * (this.#variance + share * off * off);
  }
}
