/** Fewer points are forecast by `forecastShort`. */
export const bankPointsMin = 140;
const originCount = 48;

/** Past points from which forecasts are made anew to learn what each candidate is worth: 48 at most, evenly spread, ascending. */
export function validationOrigins(n: number, m: number): number[] {
  let first = Math.max(n >= 2 * m + 1 ? m + 1 : 1, Math.min(2 * m, n >> 1));
  if (m === 24 && n >= 396) first = Math.max(first, 200);
  first = Math.min(first, Math.max(n - 121, n >> 1));
  const last = n - 61;
  const origins: number[] = [];
  for (let i = 0; i < originCount; i++) {
    const t = first + Math.trunc(((last - first) * i) / (originCount - 1));
    if (t >= 0 && t <= last && t > (origins.at(-1) ?? -1)) origins.push(t);
  }
  return origins;
}

/** What each origin counts, together 1: half as much per 40 % of the series' age, most at the same time of day as now. */
export function originWeights(origins: readonly number[], n: number, m: number): Float64Array {
  const weights = Float64Array.from(origins, (t) => {
    const age = n - 1 - t;
    const weight = 0.5 ** (age / (0.4 * n));
    if (m <= 24) return weight;
    const phase = (age % m) / m;
    const distance = Math.min(phase, 1 - phase) / 0.08;
    return weight * (0.1 + 0.9 * Math.exp(-(distance * distance)));
  });
  let total = 0;
  for (const weight of weights) total += weight;
  return weights.map((weight) => weight / total);
}
