/** Answer of one contestant, row by row in any order. */
export interface Groups {
  count: number;
  window: BigInt64Array;
  key: BigInt64Array;
  rows: BigInt64Array;
  sum: Float64Array;
  low: Float64Array;
  high: Float64Array;
}

export function emptyGroups(room: number): Groups {
  const longs = () => new BigInt64Array(room);
  const doubles = () => new Float64Array(room);
  return { count: 0, window: longs(), key: longs(), rows: longs(), sum: doubles(), low: doubles(), high: doubles() };
}

const tolerance = 1e-9;

/** Throws when two answers differ in any group. Sums may differ by the order of additions. */
export function requireSame(name: string, got: Groups, expected: Groups): void {
  if (got.count !== expected.count) throw new Error(`${name} has ${got.count} groups, not ${expected.count}`);
  const [a, b] = [inOrder(got), inOrder(expected)];
  for (let k = 0; k < got.count; k++) {
    const i = a[k] as number;
    const j = b[k] as number;
    const sum = got.sum[i] as number;
    const other = expected.sum[j] as number;
    const same =
      got.window[i] === expected.window[j] &&
      got.key[i] === expected.key[j] &&
      got.rows[i] === expected.rows[j] &&
      got.low[i] === expected.low[j] &&
      got.high[i] === expected.high[j] &&
      Math.abs(sum - other) <= tolerance * Math.abs(other);
    if (!same) throw new Error(`${name} differs in window ${expected.window[j]}, key ${expected.key[j]}`);
  }
}

function inOrder(groups: Groups): Uint32Array {
  // Window and key in one double: both are small once the window is counted from the first.
  let first = groups.window[0] ?? 0n;
  for (const window of groups.window.subarray(0, groups.count)) if (window < first) first = window;
  const rank = new Float64Array(groups.count);
  for (let k = 0; k < groups.count; k++) {
    rank[k] = (Number((groups.window[k] as bigint) - first) / 1e6) * 2 ** 24 + Number(groups.key[k]);
  }
  return Uint32Array.from({ length: groups.count }, (_, k) => k).sort((a, b) => (rank[a] as number) - (rank[b] as number));
}
