import { allocateZeroed, release } from "../../memory";

/** Layout of a series' state: see RegularSeries in kernels/models. Addresses as u32, times and steps of the grid as i64. */
const pointsAt: usize = 0, countAt: usize = 4, headAt: usize = 8, changedAt: usize = 12;
const givenStepAt: usize = 16, stepAt: usize = 24, anchorAt: usize = 32, slotAtOffset: usize = 40, lastMicrosAt: usize = 48;
const leastChangedAt: usize = 56, mostChangedAt: usize = 64, ringAt: usize = 72, rowCountAt: usize = 76, rowsAt: usize = 80;
const learningRows: i32 = 9, changedRowsMin: i32 = 8, profileCycles: i32 = 4;
const heldSteps: i64 = 3, dayMicros: i64 = 86400000000;
export const seriesBytes: usize = 80 + 9 * 16;

export const ignored: i32 = 0, stored: i32 = 1, restarted: i32 = 2;

export function openSeries(series: usize, points: i32, stepMicros: i64): void {
  store<i32>(series, points, pointsAt);
  store<i64>(series, stepMicros, givenStepAt);
  store<i64>(series, stepMicros, stepAt);
  store<u32>(series, <u32>allocateZeroed(<u32>points << 3), ringAt);
}

export function closeSeries(series: usize): void {
  release(load<u32>(series, ringAt), load<u32>(series, pointsAt) << 3);
}

export function seriesOwnedBytes(series: usize): u32 {
  return load<u32>(series, pointsAt) << 3;
}

export function seriesStep(series: usize): i64 {
  return load<i64>(series, stepAt);
}

export function seriesCount(series: usize): i32 {
  return load<i32>(series, countAt);
}

export function seriesSlot(series: usize): i64 {
  return load<i64>(series, slotAtOffset);
}

export function daySteps(series: usize): i32 {
  const step = load<i64>(series, stepAt);
  if (step == 0) return 1;
  return <i32>max<i64>(1, min<i64>((2 * dayMicros + step) / (2 * step), 1 << 30));
}

/** The grid's step of a time, not before the newest value's. */
export function slotOf(series: usize, micros: i64): i64 {
  const step = load<i64>(series, stepAt);
  return max<i64>((2 * (micros - load<i64>(series, anchorAt)) + step) / (2 * step), load<i64>(series, slotAtOffset));
}

/** Copies all values to `to`, oldest first. */
export function copyValues(series: usize, to: usize): void {
  const ring = <usize>load<u32>(series, ringAt);
  const count = load<u32>(series, countAt), head = load<u32>(series, headAt), points = load<u32>(series, pointsAt);
  const first = min<u32>(count, points - head);
  memory.copy(to, ring + (head << 3), first << 3);
  memory.copy(to + (first << 3), ring, (count - first) << 3);
}

export function addValue(series: usize, value: f64, micros: i64): i32 {
  if (load<i64>(series, stepAt) == 0) return learn(series, value, micros);
  if (load<i32>(series, countAt) == 0) {
    begin(series, value, micros);
    return stored;
  }
  if (micros < load<i64>(series, lastMicrosAt)) return ignored;
  if (load<i64>(series, givenStepAt) == 0 && hasChanged(series, micros)) return restart(series, value, micros);
  const missing = slotOf(series, micros) - load<i64>(series, slotAtOffset) - 1;
  if (missing >= <i64>(load<i32>(series, pointsAt) >> 1)) return restart(series, value, micros);
  store<i64>(series, micros, lastMicrosAt);
  if (missing < 0) {
    store<f64>(place(series, 1), value);
    return stored;
  }
  for (let k: i64 = 0; k < missing; k++) append(series, missing <= heldSteps ? load<f64>(place(series, 1)) : profileValue(series));
  append(series, value);
  return stored;
}

/** Address of the value `back` steps before the next one. */
function place(series: usize, back: i32): usize {
  const points = load<i32>(series, pointsAt);
  let index = load<i32>(series, headAt) + load<i32>(series, countAt) - back;
  if (index >= points) index -= points;
  return <usize>load<u32>(series, ringAt) + ((<usize>index) << 3);
}

function append(series: usize, value: f64): void {
  const points = load<i32>(series, pointsAt), count = load<i32>(series, countAt);
  if (count < points) store<i32>(series, count + 1, countAt);
  else {
    const head = load<i32>(series, headAt) + 1;
    store<i32>(series, head == points ? 0 : head, headAt);
  }
  store<f64>(place(series, 1), value);
  store<i64>(series, load<i64>(series, slotAtOffset) + 1, slotAtOffset);
}

