import { allocate, release } from '../memory';
import { binaryLogarithm } from './binary-logarithm';
import { rangeBytes, rangeDeviations, rangeExpected, rangeLower, rangeUpper, stepRange } from './expected-range';
import { divideSurprise, surpriseBytes, surpriseOf, warmPoints } from './surprise';

/** The default detector of a single series: see kernels/models/anomaly-score.ts. Results: f64, NaN for none; alarm is 0 or 1. */
export const anomalyScore: usize = 0;
export const anomalyHeld: usize = 8;
export const anomalyAlarm: usize = 16;
export const anomalyExpected: usize = 24;
export const anomalyLower: usize = 32;
export const anomalyUpper: usize = 40;
export const anomalyType: usize = 48;
export const anomalySeverity: usize = 56;
export const anomalyConfidence: usize = 64;

const thetaAt: usize = 72;
const minEffectAt: usize = 80;
const weightAt: usize = 88;
const referenceAt: usize = 96;
const fastAt: usize = 104;
const slowAt: usize = 112;
const differencesAt: usize = 120;
const referenceDifferencesAt: usize = 128;
const levelAt: usize = 136;
const differenceAt: usize = 144;
const heldAt: usize = 152;
const budgetAt: usize = 160;
/** Point after that of the last alarm, u32; 0: there was none. */
const alarmedAt: usize = 168;
/** Points seen, u32, and their place in the ring, u32: the count stops at the most that a u32 holds. */
const pointsAt: usize = 172;
const placeAt: usize = 176;
const residualsAt: usize = 184;
const profileAt: usize = 216;
const profileCountsAt: usize = 408;
const ringAt: usize = 504;
const ringPoints: u32 = 152;
const rangeAt: usize = ringAt + 8 * 152;
const viewsAt: usize = rangeAt + rangeBytes;
const stateBytes: usize = viewsAt + 8 * surpriseBytes;

const memoryPoints: f64 = 10000;
const referencePoints: u32 = 150;
const microsPerHour: i64 = 3600000000;

export function openAnomalyScore(theta: f64, minEffect: f64): usize {
  const state = allocate(<u32>stateBytes);
  memory.fill(state, 0, stateBytes);
  store<f64>(state, theta, thetaAt);
  store<f64>(state, minEffect, minEffectAt);
  store<f64>(state, 1, weightAt);
  none(state);
  return state;
}

export function closeAnomalyScore(state: usize): void {
  release(state, <u32>stateBytes);
}

export function bytesAnomalyScore(_state: usize): u32 {
  return <u32>stateBytes;
}

export function stepAnomalyScore(state: usize, value: f64, micros: i64): void {
  if (!isFinite<f64>(value)) return none(state);
  const i = load<u32>(state, pointsAt);
  if (i == 0) store<f64>(state, value, levelAt);
  const difference = i > 0 ? abs<f64>(value - back(state, 1)) : 0;
  let hour = <i32>((micros / microsPerHour) % 24);
  if (micros % microsPerHour < 0) hour--;
  hour = (hour + 24) % 24;
  const n = min<u32>(i, referencePoints);
  const usual = usualAt(state, hour);
  stepRange(state + rangeAt, value, n > 0 ? load<f64>(state, referenceAt) / <f64>n : value, usual, i);
  const score = scoreOf(state, value, difference, hour, i);
  const held = max<f64>(load<f64>(state, heldAt) * (1 - 1.0 / 150), score);
  store<f64>(state, held, heldAt);
  const alarm = alarms(state, score, i);
  learn(state, value, difference, hour, i);
  if (i < warmPoints) return none(state);
  store<f64>(state, score, anomalyScore);
  store<f64>(state, held, anomalyHeld);
  store<f64>(state, alarm ? 1 : 0, anomalyAlarm);
  store<f64>(state, load<f64>(state, rangeAt + rangeExpected), anomalyExpected);
  store<f64>(state, load<f64>(state, rangeAt + rangeLower), anomalyLower);
  store<f64>(state, load<f64>(state, rangeAt + rangeUpper), anomalyUpper);
  store<f64>(state, 1 - Math.pow(10, -score), anomalyConfidence);
  const stands = score >= load<f64>(state, thetaAt);
  const off = load<f64>(state, rangeAt + rangeDeviations);
  store<f64>(state, stands ? <f64>(i32(off > 2) + i32(off > 3) + i32(off > 4)) : NaN, anomalySeverity);
  if (!stands) store<f64>(state, NaN, anomalyType);
}

