import { allocate, release } from '../memory';
import { binaryLogarithm } from './binary-logarithm';

/** Peaks over threshold with drift: see kernels/models/drift-spot.ts. Results: f64, NaN for none; alarm is 0 or 1. */
export const driftSpotScore: usize = 0;
export const driftSpotAlarm: usize = 8;

const thetaAt: usize = 16;
const sumAt: usize = 24;
/** Point after that of the last alarm, u32; 0: there was none. */
const alarmedAt: usize = 32;
/** Points seen, u32, and the place of the next one in the ring, u32. */
const pointsAt: usize = 36;
const placeAt: usize = 40;
const tailsAt: usize = 48;
/** Where it begins, points, peaks, sum of their excesses and of its squares: f64. */
const tailBytes: usize = 40;
const ringAt: usize = tailsAt + 2 * tailBytes;
const depth: u32 = 150;
/** Differences in ascending order, until the tails are known. */
const calibrationAt: usize = ringAt + 8 * 150;
const calibrationPoints: u32 = 300;
const stateBytes: usize = calibrationAt + 8 * 300;
const meanPointsMin: u32 = 50;
const decimalsPerOctave: f64 = 0.3010299956639812;

export function openDriftSpot(theta: f64): usize {
  const state = allocate(<u32>stateBytes);
  memory.fill(state, 0, stateBytes);
  store<f64>(state, theta, thetaAt);
  none(state);
  return state;
}

export function closeDriftSpot(state: usize): void {
  release(state, <u32>stateBytes);
}

export function bytesDriftSpot(_state: usize): u32 {
  return <u32>stateBytes;
}

export function stepDriftSpot(state: usize, value: f64, _micros: i64): void {
  if (!isFinite<f64>(value)) return none(state);
  const i = load<u32>(state, pointsAt);
  const mean = i > 0 ? load<f64>(state, sumAt) / <f64>min<u32>(i, depth) : value;
  const away = abs<f64>(value - mean) <= 1e-9 * (abs<f64>(mean) + abs<f64>(value)) ? 0 : value - mean;
  remember(state, value, i);
  if (i < meanPointsMin + calibrationPoints) {
    if (i >= meanPointsMin) calibrate(state, away, i - meanPointsMin);
    return none(state);
  }
  const above = state + tailsAt;
  const below = above + tailBytes;
  const score = max<f64>(scoreOf(above, away), scoreOf(below, -away));
  const isBeyond = score >= load<f64>(state, thetaAt);
  if (!isBeyond) {
    learn(above, away);
    learn(below, -away);
  }
  store<f64>(state, score, driftSpotScore);
  store<f64>(state, isBeyond && alarms(state, i) ? 1 : 0, driftSpotAlarm);
}

function none(state: usize): void {
  store<f64>(state, NaN, driftSpotScore);
  store<f64>(state, NaN, driftSpotAlarm);
}

function alarms(state: usize, i: u32): bool {
  const last = load<u32>(state, alarmedAt);
  if (last != 0 && <f64>(i - (last - 1)) < min<f64>(max<f64>(0.02 * <f64>i, 24), 100)) return false;
  store<u32>(state, i + 1, alarmedAt);
  return true;
}

function remember(state: usize, value: f64, i: u32): void {
  const place = load<u32>(state, placeAt);
  const slot = state + (<usize>place << 3);
  let sum = load<f64>(state, sumAt) + value;
  if (i >= depth) sum -= load<f64>(slot, ringAt);
  store<f64>(slot, value, ringAt);
  // Running sums drift: this one is made again of the ring.
  if (place == depth - 1) {
    sum = 0;
    for (let k: usize = 0; k < depth; k++) sum += load<f64>(state + (k << 3), ringAt);
  }
  store<f64>(state, sum, sumAt);
  store<u32>(state, place == depth - 1 ? 0 : place + 1, placeAt);
  // Far beyond all limits that depend on it.
  store<u32>(state, i + 1 == 0xf0000000 ? 0xe0000000 : i + 1, pointsAt);
}

/** Puts the difference among the `count` before it, in order; the last one makes the tails. */
function calibrate(state: usize, away: f64, count: u32): void {
  const first = state + calibrationAt;
  let slot = first + (<usize>count << 3);
  while (slot > first && load<f64>(slot - 8) > away) {
    store<f64>(slot, load<f64>(slot - 8));
    slot -= 8;
  }
  store<f64>(slot, away);
  if (count + 1 < calibrationPoints) return;
  const above = state + tailsAt;
  const below = above + tailBytes;
  // 294 of 300: the upper two per cent lie after it.
  store<f64>(above, max<f64>(load<f64>(first + 8 * 293), 0));
  store<f64>(below, max<f64>(-load<f64>(first + 8 * 6), 0));
  for (let k: usize = 0; k < calibrationPoints; k++) {
    learn(above, load<f64>(first + (k << 3)));
    learn(below, -load<f64>(first + ((<usize>calibrationPoints - 1 - k) << 3)));
  }
}

function learn(tail: usize, size: f64): void {
  store<f64>(tail, load<f64>(tail, 8) + 1, 8);
  const excess = size - load<f64>(tail);
  if (!(excess > 0)) return;
  store<f64>(tail, load<f64>(tail, 16) + 1, 16);
  store<f64>(tail, load<f64>(tail, 24) + excess, 24);
  store<f64>(tail, load<f64>(tail, 32) + excess * excess, 32);
}

function scoreOf(tail: usize, size: f64): f64 {
  if (!(size > 0)) return 0;
  const start = load<f64>(tail);
  const peaks = load<f64>(tail, 16);
  const atStart = decimalsPerOctave * binaryLogarithm(load<f64>(tail, 8) / max<f64>(peaks, 1));
  const excess = size - start;
  if (!(excess > 0)) return atStart * (size / start);
  if (peaks == 0) return atStart;
  const mean = load<f64>(tail, 24) / peaks;
  const variance = load<f64>(tail, 32) / peaks - mean * mean;
  const shape = variance > 0 ? min<f64>(max<f64>((1 - (mean * mean) / variance) / 2, 0), 0.5) : 0;
  const far = excess / (mean * (1 - shape));
  if (shape < 1e-6) return atStart + Math.LOG10E * far;
  return atStart + (decimalsPerOctave * binaryLogarithm(1 + shape * far)) / shape;
}
