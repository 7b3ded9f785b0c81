/** Rows of one input, in order of arrival; times in microseconds. */
export interface InputRows {
  readonly count: number;
  readonly ts: BigInt64Array<ArrayBuffer>;
  readonly k: BigInt64Array<ArrayBuffer>;
  readonly v: Float64Array<ArrayBuffer>;
}

export const columnsSql = 'ts TIMESTAMP NOT NULL, k BIGINT NOT NULL, v DOUBLE NOT NULL';
const start = 1_700_000_000_000_000n;

export interface RowsShape {
  readonly count: number;
  readonly keys: number;
  readonly seed: number;
  /** Microseconds between rows, before rows are put behind by up to `jitter`. Times are unique where it is at least 1 and jitter 0. */
  readonly step: number;
  readonly jitter: number;
  /** Every key once, in an order that is not theirs, instead of random ones. */
  readonly distinct?: boolean;
  /** Key n in row n. */
  readonly serial?: boolean;
}

/** Values are eighths, whose sums are exact. */
export function makeRows({ count, keys, seed, step, jitter, distinct = false, serial = false }: RowsShape): InputRows {
  const ts = new BigInt64Array(count);
  const k = new BigInt64Array(count);
  const v = new Float64Array(count);
  const random = splitmix(seed);
  for (let row = 0; row < count; row++) {
    ts[row] = start + BigInt(Math.floor(jitter + row * step - random() * jitter));
    k[row] = BigInt(serial ? row : distinct ? Math.imul(row, 0x9e3779b1) >>> 0 : Math.floor(random() * keys));
    v[row] = Math.floor(random() * 1000) / 8;
  }
  return { count, ts, k, v };
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
