import { allocateZeroed, release } from '../memory';

/** What a counter went up by: see kernels/models/counter.ts. Results: f64, NaN for none. */
export const counterIncrease: usize = 0;
export const counterRate: usize = 8;
const valueAt: usize = 16;
const microsAt: usize = 24;
const startedAt: usize = 32;
const stateBytes: u32 = 40;

export function openCounter(): usize {
  return allocateZeroed(stateBytes);
}

export function closeCounter(state: usize): void {
  release(state, stateBytes);
}

export function bytesCounter(_state: usize): u32 {
  return stateBytes;
}

export function stepCounter(state: usize, value: f64, micros: i64): void {
  store<f64>(state, NaN, counterIncrease);
  store<f64>(state, NaN, counterRate);
  if (!isFinite<f64>(value)) return;
  if (load<u32>(state, startedAt) != 0) {
    const before = load<f64>(state, valueAt);
    const increase = value >= before ? value - before : value;
    const passed = micros - load<i64>(state, microsAt);
    store<f64>(state, increase, counterIncrease);
    if (passed > 0) store<f64>(state, (increase * 1e6) / <f64>passed, counterRate);
  }
  store<u32>(state, 1, startedAt);
  store<f64>(state, value, valueAt);
  store<i64>(state, micros, microsAt);
}
