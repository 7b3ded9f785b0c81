/**
 * Rows a minute and their bursts: see kernels/models/minute-rate.ts. The minute i64; rows in it, minutes that are over, the usual rate,
 * its variance f64; bursting u32. Zeroed memory.
 */
export const minuteRateBytes: usize = 48;

const minuteAt: usize = 0;
const rowsAt: usize = 8;
const minutesAt: usize = 16;
const usualAt: usize = 24;
const varianceAt: usize = 32;
const burstingAt: usize = 40;
const minuteMicros: i64 = 60000000;
const silentMinutesMax: i64 = 600;

export function startMinutes(rate: usize, micros: i64): void {
  store<i64>(rate, micros / minuteMicros, minuteAt);
}

export function usualMinute(rate: usize): f64 {
  return load<f64>(rate, usualAt);
}

/** Whether a burst begins with this row. */
export function countMinute(rate: usize, micros: i64, least: f64): bool {
  closeMinutes(rate, micros / minuteMicros, least);
  const rows = load<f64>(rate, rowsAt) + 1;
  store<f64>(rate, rows, rowsAt);
  if (load<u32>(rate, burstingAt) != 0 || load<f64>(rate, minutesAt) == 0) return false;
  if (rows < burstFrom(rate, least)) return false;
  store<u32>(rate, 1, burstingAt);
  return true;
}

function burstFrom(rate: usize, least: f64): f64 {
  const usual = load<f64>(rate, usualAt);
  return max<f64>(least, usual + 5 * sqrt<f64>(max<f64>(max<f64>(load<f64>(rate, varianceAt), usual), 1)));
}

function closeMinutes(rate: usize, minute: i64, least: f64): void {
  const before = load<i64>(rate, minuteAt);
  if (minute <= before) return;
  const from = burstFrom(rate, least);
  const rows = load<f64>(rate, rowsAt);
  learnMinute(rate, load<u32>(rate, burstingAt) != 0 ? min<f64>(rows, from) : rows);
  const silent = minute - before - 1;
  if (rows < from || silent > 0) store<u32>(rate, 0, burstingAt);
  for (let k = min<i64>(silent, silentMinutesMax); k > 0; k--) learnMinute(rate, 0);
  store<i64>(rate, minute, minuteAt);
  store<f64>(rate, 0, rowsAt);
}

function learnMinute(rate: usize, rows: f64): void {
  const minutes = load<f64>(rate, minutesAt) + 1;
  store<f64>(rate, minutes, minutesAt);
  const share = max<f64>(1.0 / 60, 1 / minutes);
  const usual = load<f64>(rate, usualAt);
  const off = rows - usual;
  store<f64>(rate, usual + share * off, usualAt);
  store<f64>(rate, (1 - share) * (load<f64>(rate, varianceAt) + share * off * off), varianceAt);
}
