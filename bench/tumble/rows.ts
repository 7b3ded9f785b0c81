export const windowMicros = 10_000_000n;
/** Rows may come this much later than the latest before them. */
export const latenessMicros = 1_000_000n;
export const rowsPerSecond = 100_000;
const start = 1_700_000_000_000_000n;

/** Columns of the input: 100,000 rows a second of event time, in order; one row in four has kind 2. */
export interface Rows {
  readonly count: number;
  readonly ts: BigInt64Array<ArrayBuffer>;
  readonly key: BigInt64Array<ArrayBuffer>;
  readonly v: Float64Array<ArrayBuffer>;
  readonly kind: Int32Array<ArrayBuffer>;
}

export function makeRows(count: number, keys: number, seed: number): Rows {
  const ts = new BigInt64Array(count);
  const key = new BigInt64Array(count);
  const v = new Float64Array(count);
  const kind = new Int32Array(count);
  const low = new Int32Array(key.buffer);
  const random = splitmix(seed);
  const step = BigInt(1_000_000 / rowsPerSecond);
  for (let row = 0; row < count; row++) {
    ts[row] = start + BigInt(row) * step;
    low[row * 2] = Math.floor(random() * keys);
    v[row] = random() * 100;
    kind[row] = Math.floor(random() * 4);
  }
  return { count, ts, key, v, kind };
}

function splitmix(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 4294967296;
  };
}
