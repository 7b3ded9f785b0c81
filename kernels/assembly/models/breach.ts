import { allocateZeroed, release } from "../memory";
import { breachProbability, breachRisk, breachStep } from "./forecasting/breach";
import { fitBreach, fitSeries, methodBank, statusFew, statusRestarted, statusSpent } from "./forecasting/fit";
import { anew, arrive, closeSchedule, due, elapsed, isFitted, openSchedule, scheduleBytes, scheduleOwnedBytes } from "./forecasting/schedule";
import { seriesStep } from "./forecasting/regular-series";

/**
 * Whether and when one series reaches a threshold: BreachForecaster of kernels/models/breach.ts. Results, valid until the next step:
 * status as of the forecaster, probability, risk, steps and minutes until the threshold is reached (NaN none), whether fitted at this row,
 * microseconds of a step (0: being learnt).
 */
export const breachStatusAt: usize = 0;
export const breachProbabilityAt: usize = 8;
export const breachRiskAt: usize = 16;
export const breachFirstStepAt: usize = 24;
export const breachMinutesAt: usize = 32;
export const breachRefittedAt: usize = 40;
export const breachStepMicrosAt: usize = 48;
const fitStatusAt: usize = 56, fitProbabilityAt: usize = 64, fitRiskAt: usize = 72, fitStepAt: usize = 80, thresholdAt: usize = 88;
const signAt: usize = 96, horizonAt: usize = 104;
const scheduleAt: usize = 112;
const stateBytes: u32 = <u32>(112 + scheduleBytes);

/** `sign`: 1 for an upper threshold, -1 for a lower one; the others as of openForecast. */
export function openBreach(points: f64, stepMicros: f64, everyMicros: f64, horizon: f64, threshold: f64, sign: f64): usize {
  const state = allocateZeroed(stateBytes);
  openSchedule(state + scheduleAt, points, stepMicros, everyMicros);
  store<i32>(state, <i32>horizon, horizonAt);
  store<f64>(state, threshold, thresholdAt);
  store<f64>(state, sign, signAt);
  forget(state, statusFew);
  return state;
}

export function closeBreach(state: usize): void {
  closeSchedule(state + scheduleAt);
  release(state, stateBytes);
}

export function bytesBreach(state: usize): u32 {
  return stateBytes + scheduleOwnedBytes(state + scheduleAt);
}

export function stepBreach(state: usize, value: f64, micros: i64): void {
  const schedule = state + scheduleAt;
  const arrival = arrive(schedule, value, micros);
  if (arrival == due) fit(state);
  store<f64>(state, arrival == due ? 1 : 0, breachRefittedAt);
  store<f64>(state, <f64>seriesStep(schedule), breachStepMicrosAt);
  if (!isFitted(schedule)) {
    forget(state, arrival == anew ? statusRestarted : statusFew);
    return;
  }
  const passed = elapsed(schedule, micros);
  if (passed >= <i64>load<i32>(state, horizonAt)) {
    forget(state, statusSpent);
    return;
  }
  const left = load<f64>(state, fitStepAt) - <f64>passed;
  const first = left >= 1 ? left : NaN;
  store<f64>(state, load<f64>(state, fitStatusAt), breachStatusAt);
  store<f64>(state, load<f64>(state, fitProbabilityAt), breachProbabilityAt);
  store<f64>(state, load<f64>(state, fitRiskAt), breachRiskAt);
  store<f64>(state, first, breachFirstStepAt);
  store<f64>(state, (first * <f64>seriesStep(schedule)) / 60e6, breachMinutesAt);
}

function fit(state: usize): void {
  const schedule = state + scheduleAt;
  const status = fitSeries(schedule, methodBank);
  fitBreach(schedule, status, load<f64>(state, thresholdAt), load<f64>(state, signAt), load<i32>(state, horizonAt));
  store<f64>(state, status, fitStatusAt);
  store<f64>(state, breachProbability(), fitProbabilityAt);
  store<f64>(state, breachRisk(), fitRiskAt);
  store<f64>(state, breachStep(), fitStepAt);
}

function forget(state: usize, status: f64): void {
  store<f64>(state, status, breachStatusAt);
  store<f64>(state, NaN, breachProbabilityAt);
  store<f64>(state, NaN, breachRiskAt);
  store<f64>(state, NaN, breachFirstStepAt);
  store<f64>(state, NaN, breachMinutesAt);
}