function profileValue(series: usize): f64 {
  const m = daySteps(series), count = load<i32>(series, countAt);
  let sum: f64 = 0;
  let cycles = 0;
  while (cycles < profileCycles && <i64>(cycles + 1) * <i64>m <= <i64>count) {
    cycles++;
    sum += load<f64>(place(series, cycles * m)) / <f64>profileCycles;
  }
  return cycles == 0 ? load<f64>(place(series, 1)) : sum * (<f64>profileCycles / <f64>cycles);
}

function begin(series: usize, value: f64, micros: i64): void {
  store<i32>(series, 1, countAt);
  store<i32>(series, 0, headAt);
  store<i32>(series, 0, changedAt);
  store<i64>(series, micros, anchorAt);
  store<i64>(series, micros, lastMicrosAt);
  store<i64>(series, 0, slotAtOffset);
  store<f64>(place(series, 1), value);
}

function restart(series: usize, value: f64, micros: i64): i32 {
  const given = load<i64>(series, givenStepAt);
  store<i64>(series, given, stepAt);
  store<i32>(series, 0, countAt);
  if (given != 0) begin(series, value, micros);
  else {
    store<i32>(series, 0, rowCountAt);
    keepRow(series, value, micros);
  }
  return restarted;
}

function hasChanged(series: usize, micros: i64): bool {
  const step = load<i64>(series, stepAt);
  const difference = micros - load<i64>(series, lastMicrosAt);
  if (difference == 0) return false;
  let changed = load<i32>(series, changedAt);
  if (4 * difference >= 3 * step && 4 * difference <= 5 * step) {
    store<i32>(series, 0, changedAt);
    return false;
  }
  let least = changed == 0 ? difference : min<i64>(difference, load<i64>(series, leastChangedAt));
  let most = changed == 0 ? difference : max<i64>(difference, load<i64>(series, mostChangedAt));
  changed++;
  if (4 * most > 5 * least) {
    changed = 1;
    least = difference;
    most = difference;
  }
  store<i32>(series, changed, changedAt);
  store<i64>(series, least, leastChangedAt);
  store<i64>(series, most, mostChangedAt);
  return changed >= changedRowsMin;
}

// @ts-ignore: decorator
@inline
function row(series: usize, index: i32): usize {
  return series + rowsAt + ((<usize>index) << 4);
}

function keepRow(series: usize, value: f64, micros: i64): void {
  const count = load<i32>(series, rowCountAt);
  store<i64>(row(series, count), micros);
  store<f64>(row(series, count), value, 8);
  store<i32>(series, count + 1, rowCountAt);
}

function learn(series: usize, value: f64, micros: i64): i32 {
  const count = load<i32>(series, rowCountAt);
  if (count > 0) {
    const last = row(series, count - 1);
    if (micros < load<i64>(last)) return ignored;
    if (micros == load<i64>(last)) {
      store<f64>(last, value, 8);
      return ignored;
    }
  }
  keepRow(series, value, micros);
  if (count + 1 < learningRows) return ignored;
  store<i64>(series, learntStep(series), stepAt);
  store<i32>(series, 0, rowCountAt);
  begin(series, load<f64>(row(series, 0), 8), load<i64>(row(series, 0)));
  for (let i = 1; i < learningRows; i++) addValue(series, load<f64>(row(series, i), 8), load<i64>(row(series, i)));
  return stored;
}

/** The i-th smallest difference of time between the rows. */
function differenceOfRank(series: usize, rank: i32): i64 {
  for (let i = 1; i < learningRows; i++) {
    const difference = load<i64>(row(series, i)) - load<i64>(row(series, i - 1));
    let smaller = 0, equal = 0;
    for (let k = 1; k < learningRows; k++) {
      const other = load<i64>(row(series, k)) - load<i64>(row(series, k - 1));
      if (other < difference) smaller++;
      else if (other == difference) equal++;
    }
    if (smaller <= rank && rank < smaller + equal) return difference;
  }
  return 1;
}

function learntStep(series: usize): i64 {
  const half = (learningRows - 1) >> 1;
  const median = (differenceOfRank(series, half - 1) + differenceOfRank(series, half)) / 2;
  let best = median;
  let distance = median / 50;
  const last = (median + distance) / 1000000;
  for (let seconds = (median - distance) / 1000000; seconds <= last && seconds <= 86400; seconds++) {
    if (seconds == 0 || 86400 % seconds != 0) continue;
    const off = seconds * 1000000 - median;
    const magnitude = off < 0 ? -off : off;
    if (magnitude > distance) continue;
    best = seconds * 1000000;
    distance = magnitude;
  }
  return best;
}
