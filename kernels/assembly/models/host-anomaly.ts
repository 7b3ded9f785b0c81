import { allocate, release } from '../memory';
import { frozenBytes, frozenDistance, learnFrozen } from './frozen-distance';
import { learnSubspace, restOf, subspaceBytes } from './subspace';
import { divideSurprise, surpriseBytes, surpriseOf } from './surprise';

/**
 * Several metrics of one host: see kernels/models/host-anomaly.ts. Results: f64, NaN for none; alarm is 0 or 1; from
 * hostAnomalyContributions on a share of each channel.
 */
export const hostAnomalyScore: usize = 0;
export const hostAnomalyHeld: usize = 8;
export const hostAnomalyAlarm: usize = 16;
export const hostAnomalyFrozen: usize = 24;

const thetaAt: usize = 32;
const seenAt: usize = 40;
const usualAt: usize = 48;
const heldAt: usize = 56;
const weightAt: usize = 64;
const budgetAt: usize = 72;
const channelsAt: usize = 80;
const frozenRowsAt: usize = 84;
/** Rows seen, u32; row after that of the last alarm, u32 (0: there was none). */
const rowsAt: usize = 88;
const alarmedAt: usize = 92;
const historyAt: usize = 96;
export const hostAnomalyContributions: usize = historyAt + surpriseBytes;

/** Vectors of f64 by channel, after the contributions. */
const deviationsOf: usize = 1;
const restsOf: usize = 2;
const meansOf: usize = 3;
const variancesOf: usize = 4;
const residualsOf: usize = 5;
const weightsOf: usize = 6;
const countsOf: usize = 7;
const roomOf: usize = 8;
const vectors: usize = 9;

const memoryRows: f64 = 100000;
const alarmMemoryRows: f64 = 10000;
const oddTimes: f64 = 1.5;
const scoreRows: u32 = 100;
const subspaceRows: u32 = 1000;
const settledRows: u32 = 2000;
const warmRows: u32 = 4000;
const restRows: u32 = 30;

export function openHostAnomaly(columns: f64, theta: f64, frozenRows: f64): usize {
  const channels = <u32>columns;
  const bytes = stateBytes(channels);
  const state = allocate(bytes);
  memory.fill(state, 0, bytes);
  store<f64>(state, theta, thetaAt);
  store<f64>(state, 1, weightAt);
  store<u32>(state, channels, channelsAt);
  store<u32>(state, <u32>frozenRows, frozenRowsAt);
  none(state);
  return state;
}

export function closeHostAnomaly(state: usize): void {
  release(state, bytesHostAnomaly(state));
}

export function bytesHostAnomaly(state: usize): u32 {
  return stateBytes(load<u32>(state, channelsAt));
}

function stateBytes(channels: u32): u32 {
  return <u32>(hostAnomalyContributions + vectors * 8 * <usize>channels + subspaceBytes(channels) + frozenBytes(channels));
}

/** `values`: address of one f64 of each channel. */
export function stepHostAnomaly(state: usize, values: usize, _micros: i64): void {
  const channels = load<u32>(state, channelsAt);
  const present = deviate(state, values, channels);
  if (present == 0) return none(state);
  const i = load<u32>(state, rowsAt);
  // Far beyond all limits that depend on it.
  store<u32>(state, i + 1 == 0xf0000000 ? 0xe0000000 : i + 1, rowsAt);
  const rest = vector(state, restsOf, channels);
  memory.copy(rest, vector(state, deviationsOf, channels), <usize>channels << 3);
  restOf(vector(state, vectors, channels), rest, channels);
  const score = i < scoreRows ? 0 : scoreOf(state, values, channels, present);
  const held = max<f64>(load<f64>(state, heldAt) * (1 - 1.0 / 15), score);
  store<f64>(state, held, heldAt);
  const usual = load<f64>(state, usualAt);
  const part = (oddTimes * usual) / score;
  const weight = i >= warmRows && score > oddTimes * usual ? part * part : 1;
  if (i >= scoreRows) {
    const told = i < warmRows ? score : min<f64>(score, oddTimes * usual);
    store<f64>(state, usual + max<f64>(1 / memoryRows, 1 / <f64>(i - scoreRows + 1)) * (told - usual), usualAt);
  }
  const alarm = i >= settledRows && alarms(state, score, i);
  const frozen = vector(state, vectors, channels) + subspaceBytes(channels);
  const isFrozen = i >= load<u32>(state, frozenRowsAt);
  if (!isFrozen) learnFrozen(frozen, values, channels);
  learn(state, values, channels, weight, i);
  contribute(state, channels);
  store<f64>(state, i < settledRows ? NaN : score, hostAnomalyScore);
  store<f64>(state, i < settledRows ? NaN : held, hostAnomalyHeld);
  store<f64>(state, i < warmRows ? NaN : alarm ? 1 : 0, hostAnomalyAlarm);
  store<f64>(state, isFrozen ? frozenDistance(frozen, values, channels) : NaN, hostAnomalyFrozen);
}

function none(state: usize): void {
  for (let at: usize = 0; at <= hostAnomalyFrozen; at += 8) store<f64>(state + at, NaN);
  const end = hostAnomalyContributions + (<usize>load<u32>(state, channelsAt) << 3);
  for (let at: usize = hostAnomalyContributions; at < end; at += 8) store<f64>(state + at, NaN);
}

