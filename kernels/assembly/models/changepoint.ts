import { allocateZeroed, release } from '../memory';
import { divideSurprise, surpriseBytes, surpriseOf } from './surprise';

/** Lasting changes of level: see kernels/models/changepoint.ts. Results: f64, NaN for none; change is 0 or 1, direction 0 up, 1 down. */
export const changepointScore: usize = 0;
export const changepointChange: usize = 8;
export const changepointMinutesAgo: usize = 16;
export const changepointBefore: usize = 24;
export const changepointAfter: usize = 32;
export const changepointDirection: usize = 40;

const sensitivityAt: usize = 48;
const weightAt: usize = 56;
/** Values seen, and values kept: u32. */
const rowsAt: usize = 64;
const countAt: usize = 68;
const historyAt: usize = 72;
/** Up to 128 values f64 in their order, then their times i64. */
const valuesAt: usize = historyAt + surpriseBytes;
const depth: u32 = 128;
const timesAt: usize = valuesAt + 8 * 128;
const stateBytes: usize = timesAt + 8 * 128;

const beforeMin: u32 = 16;
const afterMin: u32 = 8;
const warmRows: u32 = 200;
const statisticMin: f64 = 6;
const statisticMax: f64 = 1000;
const noise: f64 = 1e-9;
const memoryRows: f64 = 10000;
const weightMax: f64 = 1e6;

let bestStatistic: f64 = 0;

export function openChangepoint(sensitivity: f64): usize {
  const state = allocateZeroed(<u32>stateBytes);
  store<f64>(state, sensitivity, sensitivityAt);
  store<f64>(state, 1, weightAt);
  none(state);
  return state;
}

export function closeChangepoint(state: usize): void {
  release(state, <u32>stateBytes);
}

export function bytesChangepoint(_state: usize): u32 {
  return <u32>stateBytes;
}

export function stepChangepoint(state: usize, value: f64, micros: i64): void {
  none(state);
  if (!isFinite<f64>(value)) return;
  const count = keep(state, value, micros);
  const rows = load<u32>(state, rowsAt);
  // Far beyond all limits that depend on it.
  store<u32>(state, rows == 0xffff0000 ? rows : rows + 1, rowsAt);
  const first = state + valuesAt;
  const after = bestSplit(first, count, false);
  const statistic = bestStatistic;
  const score = after == 0 ? 0 : learn(state, statistic, rows);
  if (rows < warmRows) return;
  const isLikely = after > 0 && score >= load<f64>(state, sensitivityAt) && statistic >= statisticMin;
  const lasted = isLikely ? bestSplit(first, count, true) : 0;
  store<f64>(state, score, changepointScore);
  store<f64>(state, lasted > afterMin ? 1 : 0, changepointChange);
  if (lasted > afterMin) begin(state, count, count - lasted, micros);
}

function none(state: usize): void {
  for (let at: usize = 0; at <= changepointDirection; at += 8) store<f64>(state + at, NaN);
}

/** How many values are kept now. */
function keep(state: usize, value: f64, micros: i64): u32 {
  let count = load<u32>(state, countAt);
  if (count == depth) {
    drop(state, count, 1);
    count--;
  }
  store<f64>(state + (<usize>count << 3), value, valuesAt);
  store<i64>(state + (<usize>count << 3), micros, timesAt);
  store<u32>(state, count + 1, countAt);
  return count + 1;
}

function drop(state: usize, count: u32, first: u32): void {
  const bytes = <usize>(count - first) << 3;
  memory.copy(state + valuesAt, state + valuesAt + (<usize>first << 3), bytes);
  memory.copy(state + timesAt, state + timesAt + (<usize>first << 3), bytes);
  store<u32>(state, count - first, countAt);
}

function learn(state: usize, statistic: f64, rows: u32): f64 {
  const history = state + historyAt;
  let weight = load<f64>(state, weightAt);
  const surprise = surpriseOf(history, statistic, rows, weight);
  weight *= memoryRows / (memoryRows - 1);
  if (weight > weightMax) {
    divideSurprise(history, weight);
    weight = 1;
  }
  store<f64>(state, weight, weightAt);
  return surprise;
}

/** The value at `place` is the first of the new level: what was before it is forgotten. */
function begin(state: usize, count: u32, place: u32, micros: i64): void {
  const first = state + valuesAt;
  const before = meanOf(first, place);
  const after = meanOf(first + (<usize>place << 3), count - place);
  store<f64>(state, <f64>(micros - load<i64>(state + (<usize>place << 3), timesAt)) / 60000000, changepointMinutesAgo);
  store<f64>(state, before, changepointBefore);
  store<f64>(state, after, changepointAfter);
  store<f64>(state, after >= before ? 0 : 1, changepointDirection);
  drop(state, count, place);
}

/** How many values are after the change; its statistic goes to bestStatistic. */
function bestSplit(first: usize, count: u32, everywhere: bool): u32 {
  bestStatistic = 0;
  if (count < beforeMin + afterMin) return 0;
  const end = first + (<usize>(count - 1) << 3);
  const last = load<f64>(end);
  let total: f64 = 0;
  for (let at = end; at >= first; at -= 8) total += load<f64>(at) - last;
  const middle = total / <f64>count;
  let squares: f64 = 0;
  for (let at = end; at >= first; at -= 8) squares += square(load<f64>(at) - last - middle);
  const floor = square(noise * (abs<f64>(last) + abs<f64>(middle))) * <f64>count;
  let sum: f64 = 0;
  let after: u32 = 0;
  let best: u32 = 0;
  for (let wanted = afterMin; wanted <= count - beforeMin; wanted += everywhere ? 1 : 1 + (wanted >> 3)) {
    for (; after < wanted; after++) sum += load<f64>(end - (<usize>after << 3)) - last - middle;
    const between = (square(sum) * <f64>count) / <f64>(after * (count - after));
    if (!(between > floor)) continue;
    const within = max<f64>(squares - between, floor);
    const statistic = min<f64>(sqrt<f64>((between * <f64>(count - 2)) / within), statisticMax);
    if (statistic > bestStatistic || best == 0) {
      best = after;
      bestStatistic = statistic;
    }
  }
  return best == 0 ? afterMin : best;
}

function meanOf(first: usize, count: u32): f64 {
  const end = first + (<usize>count << 3);
  const last = load<f64>(end - 8);
  let sum: f64 = 0;
  for (let at = first; at < end; at += 8) sum += load<f64>(at) - last;
  return last + sum / <f64>count;
}

// @ts-ignore: decorator
@inline
function square(x: f64): f64 {
  return x * x;
}
