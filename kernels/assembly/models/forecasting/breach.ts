import { at, clamp, complementaryError, deviation, normalShare, put } from "./arithmetic";
import { mean, originWeights, pairs, pathBytes, paths, steps, valueSums, values } from "./workspace";

const quietPoints: i32 = 6;
const windowsMin: i32 = 5;
/** Probability, risk (NaN where the past says nothing), first step (NaN: none). */
const results: usize = memory.data(3 * 8, 8);

// @ts-ignore: decorator
@inline
export function breachProbability(): f64 {
  return load<f64>(results);
}

// @ts-ignore: decorator
@inline
export function breachRisk(): f64 {
  return load<f64>(results, 8);
}

// @ts-ignore: decorator
@inline
export function breachStep(): f64 {
  return load<f64>(results, 16);
}

/** From the workspace's forecast and its `count` paths; `sign`: 1 for an upper threshold, -1 for a lower one. */
export function placeBreach(n: i32, m: i32, count: i32, threshold: f64, sign: f64, horizon: i32): void {
  const scale = rootMeanSquare(count);
  const crossing = pairs;
  memory.fill(crossing, 0, (<usize>horizon + 1) << 3);
  let probability: f64 = 0;
  for (let o = 0; o < count; o++) {
    const path = paths + <usize>o * pathBytes;
    const weight = at(originWeights, o);
    let most = -Infinity;
    let first = 0;
    for (let h = 0; h < horizon; h++) {
      const beyond = sign * (at(mean, h) + at(path, h) - threshold);
      most = max<f64>(most, beyond);
      if (first == 0 && beyond >= 0) first = h + 1;
    }
    probability += weight * normalShare(most / (0.5 * scale + 1e-300));
    if (first > 0) put(crossing, first, at(crossing, first) + weight);
  }
  store<f64>(results, probability);
  store<f64>(results, middleStep(crossing, horizon), 16);
  const risk = riskOf(n, m, probability, threshold, sign, horizon);
  store<f64>(results, scale > 0 ? risk : NaN, 8);
}

/** The same of a short history: the values of the workspace, their level. */
export function placeShortBreach(n: i32, level: f64, threshold: f64, sign: f64): void {
  const distance = (sign * (threshold - level)) / (deviation(values, n) + 1e-300);
  const probability = distance > 0 ? min<f64>(1, 3 * complementaryError(distance / Math.SQRT2)) : 1;
  store<f64>(results, probability);
  store<f64>(results, probability, 8);
  store<f64>(results, NaN, 16);
}

export function placeConstantBreach(value: f64, threshold: f64, sign: f64): void {
  const beyond = sign * (value - threshold) >= 0;
  store<f64>(results, beyond ? 1 : 0);
  store<f64>(results, NaN, 8);
  store<f64>(results, beyond ? 1 : NaN, 16);
}

function rootMeanSquare(count: i32): f64 {
  let squares: f64 = 0;
  const errors = count * steps;
  for (let i = 0; i < errors; i++) squares += at(paths, i) * at(paths, i);
  return sqrt<f64>(squares / <f64>errors);
}

function middleStep(crossing: usize, horizon: i32): f64 {
  let total: f64 = 0;
  for (let h = 1; h <= horizon; h++) total += at(crossing, h);
  if (total <= 0) return NaN;
  let cumulated: f64 = 0;
  for (let h = 1; h <= horizon; h++) {
    cumulated += at(crossing, h);
    if (cumulated >= 0.5 * total) return <f64>h;
  }
  return NaN;
}

function logOdds(probability: f64): f64 {
  const p = clamp(probability, 0.02, 0.98);
  return Math.log(p / (1 - p));
}

// @ts-ignore: decorator
@inline
function beyondBefore(i: i32): u32 {
  return load<u32>(valueSums + ((<usize>i) << 2));
}

function riskOf(n: i32, m: i32, probability: f64, threshold: f64, sign: f64, horizon: i32): f64 {
  const beyond = valueSums;
  store<u32>(beyond, 0);
  for (let i = 0; i < n; i++) {
    store<u32>(beyond + ((<usize>(i + 1)) << 2), beyondBefore(i) + (sign * (at(values, i) - threshold) >= 0 ? 1 : 0));
  }
  let windows = 0, hits = 0;
  for (let i = quietPoints; i < n - horizon; i++) {
    if (beyondBefore(i) != beyondBefore(i - quietPoints)) continue;
    windows++;
    if (beyondBefore(i + horizon) > beyondBefore(i)) hits++;
  }
  if (windows < windowsMin) return NaN;
  const base = <f64>(hits + 1) / <f64>(windows + 2);
  let alike = 0, alikeHits = 0;
  for (let cycle = 1; m > 1 && cycle < 30; cycle++) {
    for (let shift = -2; shift <= 2; shift++) {
      const i = n - cycle * m + shift * max<i32>(1, m / 48);
      if (i < quietPoints || i + horizon > n) continue;
      alike++;
      if (beyondBefore(i + horizon) > beyondBefore(i)) alikeHits++;
    }
  }
  const analog = (<f64>alikeHits + 3 * base) / <f64>(alike + 3);
  const score = 0.6 * logOdds(probability) - 0.7 * logOdds(base) + 0.3 * logOdds(analog);
  return 1 / (1 + Math.exp(-score));
}