// @ts-ignore: decorator
@inline
function vector(state: usize, number: usize, channels: u32): usize {
  return state + hostAnomalyContributions + ((number * <usize>channels) << 3);
}

/** Writes each channel's deviation in standard deviations; gives how many channels have a value. */
function deviate(state: usize, values: usize, channels: u32): u32 {
  const deviations = vector(state, deviationsOf, channels);
  const means = vector(state, meansOf, channels);
  const variances = vector(state, variancesOf, channels);
  const counts = vector(state, countsOf, channels);
  let present: u32 = 0;
  for (let at: usize = 0; at < <usize>channels << 3; at += 8) {
    const value = load<f64>(values + at);
    const isThere = isFinite<f64>(value);
    if (isThere) present++;
    let deviation: f64 = 0;
    if (isThere && load<f64>(counts + at) >= <f64>scoreRows) {
      const mean = load<f64>(means + at);
      const scale = sqrt<f64>(load<f64>(variances + at));
      if (scale > 1e-6 * abs<f64>(mean)) deviation = min<f64>(max<f64>((value - mean) / scale, -30), 30);
    }
    store<f64>(deviations + at, deviation);
  }
  return present;
}

function scoreOf(state: usize, values: usize, channels: u32, present: u32): f64 {
  const rest = vector(state, restsOf, channels);
  const residuals = vector(state, residualsOf, channels);
  let sum: f64 = 0;
  for (let at: usize = 0; at < <usize>channels << 3; at += 8) {
    if (!isFinite<f64>(load<f64>(values + at))) continue;
    sum += min<f64>(abs<f64>(load<f64>(rest + at)) / max<f64>(sqrt<f64>(load<f64>(residuals + at)), 0.1), 30);
  }
  return sum / <f64>present;
}

function alarms(state: usize, score: f64, i: u32): bool {
  const surprise = surpriseOf(state + historyAt, score, i - settledRows, load<f64>(state, weightAt));
  const weight = load<f64>(state, weightAt) * (alarmMemoryRows / (alarmMemoryRows - 1));
  store<f64>(state, weight, weightAt);
  if (weight > 1e6) {
    divideSurprise(state + historyAt, weight);
    store<f64>(state, 1, weightAt);
  }
  const budget = load<f64>(state, budgetAt) * (1 - 1 / alarmMemoryRows);
  store<f64>(state, budget, budgetAt);
  if (i < warmRows || surprise - 0.1 * budget < load<f64>(state, thetaAt)) return false;
  const last = load<u32>(state, alarmedAt);
  if (last != 0 && i - (last - 1) < restRows) return false;
  store<f64>(state, budget + 1, budgetAt);
  store<u32>(state, i + 1, alarmedAt);
  return true;
}

function learn(state: usize, values: usize, channels: u32, weight: f64, i: u32): void {
  const seen = load<f64>(state, seenAt) + weight;
  store<f64>(state, seen, seenAt);
  const deviations = vector(state, deviationsOf, channels);
  const rest = vector(state, restsOf, channels);
  const means = vector(state, meansOf, channels);
  const variances = vector(state, variancesOf, channels);
  const residuals = vector(state, residualsOf, channels);
  const weights = vector(state, weightsOf, channels);
  const counts = vector(state, countsOf, channels);
  if (i >= subspaceRows) {
    const share = weight * max<f64>(1 / memoryRows, 2 / (seen - <f64>subspaceRows + 2));
    learnSubspace(vector(state, vectors, channels), deviations, vector(state, roomOf, channels), channels, share);
  }
  for (let at: usize = 0; at < <usize>channels << 3; at += 8) {
    const value = load<f64>(values + at);
    if (!isFinite<f64>(value)) continue;
    const channelSeen = load<f64>(weights + at) + weight;
    const count = load<f64>(counts + at) + 1;
    store<f64>(weights + at, channelSeen);
    store<f64>(counts + at, count);
    const share = weight * max<f64>(1 / memoryRows, 1 / channelSeen);
    const off = load<f64>(rest + at);
    const residual = load<f64>(residuals + at);
    if (i >= subspaceRows)
      store<f64>(residuals + at, residual + (i > settledRows ? share : max<f64>(share, 0.002)) * (off * off - residual));
    const mean = load<f64>(means + at);
    const error = count == 1 ? 0 : value - mean;
    store<f64>(means + at, count == 1 ? value : mean + share * error);
    const variance = load<f64>(variances + at);
    store<f64>(variances + at, variance + share * (error * error * (1 - share) - variance));
  }
}

/** Shares of the row's distance from the means. */
function contribute(state: usize, channels: u32): void {
  const deviations = vector(state, deviationsOf, channels);
  let sum: f64 = 0;
  for (let at: usize = 0; at < <usize>channels << 3; at += 8) sum += abs<f64>(load<f64>(deviations + at));
  for (let at: usize = 0; at < <usize>channels << 3; at += 8)
    store<f64>(state + at, sum > 0 ? abs<f64>(load<f64>(deviations + at)) / sum : 0, hostAnomalyContributions);
}
