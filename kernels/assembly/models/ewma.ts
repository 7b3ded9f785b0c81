import { allocateZeroed, release } from '../memory';

/** Exponentially weighted mean and deviation: see kernels/models/ewma.ts. Results: f64, NaN for none. */
export const ewmaMean: usize = 0;
export const ewmaDeviation: usize = 8;
export const ewmaZ: usize = 16;
const alphaAt: usize = 24;
const meanAt: usize = 32;
const varianceAt: usize = 40;
const startedAt: usize = 48;
const stateBytes: u32 = 56;

export function openEwma(alpha: f64): usize {
  const state = allocateZeroed(stateBytes);
  store<f64>(state, alpha, alphaAt);
  return state;
}

export function closeEwma(state: usize): void {
  release(state, stateBytes);
}

export function bytesEwma(_state: usize): u32 {
  return stateBytes;
}

export function stepEwma(state: usize, value: f64, _micros: i64): void {
  store<f64>(state, NaN, ewmaZ);
  if (!isFinite<f64>(value)) {
    store<f64>(state, NaN, ewmaMean);
    store<f64>(state, NaN, ewmaDeviation);
    return;
  }
  const alpha = load<f64>(state, alphaAt);
  let mean = load<f64>(state, meanAt);
  let variance = load<f64>(state, varianceAt);
  const difference = value - mean;
  const before = sqrt<f64>(variance);
  if (load<u32>(state, startedAt) == 0) {
    store<u32>(state, 1, startedAt);
    mean = value;
  } else {
    if (before > 0) store<f64>(state, difference / before, ewmaZ);
    const increment = alpha * difference;
    mean += increment;
    variance = (1 - alpha) * (variance + difference * increment);
  }
  store<f64>(state, mean, meanAt);
  store<f64>(state, variance, varianceAt);
  store<f64>(state, mean, ewmaMean);
  store<f64>(state, sqrt<f64>(variance), ewmaDeviation);
}
