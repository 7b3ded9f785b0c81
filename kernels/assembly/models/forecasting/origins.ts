import { put } from "./arithmetic";
import { originsMax, originWeights, origins } from "./workspace";

/** Fewer points are forecast by `forecastShort`. */
export const bankPointsMin: i32 = 140;

// @ts-ignore: decorator
@inline
export function originAt(o: i32): i32 {
  return load<i32>(origins + ((<usize>o) << 2));
}

/** Past points from which forecasts are made anew, ascending, with their weights; how many there are. */
export function placeOrigins(n: i32, m: i32): i32 {
  let first = max<i32>(n >= 2 * m + 1 ? m + 1 : 1, min<i32>(2 * m, n >> 1));
  if (m == 24 && n >= 396) first = max<i32>(first, 200);
  first = min<i32>(first, max<i32>(n - 121, n >> 1));
  const last = n - 61;
  let count = 0;
  let before = -1;
  for (let i = 0; i < originsMax; i++) {
    const t = first + ((last - first) * i) / (originsMax - 1);
    if (t < 0 || t > last || t <= before) continue;
    store<i32>(origins + ((<usize>count) << 2), t);
    before = t;
    count++;
  }
  weigh(n, m, count);
  return count;
}

function weigh(n: i32, m: i32, count: i32): void {
  let total: f64 = 0;
  for (let o = 0; o < count; o++) {
    const age = n - 1 - originAt(o);
    let weight = Math.pow(0.5, <f64>age / (0.4 * <f64>n));
    if (m > 24) {
      const phase = <f64>(age % m) / <f64>m;
      const distance = min<f64>(phase, 1 - phase) / 0.08;
      weight *= 0.1 + 0.9 * Math.exp(-(distance * distance));
    }
    put(originWeights, o, weight);
    total += weight;
  }
  for (let o = 0; o < count; o++) put(originWeights, o, load<f64>(originWeights + ((<usize>o) << 3)) / total);
}
