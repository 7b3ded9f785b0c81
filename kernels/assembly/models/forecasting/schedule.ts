import {
  addValue, closeSeries, daySteps, openSeries, restarted, seriesBytes, seriesCount, seriesOwnedBytes, seriesSlot, slotOf, stored,
} from "./regular-series";

/** A regular series and when it was fitted last; the series stands first. */
const everyAt: usize = seriesBytes, fittedSlotAt: usize = seriesBytes + 8, fittedMicrosAt: usize = seriesBytes + 16;
const isFittedAt: usize = seriesBytes + 24;
export const scheduleBytes: usize = seriesBytes + 32;
const pointsMin: i32 = 24;

export const nothing: i32 = 0, due: i32 = 1, anew: i32 = 2;

export function openSchedule(schedule: usize, points: f64, stepMicros: f64, everyMicros: f64): void {
  openSeries(schedule, <i32>points, <i64>stepMicros);
  store<i64>(schedule, <i64>everyMicros, everyAt);
}

export function closeSchedule(schedule: usize): void {
  closeSeries(schedule);
}

export function scheduleOwnedBytes(schedule: usize): u32 {
  return seriesOwnedBytes(schedule);
}

/** Learns a row: whether the series is to be fitted now, or has begun anew. */
export function arrive(schedule: usize, value: f64, micros: i64): i32 {
  if (!isFinite(value)) return nothing;
  const arrival = addValue(schedule, value, micros);
  if (arrival == restarted) {
    store<u8>(schedule, 0, isFittedAt);
    return anew;
  }
  if (arrival != stored || seriesCount(schedule) < pointsMin || !isDue(schedule, micros)) return nothing;
  store<u8>(schedule, 1, isFittedAt);
  store<i64>(schedule, seriesSlot(schedule), fittedSlotAt);
  store<i64>(schedule, micros, fittedMicrosAt);
  return due;
}

function isDue(schedule: usize, micros: i64): bool {
  if (load<u8>(schedule, isFittedAt) == 0) return true;
  const every = load<i64>(schedule, everyAt);
  if (every > 0) return micros - load<i64>(schedule, fittedMicrosAt) >= every;
  return seriesSlot(schedule) - load<i64>(schedule, fittedSlotAt) >= <i64>max<i32>(1, daySteps(schedule) / 96);
}

export function isFitted(schedule: usize): bool {
  return load<u8>(schedule, isFittedAt) != 0;
}

/** Steps from the last fit to a time. */
export function elapsed(schedule: usize, micros: i64): i64 {
  return slotOf(schedule, micros) - load<i64>(schedule, fittedSlotAt);
}
