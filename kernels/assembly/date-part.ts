import { dateOf, day, daysInMonth, floorDivide, joinDate, microsPerDay, microsPerHour, microsPerMinute, microsPerSecond, month, splitDate, timeOf, year } from "./calendar";

/** Parts of a finite TIMESTAMP, as DuckDB's date_part gives them. */
export function yearOf(timestamp: i64): i64 {
  splitDate(dateOf(timestamp));
  return year;
}

export function monthOf(timestamp: i64): i64 {
  splitDate(dateOf(timestamp));
  return month;
}

export function dayOf(timestamp: i64): i64 {
  splitDate(dateOf(timestamp));
  return day;
}

export function decadeOf(timestamp: i64): i64 {
  return yearOf(timestamp) / 10;
}

export function centuryOf(timestamp: i64): i64 {
  const years = yearOf(timestamp);
  return years > 0 ? (years - 1) / 100 + 1 : years / 100 - 1;
}

export function millenniumOf(timestamp: i64): i64 {
  const years = yearOf(timestamp);
  return years > 0 ? (years - 1) / 1000 + 1 : years / 1000 - 1;
}

export function eraOf(timestamp: i64): i64 {
  return <i64>(yearOf(timestamp) > 0);
}

export function quarterOf(timestamp: i64): i64 {
  return (monthOf(timestamp) - 1) / 3 + 1;
}

/** Monday is 1. */
export function isoDayOfWeek(timestamp: i64): i64 {
  const days = floorDivide(timestamp, microsPerDay) + 3;
  return days - floorDivide(days, 7) * 7 + 1;
}

/** Sunday is 0. */
export function dayOfWeek(timestamp: i64): i64 {
  return isoDayOfWeek(timestamp) % 7;
}

export function dayOfYear(timestamp: i64): i64 {
  const date = dateOf(timestamp);
  splitDate(date);
  return <i64>date - joinDate(year, 1, 1) + 1;
}

/** Thursday of the ISO week decides its year. */
function isoThursday(timestamp: i64): i32 {
  return <i32>(<i64>dateOf(timestamp) - isoDayOfWeek(timestamp) + 4);
}

export function isoYear(timestamp: i64): i64 {
  splitDate(isoThursday(timestamp));
  return year;
}

export function isoWeek(timestamp: i64): i64 {
  const thursday = isoThursday(timestamp);
  splitDate(thursday);
  return (<i64>thursday - joinDate(year, 1, 1)) / 7 + 1;
}

export function yearWeek(timestamp: i64): i64 {
  const years = isoYear(timestamp);
  const week = isoWeek(timestamp);
  return years * 100 + (years > 0 ? week : -week);
}

/** Week of the year that begins on `first` (1 Monday, 7 Sunday); days before the first such day are week 0. */
export function regularWeek(timestamp: i64, first: i64): i64 {
  const sinceNewYear = dayOfYear(timestamp) - 1;
  const weekday = isoDayOfWeek(timestamp);
  const sinceFirst = (weekday - first + 7) % 7;
  return (sinceNewYear - sinceFirst + 7) / 7;
}

export function hourOf(timestamp: i64): i64 {
  return timeOf(timestamp) / microsPerHour;
}

export function minuteOf(timestamp: i64): i64 {
  return (timeOf(timestamp) % microsPerHour) / microsPerMinute;
}

/** Microseconds since the minute began. */
export function microsecondOf(timestamp: i64): i64 {
  return timeOf(timestamp) % microsPerMinute;
}

export function millisecondOf(timestamp: i64): i64 {
  return microsecondOf(timestamp) / 1000;
}

export function secondOf(timestamp: i64): i64 {
  return microsecondOf(timestamp) / microsPerSecond;
}

export function julianDay(timestamp: i64): f64 {
  return <f64>(floorDivide(timestamp, microsPerDay) + 2440588) + <f64>timeOf(timestamp) / <f64>microsPerDay;
}

/** Last day of a finite date's month. */
export function lastDayOfDate(date: i32): i32 {
  splitDate(date);
  return <i32>joinDate(year, month, daysInMonth(year, month));
}

export function epochOf(timestamp: i64): f64 {
  return <f64>timestamp / 1000000.0;
}
