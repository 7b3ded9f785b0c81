import { allocate, allocateZeroed, release } from '../memory';
import { fitForest, forestBytes, forestDepth, forestPath, forestScore } from './isolation-forest';
import { nextRandom, randomBelow, randomBytes, seedRandom } from './seeded-random';

/** A forest made anew of late rows: see kernels/models/isolation-learner.ts. */
const columnsAt: usize = 0;
const treesAt: usize = 4;
const sampleAt: usize = 8;
const mostAt: usize = 12;
const countAt: usize = 16;
/** 0: none yet. */
const forestAt: usize = 20;
const rowsAt: usize = 24;
const nextAt: usize = 32;
const refitRowsAt: usize = 40;
const historyRowsAt: usize = 48;
const randomAt: usize = 56;
/** Means and deviations, f64 by column; a scaled row, f32, with room to a multiple of 8 bytes; kept rows, f64. */
const meansAt: usize = randomAt + randomBytes;

export const isolationRowsMin: u32 = 100;

export function openLearner(columns: u32, trees: u32, sample: u32, refitRows: f64, historyRows: f64, seed: u32): usize {
  const most = max<u32>(isolationRowsMin, <u32>min<f64>(<f64>(4 * sample), historyRows));
  const learner = allocateZeroed(ownBytes(columns, most));
  store<u32>(learner, columns, columnsAt);
  store<u32>(learner, trees, treesAt);
  store<u32>(learner, sample, sampleAt);
  store<u32>(learner, most, mostAt);
  store<f64>(learner, <f64>isolationRowsMin, nextAt);
  store<f64>(learner, refitRows, refitRowsAt);
  store<f64>(learner, historyRows, historyRowsAt);
  seedRandom(learner + randomAt, seed);
  return learner;
}

function ownBytes(columns: u32, most: u32): u32 {
  return <u32>meansAt + columns * 24 + most * columns * 8;
}

function bytesOfForest(learner: usize): u32 {
  return forestBytes(load<u32>(learner, treesAt), forestDepth(load<u32>(learner, sampleAt)));
}

export function closeLearner(learner: usize): void {
  const forest = <usize>load<u32>(learner, forestAt);
  if (forest != 0) release(forest, bytesOfForest(learner));
  release(learner, ownBytes(load<u32>(learner, columnsAt), load<u32>(learner, mostAt)));
}

export function bytesLearner(learner: usize): u32 {
  const own = ownBytes(load<u32>(learner, columnsAt), load<u32>(learner, mostAt));
  return load<u32>(learner, forestAt) == 0 ? own : own + bytesOfForest(learner);
}

/** Rows that are kept, now and at most. */
export function keptRows(learner: usize): u32 {
  return load<u32>(learner, countAt);
}

export function keptRowsMost(learner: usize): u32 {
  return load<u32>(learner, mostAt);
}

export function keptRow(learner: usize, place: u32): usize {
  const columns = <usize>load<u32>(learner, columnsAt);
  return learner + meansAt + columns * 24 + ((<usize>place * columns) << 3);
}

export function meanOf(learner: usize, column: u32): f64 {
  return load<f64>(learner + meansAt + (<usize>column << 3));
}

/** 0 of a column whose values do not differ. */
export function deviationOf(learner: usize, column: u32): f64 {
  return load<f64>(learner + meansAt + (<usize>(load<u32>(learner, columnsAt) + column) << 3));
}

/** Of a row of f64; NaN while there is no forest. */
export function pathOf(learner: usize, row: usize): f64 {
  const forest = <usize>load<u32>(learner, forestAt);
  if (forest == 0) return NaN;
  const scaled = learner + meansAt + (<usize>load<u32>(learner, columnsAt) << 4);
  scale(learner, row, scaled);
  return forestPath(forest, scaled);
}

export function scoreOf(learner: usize, path: f64): f64 {
  return forestScore(<usize>load<u32>(learner, forestAt), path);
}

function scale(learner: usize, row: usize, to: usize): void {
  const columns = load<u32>(learner, columnsAt);
  for (let column: u32 = 0; column < columns; column++) {
    const deviation = deviationOf(learner, column);
    const value = load<f64>(row + (<usize>column << 3));
    store<f32>(to + (<usize>column << 2), deviation > 0 ? <f32>((value - meanOf(learner, column)) / deviation) : 0);
  }
}

/** True: a new forest was made. */
export function learnRow(learner: usize, row: usize): bool {
  const random = learner + randomAt;
  const most = load<u32>(learner, mostAt);
  const count = load<u32>(learner, countAt);
  const bytes = <usize>load<u32>(learner, columnsAt) << 3;
  if (count < most) {
    memory.copy(keptRow(learner, count), row, bytes);
    store<u32>(learner, count + 1, countAt);
  } else if (nextRandom(random) * load<f64>(learner, historyRowsAt) < <f64>most) {
    memory.copy(keptRow(learner, randomBelow(random, most)), row, bytes);
  }
  const rows = load<f64>(learner, rowsAt) + 1;
  store<f64>(learner, rows, rowsAt);
  if (rows < load<f64>(learner, nextAt)) return false;
  store<f64>(learner, rows + min<f64>(rows, load<f64>(learner, refitRowsAt)), nextAt);
  fit(learner);
  return true;
}

function fit(learner: usize): void {
  const columns = load<u32>(learner, columnsAt);
  const count = load<u32>(learner, countAt);
  for (let column: u32 = 0; column < columns; column++) measure(learner, column, columns, count);
  if (load<u32>(learner, forestAt) == 0) store<u32>(learner, <u32>allocate(bytesOfForest(learner)), forestAt);
  const bytes = 4 * count * columns;
  const matrix = allocate(bytes);
  for (let place: u32 = 0; place < count; place++)
    scale(learner, keptRow(learner, place), matrix + ((<usize>place * <usize>columns) << 2));
  const forest = <usize>load<u32>(learner, forestAt);
  fitForest(forest, load<u32>(learner, treesAt), load<u32>(learner, sampleAt), matrix, count, columns, learner + randomAt);
  release(matrix, bytes);
}

function measure(learner: usize, column: u32, columns: u32, count: u32): void {
  const values = keptRow(learner, 0) + (<usize>column << 3);
  const stride = <usize>columns << 3;
  const end = values + <usize>count * stride;
  const first = load<f64>(values);
  let sum: f64 = 0;
  for (let at = values; at < end; at += stride) sum += load<f64>(at) - first;
  const mean = first + sum / <f64>count;
  let squares: f64 = 0;
  for (let at = values; at < end; at += stride) squares += (load<f64>(at) - mean) * (load<f64>(at) - mean);
  const deviation = sqrt<f64>(squares / <f64>count);
  store<f64>(learner + meansAt + (<usize>column << 3), mean);
  const differs = deviation > 1e-12 * abs<f64>(mean) && isFinite<f64>(deviation);
  store<f64>(learner + meansAt + (<usize>(columns + column) << 3), differs ? deviation : 0);
}
