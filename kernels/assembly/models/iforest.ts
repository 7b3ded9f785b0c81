import { allocate, allocateZeroed, release } from '../memory';
import {
  bytesLearner,
  closeLearner,
  deviationOf,
  keptRow,
  keptRows,
  keptRowsMost,
  learnRow,
  meanOf,
  openLearner,
  pathOf,
  scoreOf,
} from './isolation-learner';
import { quantileOf, sortNumbers } from './sort-numbers';

/** The usual recipe of an isolation forest for one series: see kernels/models/iforest.ts. Results: f64, NaN for none. */
export const iforestScore: usize = 0;
export const iforestAnomaly: usize = 8;
export const iforestExpected: usize = 16;
export const iforestLower: usize = 24;
export const iforestUpper: usize = 32;
export const iforestConfidence: usize = 40;
export const iforestType: usize = 48;
export const iforestSeverity: usize = 56;

const learnerAt: usize = 64;
const contaminationAt: usize = 72;
/** Values in the window; of the rows that the forest was made of: paths, the path of the threshold, the 99th percentile, the least value. */
const windowRowsAt: usize = 80;
const pastRowsAt: usize = 84;
const thresholdAt: usize = 88;
const highAt: usize = 96;
const leastAt: usize = 104;
/** The row's features, f64: see the definition; the last values, the oldest first; the sorted paths. */
const featuresAt: usize = 112;
const windowAt: usize = featuresAt + 64;
const windowMost: u32 = 20;
const pathsAt: usize = windowAt + 160;

const hourMicros: i64 = 3600000000;

export function openIforest(trees: f64, sample: f64, refitRows: f64, historyRows: f64, seed: f64, contamination: f64): usize {
  const learner = openLearner(8, <u32>trees, <u32>sample, refitRows, historyRows, <u32>seed);
  const state = allocateZeroed(ownBytes(learner));
  none(state);
  store<u32>(state, <u32>learner, learnerAt);
  store<f64>(state, contamination, contaminationAt);
  return state;
}

function ownBytes(learner: usize): u32 {
  return <u32>pathsAt + 8 * keptRowsMost(learner);
}

export function closeIforest(state: usize): void {
  const learner = <usize>load<u32>(state, learnerAt);
  release(state, ownBytes(learner));
  closeLearner(learner);
}

export function bytesIforest(state: usize): u32 {
  const learner = <usize>load<u32>(state, learnerAt);
  return ownBytes(learner) + bytesLearner(learner);
}

export function stepIforest(state: usize, value: f64, micros: i64): void {
  none(state);
  if (!isFinite<f64>(value)) return;
  const learner = <usize>load<u32>(state, learnerAt);
  describe(state, value, micros);
  const path = pathOf(learner, state + featuresAt);
  if (path == path) judge(state, learner, value, path);
  if (learnRow(learner, state + featuresAt)) remember(state, learner);
}

function none(state: usize): void {
  for (let at: usize = 0; at <= iforestSeverity; at += 8) store<f64>(state + at, NaN);
}

function describe(state: usize, value: f64, micros: i64): void {
  const window = state + windowAt;
  let count = load<u32>(state, windowRowsAt);
  const change = count > 0 ? value - load<f64>(window + (<usize>(count - 1) << 3)) : 0;
  if (count == windowMost) memory.copy(window, window + 8, 8 * (windowMost - 1));
  else store<u32>(state, ++count, windowRowsAt);
  store<f64>(window + (<usize>(count - 1) << 3), value);
  let hours = micros / hourMicros;
  if (micros % hourMicros < 0) hours--;
  const hour = ((hours % 24) + 24) % 24;
  const days = (hours - hour) / 24;
  const first = load<f64>(window);
  const end = window + (<usize>count << 3);
  let sum: f64 = 0;
  let least = first;
  let most = first;
  for (let at = window; at < end; at += 8) {
    const each = load<f64>(at);
    sum += each - first;
    least = min<f64>(least, each);
    most = max<f64>(most, each);
  }
  const mean = first + sum / <f64>count;
  let squares: f64 = 0;
  for (let at = window; at < end; at += 8) squares += (load<f64>(at) - mean) * (load<f64>(at) - mean);
  const features = state + featuresAt;
  store<f64>(features, value);
  store<f64>(features, <f64>hour, 8);
  // 1970-01-01 was a Thursday; Monday is 0.
  store<f64>(features, <f64>((((days + 3) % 7) + 7) % 7), 16);
  store<f64>(features, mean, 24);
  store<f64>(features, count > 1 ? sqrt<f64>(squares / <f64>(count - 1)) : 0, 32);
  store<f64>(features, least, 40);
  store<f64>(features, most, 48);
  store<f64>(features, change, 56);
}

function judge(state: usize, learner: usize, value: f64, path: f64): void {
  const expected = meanOf(learner, 0);
  const deviation = deviationOf(learner, 0);
  const off = abs<f64>(value - expected);
  const deviations = off == 0 ? 0 : off / deviation;
  const stands = path < load<f64>(state, thresholdAt);
  store<f64>(state, scoreOf(learner, path), iforestScore);
  store<f64>(state, stands ? 1 : 0, iforestAnomaly);
  store<f64>(state, expected, iforestExpected);
  store<f64>(state, expected - 2 * deviation, iforestLower);
  store<f64>(state, expected + 2 * deviation, iforestUpper);
  store<f64>(state, confidenceOf(state, path), iforestConfidence);
  if (!stands) return;
  store<f64>(state, <f64>typeOf(state, value, expected, deviation), iforestType);
  store<f64>(state, <f64>(i32(deviations > 2) + i32(deviations > 3) + i32(deviations > 4)), iforestSeverity);
}

/** The place of the type's name among iforestTypes. */
function typeOf(state: usize, value: f64, expected: f64, deviation: f64): u32 {
  const least = load<f64>(state, leastAt);
  if (value > load<f64>(state, highAt)) return 0;
  if (value < least - 0.5 * abs<f64>(least)) return 1;
  if (abs<f64>(load<f64>(state, featuresAt + 56)) > 3 * deviation) return 2;
  return abs<f64>(load<f64>(state, featuresAt + 24) - expected) > 2 * deviation ? 3 : 4;
}

/** Share of the forest's rows whose path is longer. */
function confidenceOf(state: usize, path: f64): f64 {
  const rows = load<u32>(state, pastRowsAt);
  let low: u32 = 0;
  let high = rows;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<f64>(state + pathsAt + (<usize>middle << 3)) <= path) low = middle + 1;
    else high = middle;
  }
  return <f64>(rows - low) / <f64>rows;
}

function remember(state: usize, learner: usize): void {
  const rows = keptRows(learner);
  const paths = state + pathsAt;
  const values = allocate(8 * rows);
  for (let row: u32 = 0; row < rows; row++) {
    store<f64>(paths + (<usize>row << 3), pathOf(learner, keptRow(learner, row)));
    store<f64>(values + (<usize>row << 3), load<f64>(keptRow(learner, row)));
  }
  sortNumbers(paths, rows);
  sortNumbers(values, rows);
  store<u32>(state, rows, pastRowsAt);
  store<f64>(state, quantileOf(paths, rows, load<f64>(state, contaminationAt)), thresholdAt);
  store<f64>(state, quantileOf(values, rows, 0.99), highAt);
  store<f64>(state, load<f64>(values), leastAt);
  release(values, 8 * rows);
}
