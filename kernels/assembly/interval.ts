import { dateOf, day, daysInMonth, floorDivide, infiniteDate, infiniteTimestamp, isFiniteDate, isFiniteTimestamp, joinDate, microsPerDay, month, splitDate, timeOf, toTimestamp, year } from "./calendar";
import { add, multiply, subtract } from "./integer";
import { fail, faultArgument, faultTimestamp } from "./fault";

/** An interval is (months, days, microseconds). These are the first two of the last result; a function returns the microseconds. */
export let intervalMonths: i32 = 0;
export let intervalDays: i32 = 0;

function addMonths(days: i32, months: i32): i64 {
  splitDate(days);
  let years = year + months / 12;
  let months1 = month + (months % 12);
  if (months1 > 12) {
    years++;
    months1 -= 12;
  } else if (months1 <= 0) {
    years--;
    months1 += 12;
  }
  return joinDate(years, months1, min<i32>(day, daysInMonth(years, months1)));
}

export function addInterval(timestamp: i64, months: i32, days: i32, micros: i64): i64 {
  if (!isFiniteTimestamp(timestamp)) return timestamp;
  if (months == 0 && days == 0) {
    const sum = timestamp + micros;
    if (((timestamp ^ sum) & (micros ^ sum)) < 0 || !isFiniteTimestamp(sum) || sum == i64.MIN_VALUE) fail(faultTimestamp);
    return sum;
  }
  let date: i64 = months == 0 ? dateOf(timestamp) : addMonths(dateOf(timestamp), months);
  date += <i64>days + micros / microsPerDay;
  let time = timeOf(timestamp) + (micros % microsPerDay);
  if (time >= microsPerDay) {
    time -= microsPerDay;
    date++;
  } else if (time < 0) {
    time += microsPerDay;
    date--;
  }
  return toTimestamp(date, time);
}

export function subtractInterval(timestamp: i64, months: i32, days: i32, micros: i64): i64 {
  return addInterval(timestamp, -months, -days, -micros);
}

export function dateToTimestamp(date: i32): i64 {
  if (!isFiniteDate(date)) return date > 0 ? infiniteTimestamp : -infiniteTimestamp;
  return toTimestamp(date, 0);
}

export function timestampToDate(timestamp: i64): i32 {
  if (!isFiniteTimestamp(timestamp)) return timestamp > 0 ? infiniteDate : -infiniteDate;
  return dateOf(timestamp);
}

/** DATE + INTEGER. The day before -infinity is a day, as in DuckDB. */
export function addDays(date: i32, days: i32): i32 {
  if (!isFiniteDate(date)) return date;
  const sum = add<i32>(date, days);
  if (!isFiniteDate(sum)) fail(faultTimestamp);
  return sum;
}

export function timestampDifference(a: i64, b: i64): i64 {
  if (!isFiniteTimestamp(a) || !isFiniteTimestamp(b)) fail(faultArgument);
  const difference = subtract<i64>(a, b);
  intervalMonths = 0;
  intervalDays = <i32>(difference / microsPerDay);
  return difference % microsPerDay;
}

/** TIME + INTERVAL wraps at midnight. */
export function addToTime(time: i64, micros: i64): i64 {
  let sum = time + (micros % microsPerDay);
  if (sum >= microsPerDay) sum -= microsPerDay;
  else if (sum < 0) sum += microsPerDay;
  return sum;
}

export function addIntervals(aMonths: i32, aDays: i32, aMicros: i64, bMonths: i32, bDays: i32, bMicros: i64): i64 {
  intervalMonths = add<i32>(aMonths, bMonths);
  intervalDays = add<i32>(aDays, bDays);
  return add<i64>(aMicros, bMicros);
}

export function subtractIntervals(aMonths: i32, aDays: i32, aMicros: i64, bMonths: i32, bDays: i32, bMicros: i64): i64 {
  intervalMonths = subtract<i32>(aMonths, bMonths);
  intervalDays = subtract<i32>(aDays, bDays);
  return subtract<i64>(aMicros, bMicros);
}

export function multiplyInterval(months: i32, days: i32, micros: i64, by: i64): i64 {
  const factor = <i32>by;
  if (<i64>factor != by) fail(faultTimestamp);
  intervalMonths = multiply<i32>(months, factor);
  intervalDays = multiply<i32>(days, factor);
  return multiply<i64>(micros, by);
}

/** 30-day months and 24-hour days carried upwards, towards zero: what DuckDB compares. */
export function normalizeInterval(months: i32, days: i32, micros: i64): i64 {
  const allDays = <i64>days + micros / microsPerDay;
  intervalMonths = add<i32>(months, <i32>(allDays / 30));
  intervalDays = <i32>(allDays % 30);
  return micros % microsPerDay;
}

export function compareIntervals(aMonths: i32, aDays: i32, aMicros: i64, bMonths: i32, bDays: i32, bMicros: i64): i32 {
  const aAll = <i64>aDays + aMicros / microsPerDay;
  const bAll = <i64>bDays + bMicros / microsPerDay;
  const month = <i64>aMonths + aAll / 30 - (<i64>bMonths + bAll / 30);
  if (month != 0) return month < 0 ? -1 : 1;
  const days = (aAll % 30) - (bAll % 30);
  if (days != 0) return days < 0 ? -1 : 1;
  const rest = (aMicros % microsPerDay) - (bMicros % microsPerDay);
  return rest == 0 ? 0 : rest < 0 ? -1 : 1;
}

/** Start of the bucket of `width` microseconds, aligned to `origin`. */
export function timeBucket(width: i64, timestamp: i64, origin: i64): i64 {
  if (!isFiniteTimestamp(timestamp)) return timestamp;
  const offset = origin % width;
  const shifted = subtract<i64>(timestamp, offset);
  return add<i64>(subtract<i64>(shifted, floorRemainder(shifted, width)), offset);
}

function floorRemainder(a: i64, b: i64): i64 {
  const rest = a % b;
  return rest < 0 ? rest + b : rest;
}

/** The same for a width of whole months: `origin` is months since 1970-01. */
export function monthBucket(width: i32, timestamp: i64, origin: i32): i64 {
  if (!isFiniteTimestamp(timestamp)) return timestamp;
  const offset = origin % width;
  const months = epochMonths(timestamp) - offset;
  const start = months - <i32>floorRemainder(months, width) + offset;
  const years = <i32>floorDivide(start, 12);
  return toTimestamp(joinDate(1970 + years, start - years * 12 + 1, 1), 0);
}

export function epochMonths(timestamp: i64): i32 {
  splitDate(dateOf(timestamp));
  return (year - 1970) * 12 + month - 1;
}

export function daysBetween(a: i32, b: i32): i64 {
  return <i64>a - <i64>b;
}

/** DuckDB's epoch of an interval: years of 365.25 days, months of 30. */
export function intervalSeconds(months: i32, days: i32, micros: i64): f64 {
  const years = <i64>(months / 12);
  const whole = (365 * years + <i64>(30 * (months % 12)) + <i64>days) * 86400 + years * 21600;
  return <f64>whole + <f64>micros / 1000000.0;
}

/** A count of months or days that fits its word. */
export function wholeAmount<T extends number>(amount: i64): T {
  if (<i64>(<T>amount) != amount) fail(faultTimestamp);
  return <T>amount;
}

export function scaledMicros(amount: f64, factor: f64): i64 {
  const micros = nearest<f64>(amount * factor);
  if (!(micros >= -9223372036854775808.0 && micros < 9223372036854775808.0)) fail(faultTimestamp);
  return <i64>micros;
}
