const microsecondsPerSecond = 1_000_000;
const secondsPerDay = 86_400;

/** Where the parser stands; shared, since parsing is synchronous and makes no objects per value. */
const cursor: { bytes: Uint8Array; position: number; end: number } = { bytes: new Uint8Array(0), position: 0, end: 0 };

/** Exactly `count` digits, or -1. */
function digits(count: number): number {
  const { bytes, end } = cursor;
  const stop = cursor.position + count;
  if (stop > end) return -1;
  let value = 0;
  for (let i = cursor.position; i < stop; i++) {
    const digit = (bytes[i] as number) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  cursor.position = stop;
  return value;
}

function take(byte: number): boolean {
  if (cursor.position >= cursor.end || cursor.bytes[cursor.position] !== byte) return false;
  cursor.position++;
  return true;
}

function begin(bytes: Uint8Array, start: number, end: number): void {
  cursor.bytes = bytes;
  cursor.position = start;
  cursor.end = end;
  while (cursor.position < cursor.end && bytes[cursor.position] === 32) cursor.position++;
  while (cursor.end > cursor.position && bytes[cursor.end - 1] === 32) cursor.end--;
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days since 1970-01-01 of a date in the proleptic Gregorian calendar; undefined when there is no such day. */
export function daysSinceEpoch(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1) return undefined;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (day > (monthLengths[month - 1] as number) + (leap && month === 2 ? 1 : 0)) return undefined;
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

/** The day read last, as text: in streams of events it is mostly the next one too. */
const lastDay = { text: new Uint8Array(10), days: -1 };

function date(): number | undefined {
  const { bytes, position, end } = cursor;
  const { text } = lastDay;
  if (end - position >= text.length && lastDay.days >= 0) {
    let i = text.length - 1;
    while (i >= 0 && bytes[position + i] === text[i]) i--;
    if (i < 0) {
      cursor.position = position + text.length;
      return lastDay.days;
    }
  }
  const days = newDate();
  if (days !== undefined && days >= 0) {
    for (let i = 0; i < text.length; i++) text[i] = bytes[position + i] as number;
    lastDay.days = days;
  }
  return days;
}

/** YYYY-MM-DD. */
function newDate(): number | undefined {
  const year = digits(4);
  if (year < 0 || !take(45)) return undefined;
  const month = digits(2);
  if (month < 0 || !take(45)) return undefined;
  const day = digits(2);
  return day < 0 ? undefined : daysSinceEpoch(year, month, day);
}

/** Nanoseconds after the whole second are kept here by `timeOfDay`. */
let nanoseconds = 0;

/** Seconds since midnight of HH:MM[:SS[.fraction]]. */
function timeOfDay(): number | undefined {
  nanoseconds = 0;
  const hour = digits(2);
  if (hour < 0 || hour > 23 || !take(58)) return undefined;
  const minute = digits(2);
  if (minute < 0 || minute > 59) return undefined;
  let second = 0;
  if (take(58)) {
    second = digits(2);
    if (second < 0 || second > 59) return undefined;
    if ((take(46) || take(44)) && !fraction()) return undefined;
  }
  return hour * 3600 + minute * 60 + second;
}

const nanosecondDigits = 9;

/** Digits past the ninth are dropped. */
function fraction(): boolean {
  const { bytes, position: start, end } = cursor;
  let position = start;
  let value = 0;
  for (; position < end; position++) {
    const digit = (bytes[position] as number) - 48;
    if (digit < 0 || digit > 9) break;
    if (position < start + nanosecondDigits) value = value * 10 + digit;
  }
  for (let digits = position - start; digits < nanosecondDigits; digits++) value *= 10;
  nanoseconds = value;
  cursor.position = position;
  return position > start;
}

/** Seconds to subtract for a zone: Z, +HH, +HHMM, +HH:MM, or nothing (UTC). */
function zone(): number | undefined {
  take(32);
  if (take(90) || take(122)) return 0;
  const sign = take(45) ? -1 : take(43) ? 1 : 0;
  if (sign === 0) return cursor.bytes[cursor.position - 1] === 32 ? undefined : 0;
  const hour = digits(2);
  if (hour < 0 || hour > 15) return undefined;
  let minute = 0;
  if (take(58) || cursor.position < cursor.end) minute = digits(2);
  if (minute < 0 || minute > 59) return undefined;
  return sign * (hour * 3600 + minute * 60);
}

/** DATE: days since 1970 of YYYY-MM-DD. */
export function parseDate(bytes: Uint8Array, start: number, end: number): number | undefined {
  begin(bytes, start, end);
  const days = date();
  return cursor.position === cursor.end ? days : undefined;
}

/** TIME: microseconds since midnight of HH:MM[:SS[.fraction]]. */
export function parseTime(bytes: Uint8Array, start: number, end: number): number | undefined {
  begin(bytes, start, end);
  const seconds = timeOfDay();
  if (seconds === undefined || cursor.position !== cursor.end) return undefined;
  return seconds * microsecondsPerSecond + Math.floor(nanoseconds / 1000);
}

/** Whole seconds since 1970, UTC, and nanoseconds after them. Overwritten by every call. */
export const instant = { seconds: 0, nanoseconds: 0 };

/**
 * ISO 8601: YYYY-MM-DD, then optionally T or a blank, a time and a zone; without a zone it is UTC. The result is in `instant`.
 * False when the text is none.
 */
export function parseTimestamp(bytes: Uint8Array, start: number, end: number): boolean {
  begin(bytes, start, end);
  const days = date();
  if (days === undefined) return false;
  instant.seconds = days * secondsPerDay;
  instant.nanoseconds = 0;
  if (cursor.position === cursor.end) return true;
  if (!take(84) && !take(116) && !take(32)) return false;
  const seconds = timeOfDay();
  if (seconds === undefined) return false;
  const offset = zone();
  if (offset === undefined || cursor.position !== cursor.end) return false;
  instant.seconds += seconds - offset;
  instant.nanoseconds = nanoseconds;
  return true;
}