function none(state: usize): void {
  for (let at: usize = 0; at <= anomalyConfidence; at += 8) store<f64>(state + at, NaN);
}

// @ts-ignore: decorator
@inline
function usualAt(state: usize, hour: i32): f64 {
  const seen = load<u32>(state + (<usize>hour << 2), profileCountsAt);
  return seen > 0 ? load<f64>(state + (<usize>hour << 3), profileAt) : load<f64>(state, levelAt);
}

/** The value `count` points ago, of those before the one at hand. */
// @ts-ignore: decorator
@inline
function back(state: usize, count: u32): f64 {
  const place = load<u32>(state, placeAt) + ringPoints - count;
  return load<f64>(state + (<usize>(place >= ringPoints ? place - ringPoints : place) << 3), ringAt);
}

// @ts-ignore: decorator
@inline
function addTo(state: usize, at: usize, value: f64): f64 {
  const sum = load<f64>(state + at) + value;
  store<f64>(state + at, sum);
  return sum;
}

function scoreOf(state: usize, value: f64, difference: f64, hour: i32, i: u32): f64 {
  const n = min<u32>(i, referencePoints);
  const reference = n > 0 ? load<f64>(state, referenceAt) / <f64>n : value;
  const usual = n > 0 ? load<f64>(state, referenceDifferencesAt) / <f64>n : difference;
  let fast = addTo(state, fastAt, value);
  let slow = addTo(state, slowAt, value);
  let differences = addTo(state, differencesAt, difference);
  if (i >= 2) fast = addTo(state, fastAt, -back(state, 2));
  if (i >= 10) slow = addTo(state, slowAt, -back(state, 10));
  if (i > 20) differences = addTo(state, differencesAt, -abs<f64>(back(state, 20) - back(state, 21)));
  store<f64>(state + (<usize>(i & 3) << 3), value - usualAt(state, hour), residualsAt);
  const residuals =
    load<f64>(state, residualsAt) + load<f64>(state, residualsAt + 8) + load<f64>(state, residualsAt + 16) + load<f64>(state, residualsAt + 24);
  const least = max<f64>(1e-9 * (abs<f64>(reference) + abs<f64>(value)), load<f64>(state, minEffectAt));
  const floor = 0.1 * (load<f64>(state, differenceAt) + 1e-9 * (abs<f64>(reference) + 1e-3));
  const count = i + 1;
  let first: f64 = 0;
  let second: f64 = 0;
  let type: i32 = -1;
  for (let view: u32 = 0; view < 4; view++) {
    let deviation: f64;
    if (view == 0) deviation = fast / <f64>min<u32>(count, 2) - reference;
    else if (view == 1) deviation = slow / <f64>min<u32>(count, 10) - reference;
    else if (view == 2) deviation = residuals / <f64>min<u32>(count, 4);
    else deviation = binaryLogarithm((differences / <f64>min<u32>(count, 20) + floor) / (usual + floor)) * Math.LN2;
    if (view < 3 && abs<f64>(deviation) <= least) deviation = 0;
    const up = state + viewsAt + <usize>view * (2 * surpriseBytes);
    const weight = load<f64>(state, weightAt);
    const above = surpriseOf(up, max<f64>(deviation, 0), i, weight);
    const surprise = max<f64>(above, surpriseOf(up + surpriseBytes, max<f64>(-deviation, 0), i, weight));
    if (surprise > first || type < 0) {
      second = first;
      first = surprise;
      type = view == 0 ? (deviation > 0 ? 0 : 1) : view == 1 ? 2 : view == 2 ? 3 : deviation > 0 ? 4 : 5;
    } else if (surprise > second) second = surprise;
  }
  store<f64>(state, type, anomalyType);
  grow(state);
  return (first + second) / 2;
}

