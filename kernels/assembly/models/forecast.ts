import { allocateZeroed, release } from "../memory";
import { at, put } from "./forecasting/arithmetic";
import { fitSeasonStrength, fitSeries, fitTrend, fitUnit, statusFew, statusRestarted, statusSpent } from "./forecasting/fit";
import { anew, arrive, closeSchedule, due, elapsed, isFitted, openSchedule, scheduleBytes, scheduleOwnedBytes } from "./forecasting/schedule";
import { seriesStep } from "./forecasting/regular-series";
import { lower, mean, steps, upper } from "./forecasting/workspace";

/**
 * The forecaster of one series: Forecaster of kernels/models/forecast.ts. Results, valid until the next step: status (0 few, 1 short,
 * 2 constant, 3 regular, 4 restarted, 5 spent), whether fitted at this row, microseconds of a step (0: being learnt), trend (0 decreasing,
 * 1 stable, 2 increasing, NaN none), strength of the season (NaN none), then 60 means, lower and upper bounds by step after the row, NaN
 * where there is none; a reader takes the first `horizon`.
 */
export const forecastStatus: usize = 0;
export const forecastRefitted: usize = 8;
export const forecastStepMicros: usize = 16;
export const forecastTrend: usize = 24;
export const forecastSeasonStrength: usize = 32;
export const forecastMean: usize = 64;
export const forecastLower: usize = 64 + 480;
export const forecastUpper: usize = 64 + 960;
const fitStatusAt: usize = 40, shiftedAt: usize = 48, methodAt: usize = 52, horizonAt: usize = 56;
const scheduleAt: usize = 64 + 1440;
const stateBytes: u32 = <u32>(64 + 1440 + scheduleBytes);

/** `points` kept, at least 140; `method`: 0 bank, 1 seasonal naive. Times in microseconds, 0 for the step: learnt, 0 for every: by steps. */
export function openForecast(points: f64, stepMicros: f64, everyMicros: f64, horizon: f64, method: f64): usize {
  const state = allocateZeroed(stateBytes);
  openSchedule(state + scheduleAt, points, stepMicros, everyMicros);
  store<i32>(state, <i32>horizon, horizonAt);
  store<i32>(state, <i32>method, methodAt);
  forget(state);
  return state;
}

export function closeForecast(state: usize): void {
  closeSchedule(state + scheduleAt);
  release(state, stateBytes);
}

export function bytesForecast(state: usize): u32 {
  return stateBytes + scheduleOwnedBytes(state + scheduleAt);
}

export function stepForecast(state: usize, value: f64, micros: i64): void {
  const schedule = state + scheduleAt;
  const arrival = arrive(schedule, value, micros);
  if (arrival == anew) forget(state);
  else if (arrival == due) fit(state);
  store<f64>(state, arrival == due ? 1 : 0, forecastRefitted);
  store<f64>(state, <f64>seriesStep(schedule), forecastStepMicros);
  if (!isFitted(schedule)) {
    store<f64>(state, arrival == anew ? statusRestarted : statusFew, forecastStatus);
    return;
  }
  const steps_ = <i32>min<i64>(elapsed(schedule, micros), steps);
  shift(state, steps_);
  store<f64>(state, steps_ >= steps ? statusSpent : load<f64>(state, fitStatusAt), forecastStatus);
}

function fit(state: usize): void {
  const schedule = state + scheduleAt;
  const status = fitSeries(schedule, load<i32>(state, methodAt));
  const unit = fitUnit();
  for (let h = 0; h < steps; h++) {
    put(state + forecastMean, h, at(mean, h) * unit);
    put(state + forecastLower, h, at(lower, h) * unit);
    put(state + forecastUpper, h, at(upper, h) * unit);
  }
  store<f64>(state, status, fitStatusAt);
  store<i32>(state, 0, shiftedAt);
  store<f64>(state, fitTrend(status, load<i32>(state, horizonAt)), forecastTrend);
  store<f64>(state, fitSeasonStrength(schedule, status), forecastSeasonStrength);
}

/** Brings the results, which stand for `shifted` steps after the fit, to a later row. */
function shift(state: usize, to: i32): void {
  const by = to - load<i32>(state, shiftedAt);
  if (by <= 0) return;
  store<i32>(state, to, shiftedAt);
  for (let part = state + forecastMean; part < state + scheduleAt; part += 480) {
    memory.copy(part, part + ((<usize>by) << 3), (<usize>(steps - by)) << 3);
    for (let h = steps - by; h < steps; h++) put(part, h, NaN);
  }
}

function forget(state: usize): void {
  for (let place = state + forecastMean; place < state + scheduleAt; place += 8) store<f64>(place, NaN);
  store<f64>(state, NaN, forecastTrend);
  store<f64>(state, NaN, forecastSeasonStrength);
}
