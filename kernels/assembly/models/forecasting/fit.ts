import { at, deviation, median, put, unitOf } from "./arithmetic";
import { forecastBank } from "./bank";
import { placeBreach, placeConstantBreach, placeShortBreach } from "./breach";
import { placeInterval } from "./interval";
import { bankPointsMin } from "./origins";
import { copyValues, daySteps, seriesCount } from "./regular-series";
import { seasonStrength } from "./season-strength";
import { forecastSeasonalNaive } from "./seasonal-naive";
import { lower, mean, pairs, reserve, seasonal, steps, upper, values } from "./workspace";

export const statusFew: f64 = 0, statusShort: f64 = 1, statusConstant: f64 = 2, statusRegular: f64 = 3, statusRestarted: f64 = 4;
export const statusSpent: f64 = 5;
export const methodBank: i32 = 0, methodSeasonalNaive: i32 = 1;
const stableShare: f64 = 0.05;
/** Unit of the workspace's values, season of the last fit, paths behind it, the least of all values. */
let unit: f64 = 1;
let season: i32 = 1;
let pathCount: i32 = 0;

/** Fits the series' values; the forecast stands in the workspace, in `fitUnit()`. Gives its status. */
export function fitSeries(series: usize, method: i32): f64 {
  const n = seriesCount(series);
  reserve(n);
  copyValues(series, values);
  let least = Infinity, most = -Infinity;
  for (let i = 0; i < n; i++) {
    least = min<f64>(least, at(values, i));
    most = max<f64>(most, at(values, i));
  }
  const day = daySteps(series);
  season = n / 2 >= day ? day : 1;
  if (least == most) {
    unit = 1;
    fill(least, least, least);
    return statusConstant;
  }
  unit = unitOf(values, n);
  for (let i = 0; i < n; i++) put(values, i, at(values, i) / unit);
  if (n < bankPointsMin) {
    forecastShort(n, least);
    return statusShort;
  }
  pathCount = method == methodBank ? forecastBank(n, season) : forecastSeasonalNaive(n, season);
  placeInterval(pathCount, least);
  return statusRegular;
}

export function fitUnit(): f64 {
  return unit;
}

/** Strength of the fitted series' season. To be called after everything else: it works in the bank's vectors. */
export function fitSeasonStrength(series: usize, status: f64): f64 {
  return status == statusConstant ? NaN : seasonStrength(seriesCount(series), season);
}

/** The breach of a threshold by the fitted series, to the results of breach.ts. */
export function fitBreach(series: usize, status: f64, threshold: f64, sign: f64, horizon: i32): void {
  const n = seriesCount(series);
  if (status == statusConstant) placeConstantBreach(at(mean, 0), threshold, sign);
  else if (status == statusShort) placeShortBreach(n, at(mean, 0), threshold / unit, sign);
  else placeBreach(n, season, pathCount, threshold / unit, sign, horizon);
}

function fill(middle: f64, low: f64, high: f64): void {
  for (let h = 0; h < steps; h++) {
    put(mean, h, middle);
    put(lower, h, low);
    put(upper, h, high);
  }
}

function forecastShort(n: i32, least: f64): void {
  const count = min<i32>(n, 24);
  for (let i = 0; i < count; i++) put(pairs, i, at(values, n - count + i));
  const level = median(pairs, count);
  const width = 2.2 * deviation(values, n);
  fill(level, least >= 0 ? max<f64>(level - width, 0) : level - width, level + width);
}

/** 0 decreasing, 1 stable, 2 increasing; NaN without a forecast of at least 140 points. */
export function fitTrend(status: f64, horizon: i32): f64 {
  if (status == statusConstant) return 1;
  if (status != statusRegular) return NaN;
  const quarter = max<i32>(1, horizon >> 2);
  let first: f64 = 0, last: f64 = 0;
  for (let h = 0; h < quarter; h++) {
    first += at(mean, h) - at(seasonal, h);
    last += at(mean, horizon - 1 - h) - at(seasonal, horizon - 1 - h);
  }
  const change = last - first;
  const limit = stableShare * 0.5 * Math.abs(last + first);
  return change > limit ? 2 : change < -limit ? 0 : 1;
}
