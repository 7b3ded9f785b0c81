import { at, put } from "./arithmetic";
import { originAt, placeOrigins } from "./origins";
import { before, mean, pathBytes, paths, seasonal, steps, values } from "./workspace";

/** The seasonal naive forecast of the workspace's n values, with its paths; how many paths there are. */
export function forecastSeasonalNaive(n: i32, m: i32): i32 {
  const count = placeOrigins(n, m);
  let sum: f64 = 0;
  for (let h = 1; h <= steps; h++) {
    const value = seasonAgo(n - 1, h, m);
    put(mean, h - 1, value);
    put(before, h - 1, value);
    sum += value;
  }
  for (let h = 0; h < steps; h++) put(seasonal, h, at(mean, h) - sum / <f64>steps);
  for (let o = 0; o < count; o++) {
    const t = originAt(o);
    for (let h = 1; h <= steps; h++) put(paths + <usize>o * pathBytes, h - 1, at(values, t + h) - seasonAgo(t, h, m));
  }
  return count;
}

function seasonAgo(t: i32, h: i32, m: i32): f64 {
  const j = t + h - ((h + m - 1) / m) * m;
  return at(values, j < 0 ? t : j);
}