/** The weight of the next point. */
function grow(state: usize): void {
  const weight = load<f64>(state, weightAt) * (memoryPoints / (memoryPoints - 1));
  store<f64>(state, weight, weightAt);
  if (weight <= 1e6) return;
  for (let k: usize = 0; k < 8; k++) divideSurprise(state + viewsAt + k * surpriseBytes, weight);
  store<f64>(state, 1, weightAt);
}

function alarms(state: usize, score: f64, i: u32): bool {
  const budget = load<f64>(state, budgetAt) * (1 - 1 / memoryPoints);
  store<f64>(state, budget, budgetAt);
  if (i < warmPoints || score - 0.1 * budget < load<f64>(state, thetaAt)) return false;
  const rest = min<f64>(max<f64>(0.05 * <f64>i, 24), 100);
  const last = load<u32>(state, alarmedAt);
  if (last != 0 && <f64>(i - (last - 1)) < rest) return false;
  store<f64>(state, budget + 1, budgetAt);
  store<u32>(state, i + 1, alarmedAt);
  return true;
}

function learn(state: usize, value: f64, difference: f64, hour: i32, i: u32): void {
  const counted = state + (<usize>hour << 2);
  const seen = load<u32>(counted, profileCountsAt) + 1;
  store<u32>(counted, min<u32>(seen, 1 << 30), profileCountsAt);
  const profile = state + profileAt + (<usize>hour << 3);
  store<f64>(profile, load<f64>(profile) + (value - load<f64>(profile)) * max<f64>(1 / <f64>seen, 0.01));
  const level = load<f64>(state, levelAt);
  store<f64>(state, level + (value - level) * max<f64>(1 / <f64>(i + 1), 1.0 / 500), levelAt);
  const usual = load<f64>(state, differenceAt);
  store<f64>(state, usual + (difference - usual) * max<f64>(1 / (<f64>i + 2), 1.0 / 2000), differenceAt);
  addTo(state, referenceAt, value);
  addTo(state, referenceDifferencesAt, difference);
  if (i >= referencePoints) addTo(state, referenceAt, -back(state, referencePoints));
  if (i > referencePoints)
    addTo(state, referenceDifferencesAt, -abs<f64>(back(state, referencePoints) - back(state, referencePoints + 1)));
  const place = load<u32>(state, placeAt);
  store<f64>(state + (<usize>place << 3), value, ringAt);
  store<u32>(state, place + 1 == ringPoints ? 0 : place + 1, placeAt);
  // Far beyond all limits that depend on it; a multiple of the ring, so that the residuals' places go on.
  store<u32>(state, i + 1 == 0xf0000000 ? 0xe0000000 : i + 1, pointsAt);
  if (place + 1 == ringPoints) sumAnew(state);
}

/** Running sums drift: they are made again of the ring, the newest value first. */
function sumAnew(state: usize): void {
  let sum: f64 = 0;
  let differences: f64 = 0;
  for (let k: u32 = 1; k <= referencePoints; k++) {
    sum += back(state, k);
    differences += abs<f64>(back(state, k) - back(state, k + 1));
    if (k == 2) store<f64>(state, sum, fastAt);
    if (k == 10) store<f64>(state, sum, slowAt);
    if (k == 20) store<f64>(state, differences, differencesAt);
  }
  store<f64>(state, sum, referenceAt);
  store<f64>(state, differences, referenceDifferencesAt);
}
