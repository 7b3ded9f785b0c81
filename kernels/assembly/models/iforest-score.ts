import { allocate, release } from '../memory';
import { bytesLearner, closeLearner, learnRow, openLearner, pathOf, scoreOf } from './isolation-learner';

/** An isolation forest over one or several columns: see kernels/models/iforest-score.ts. The result: f64, NaN for none. */
export const iforestScore: usize = 0;
const learnerAt: usize = 8;
const columnsAt: usize = 12;
const stateBytes: u32 = 16;

export function openIforestScore(columns: f64, trees: f64, sample: f64, refitRows: f64, historyRows: f64, seed: f64): usize {
  const state = allocate(stateBytes);
  store<f64>(state, NaN, iforestScore);
  store<u32>(state, <u32>openLearner(<u32>columns, <u32>trees, <u32>sample, refitRows, historyRows, <u32>seed), learnerAt);
  store<u32>(state, <u32>columns, columnsAt);
  return state;
}

/** `values`: address of one f64 of each column. */
export function stepIforestScore(state: usize, values: usize, _micros: i64): void {
  store<f64>(state, NaN, iforestScore);
  const end = values + (<usize>load<u32>(state, columnsAt) << 3);
  for (let at = values; at < end; at += 8) if (!isFinite<f64>(load<f64>(at))) return;
  const learner = <usize>load<u32>(state, learnerAt);
  const path = pathOf(learner, values);
  if (path == path) store<f64>(state, scoreOf(learner, path), iforestScore);
  learnRow(learner, values);
}

export function closeIforestScore(state: usize): void {
  closeLearner(<usize>load<u32>(state, learnerAt));
  release(state, stateBytes);
}

export function bytesIforestScore(state: usize): u32 {
  return stateBytes + bytesLearner(<usize>load<u32>(state, learnerAt));
}
