import { type ForecastOrigin, ForecastOrigins } from './forecast-origins.ts';

const rowsAtFirst = 256;
const numbers = ['values', 'scores', 'lower', 'upper'] as const;
type NumberName = (typeof numbers)[number];

/** One row of a detector's result; NaN: none. */
export interface ResultRow extends Record<NumberName, number> {
  readonly alarm: boolean;
}

/** What a query said of one series, by row in the order of time. */
export class SeriesRows implements Record<NumberName, Float64Array> {
  readonly name: string;
  rows = 0;
  /** Microseconds since 1970. */
  times = new BigInt64Array(rowsAtFirst);
  values = new Float64Array(rowsAtFirst);
  scores = new Float64Array(rowsAtFirst);
  lower = new Float64Array(rowsAtFirst);
  upper = new Float64Array(rowsAtFirst);
  /** 1 where an alarm is raised. */
  alarms = new Uint8Array(rowsAtFirst);
  readonly #origins = new ForecastOrigins();
  #ordered = true;

  constructor(name: string) {
    this.name = name;
  }

  get origins(): readonly ForecastOrigin[] {
    return this.#origins.kept;
  }

  add(micros: bigint, row: ResultRow): void {
    const at = this.rows++;
    if (at === this.times.length) this.#resize(at * 2, at);
    if (at > 0 && micros < (this.times[at - 1] as bigint)) this.#ordered = false;
    this.times[at] = micros;
    for (const name of numbers) this[name][at] = row[name];
    this.alarms[at] = row.alarm ? 1 : 0;
  }

  addForecast(origin: ForecastOrigin): void {
    this.#origins.add(origin);
  }

  /** To be called once, after the last row: columns as long as there are rows, in order of time. */
  finish(): void {
    this.#resize(this.rows, this.rows);
    if (this.#ordered) return;
    const { times } = this;
    const order = Array.from(times.keys()).sort((a, b) => {
      const [x, y] = [times[a] as bigint, times[b] as bigint];
      return x < y ? -1 : x > y ? 1 : a - b;
    });
    this.times = BigInt64Array.from(order, (row) => times[row] as bigint);
    for (const name of numbers) {
      const before = this[name];
      this[name] = Float64Array.from(order, (row) => before[row] as number);
    }
    const { alarms } = this;
    this.alarms = Uint8Array.from(order, (row) => alarms[row] as number);
  }

  #resize(length: number, rows: number): void {
    const times = new BigInt64Array(length);
    times.set(this.times.subarray(0, rows));
    this.times = times;
    for (const name of numbers) {
      const grown = new Float64Array(length);
      grown.set(this[name].subarray(0, rows));
      this[name] = grown;
    }
    const alarms = new Uint8Array(length);
    alarms.set(this.alarms.subarray(0, rows));
    this.alarms = alarms;
  }
}
