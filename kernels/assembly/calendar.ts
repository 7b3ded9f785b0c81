import { fail, faultTimestamp } from "./fault";

/** Days and microseconds since 1970-01-01 in the proleptic Gregorian calendar. */
export const microsPerDay: i64 = 86400000000;
export const microsPerHour: i64 = 3600000000;
export const microsPerMinute: i64 = 60000000;
export const microsPerSecond: i64 = 1000000;
export const infiniteTimestamp: i64 = i64.MAX_VALUE;
export const infiniteDate: i32 = i32.MAX_VALUE;

/** Parts of the last date taken apart by `splitDate`. */
export let year: i32 = 0;
export let month: i32 = 0;
export let day: i32 = 0;

// @ts-ignore: decorator
@inline
export function isFiniteTimestamp(value: i64): bool {
  return value != infiniteTimestamp && value != -infiniteTimestamp;
}

// @ts-ignore: decorator
@inline
export function isFiniteDate(value: i32): bool {
  return value != infiniteDate && value != -infiniteDate;
}

export function floorDivide(a: i64, b: i64): i64 {
  const quotient = a / b;
  return quotient - <i64>(a % b < 0);
}

export function splitDate(days: i32): void {
  const shifted = <i64>days + 719468;
  const era = floorDivide(shifted, 146097);
  const dayOfEra = <i32>(shifted - era * 146097);
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const shiftedMonth = (5 * dayOfYear + 2) / 153;
  day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1;
  month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  year = <i32>(era * 400) + yearOfEra + <i32>(month <= 2);
}

export function joinDate(years: i32, months: i32, days: i32): i64 {
  const y = <i64>years - <i64>(months <= 2);
  const era = floorDivide(y, 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = <i64>((153 * (months + (months > 2 ? -3 : 9)) + 2) / 5 + days - 1);
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

export function isLeapYear(years: i32): bool {
  return (years & 3) == 0 && (years % 100 != 0 || years % 400 == 0);
}

export function daysInMonth(years: i32, months: i32): i32 {
  if (months == 2) return isLeapYear(years) ? 29 : 28;
  return months == 4 || months == 6 || months == 9 || months == 11 ? 30 : 31;
}

/** Day that holds a timestamp. */
export function dateOf(timestamp: i64): i32 {
  return <i32>floorDivide(timestamp, microsPerDay);
}

/** Microseconds since midnight. */
export function timeOf(timestamp: i64): i64 {
  return timestamp - floorDivide(timestamp, microsPerDay) * microsPerDay;
}

/** A day and microseconds as a timestamp; a fault beyond the range of TIMESTAMP. */
export function toTimestamp(days: i64, micros: i64): i64 {
  const whole = days * microsPerDay;
  if (days > 106751991 || days < -106751992) fail(faultTimestamp);
  const sum = whole + micros;
  if ((whole > 0 && micros > 0 && sum < 0) || (whole < 0 && micros < 0 && sum > 0) || !isFiniteTimestamp(sum) || sum == i64.MIN_VALUE) {
    fail(faultTimestamp);
  }
  return sum;
}
