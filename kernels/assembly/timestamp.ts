import { dateOf, day, daysInMonth, floorDivide, isFiniteTimestamp, joinDate, microsPerHour, microsPerMinute, microsPerSecond, month, splitDate, timeOf, toTimestamp, year } from "./calendar";
import { isoDayOfWeek, isoWeek, isoYear, yearOf } from "./date-part";
import { fail, faultTimestamp, rejectCast } from "./fault";
import { subtract } from "./integer";

/** date_trunc to `unit` microseconds that divide a day. */
export function truncateTo(timestamp: i64, unit: i64): i64 {
  if (!isFiniteTimestamp(timestamp)) return timestamp;
  return floorDivide(timestamp, unit) * unit;
}

export function truncateToWeek(timestamp: i64): i64 {
  if (!isFiniteTimestamp(timestamp)) return timestamp;
  return toTimestamp(<i64>dateOf(timestamp) - isoDayOfWeek(timestamp) + 1, 0);
}

export function truncateToIsoYear(timestamp: i64): i64 {
  if (!isFiniteTimestamp(timestamp)) return timestamp;
  return toTimestamp(<i64>dateOf(timestamp) - isoDayOfWeek(timestamp) + 1 - (isoWeek(timestamp) - 1) * 7, 0);
}

/** date_trunc to months that divide a year, or to years. */
export function truncateToMonths(timestamp: i64, months: i32): i64 {
  if (!isFiniteTimestamp(timestamp)) return timestamp;
  splitDate(dateOf(timestamp));
  if (months < 12) return toTimestamp(joinDate(year, ((month - 1) / months) * months + 1, 1), 0);
  const years = months / 12;
  return toTimestamp(joinDate((year / years) * years, 1, 1), 0);
}

/** Boundaries of `unit` microseconds between two timestamps. */
export function countUnits(start: i64, end: i64, unit: i64): i64 {
  return floorDivide(end, unit) - floorDivide(start, unit);
}

export function countMicros(start: i64, end: i64): i64 {
  return subtract<i64>(end, start);
}

export function countWeeks(start: i64, end: i64): i64 {
  return (<i64>dateOf(end) - <i64>dateOf(start)) / 7;
}

export function countMonths(start: i64, end: i64, unit: i64): i64 {
  splitDate(dateOf(start));
  const first = (<i64>year * 12 + month - 1) / unit;
  splitDate(dateOf(end));
  return (<i64>year * 12 + month - 1) / unit - first;
}

export function countYears(start: i64, end: i64, unit: i64): i64 {
  return yearOf(end) / unit - yearOf(start) / unit;
}

export function countIsoYears(start: i64, end: i64): i64 {
  return isoYear(end) - isoYear(start);
}

export function makeDate(years: i64, months: i64, days: i64): i32 {
  if (years < -5877641 || years > 5881580 || months < 1 || months > 12 || days < 1) fail(faultTimestamp);
  if (days > <i64>daysInMonth(<i32>years, <i32>months)) fail(faultTimestamp);
  const date = joinDate(<i32>years, <i32>months, <i32>days);
  if (date <= -<i64>i32.MAX_VALUE || date >= <i64>i32.MAX_VALUE) fail(faultTimestamp);
  return <i32>date;
}

export function makeTimestamp(years: i64, months: i64, days: i64, hours: i64, minutes: i64, seconds: f64): i64 {
  const date = makeDate(years, months, days);
  if (hours < 0 || hours > 24 || minutes < 0 || minutes > 59 || !(seconds >= 0 && seconds < 61)) fail(faultTimestamp);
  const whole = trunc<f64>(seconds);
  const micros = <i64>whole * microsPerSecond + <i64>nearest<f64>((seconds - whole) * 1000000);
  return toTimestamp(date, hours * microsPerHour + minutes * microsPerMinute + micros);
}

/** Multiplies a timestamp's unit; beyond the range the cast fails. */
export function finerUnit(value: i64, factor: i64): i64 {
  if (!isFiniteTimestamp(value)) return value;
  const result = value * factor;
  if (result / factor != value || !isFiniteTimestamp(result)) {
    rejectCast();
    return 0;
  }
  return result;
}

export function coarserUnit(value: i64, factor: i64): i64 {
  return isFiniteTimestamp(value) ? value / factor : value;
}

/** Half away from zero. */
export function nearestUnit(value: i64, factor: i64): i64 {
  if (!isFiniteTimestamp(value)) return value;
  const rest = value % factor;
  return value / factor + <i64>(rest * 2 >= factor) - <i64>(rest * 2 <= -factor);
}

export function timeOfTimestamp(timestamp: i64): i64 {
  if (!isFiniteTimestamp(timestamp)) rejectCast();
  return timeOf(timestamp);
}

export function timestampOfMillis(millis: i64): i64 {
  const micros = millis * 1000;
  if (micros / 1000 != millis || !isFiniteTimestamp(micros)) fail(faultTimestamp);
  return micros;
}
