/** Dates and times as ISO 8601 writes them, between quotes. Less usual forms give position 0; the host knows them. */
import { daysInMonth, joinDate } from "../calendar";
import { digitsValue, leadingDigits, power, zeros } from "./digits";
import { skipDigits } from "./scan";

const secondsPerDay: i64 = 86400;

/** Whole seconds since 1970, UTC, and the nanoseconds after them; days since 1970. */
export let seconds: i64 = 0;
export let nanoseconds: i64 = 0;
export let days: i64 = 0;

/** The date read last as text, ten bytes, and its days: in streams of events it is mostly the next one too. */
const lastText: usize = memory.data<u8>([49, 57, 55, 48, 45, 48, 49, 45, 48, 49, 0, 0, 0, 0, 0, 0], 16);
let lastDays: i64 = 0;

/** Value of two digits, or a number above 99. */
// @ts-ignore: decorator
@inline
function twoDigits(at: usize): u32 {
  const high = <u32>load<u8>(at) - 48;
  const low = <u32>load<u8>(at, 1) - 48;
  return high > 9 || low > 9 ? 100 : high * 10 + low;
}

// @ts-ignore: decorator
@inline
function readDay(at: usize): bool {
  if (load<u64>(at) == load<u64>(lastText) && load<u16>(at, 8) == load<u16>(lastText, 8)) {
    days = lastDays;
    return true;
  }
  return readNewDay(at);
}

function readNewDay(at: usize): bool {
  const century = twoDigits(at);
  const rest = twoDigits(at + 2);
  const month = <i32>twoDigits(at + 5);
  const day = <i32>twoDigits(at + 8);
  if (century > 99 || rest > 99 || load<u8>(at, 4) != 45 || load<u8>(at, 7) != 45) return false;
  const year = <i32>(century * 100 + rest);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return false;
  days = joinDate(year, month, day);
  memory.copy(lastText, at, 10);
  lastDays = days;
  return true;
}

/** HH:MM[:SS[.fraction]] into `seconds` (since midnight) and `nanoseconds`; the position after it, or 0. */
function readClock(at: usize, end: usize): usize {
  const hour = twoDigits(at);
  const minute = twoDigits(at + 3);
  if (hour > 23 || minute > 59 || load<u8>(at, 2) != 58) return 0;
  nanoseconds = 0;
  seconds = <i64>(hour * 3600 + minute * 60);
  if (load<u8>(at, 5) != 58) return at + 5;
  const second = twoDigits(at + 6);
  if (second > 59) return 0;
  seconds += <i64>second;
  const mark = load<u8>(at, 8);
  return mark == 46 || mark == 44 ? readFraction(at + 9, end) : at + 8;
}

/** Digits past the ninth are dropped. */
function readFraction(at: usize, end: usize): usize {
  const word = load<u64>(at) ^ zeros;
  const digits = leadingDigits(word);
  if (digits == 0) return 0;
  nanoseconds = <i64>(digitsValue(word, digits) * power(9 - digits));
  if (digits < 8) return at + digits;
  const ninth = <i64>load<u8>(at, 8) - 48;
  if (ninth < 0 || ninth > 9) return at + 8;
  nanoseconds += ninth;
  return skipDigits(at + 9, end);
}

/** Z, +HH, +HHMM, +HH:MM or nothing, taken off `seconds`. */
function readZone(at: usize): usize {
  const sign = load<u8>(at);
  if (sign == 90 || sign == 122) return at + 1;
  if (sign != 43 && sign != 45) return at;
  const hour = twoDigits(at + 1);
  if (hour > 15) return 0;
  let p = at + 3;
  let minute: u32 = 0;
  if (load<u8>(p) != 34) {
    p += <usize>(load<u8>(p) == 58);
    minute = twoDigits(p);
    if (minute > 59) return 0;
    p += 2;
  }
  const offset = <i64>(hour * 3600 + minute * 60);
  seconds += sign == 45 ? offset : -offset;
  return p;
}

// @ts-ignore: decorator
@inline
function afterQuote(p: usize): usize {
  return p != 0 && load<u8>(p) == 34 ? p + 1 : 0;
}

/** `at` stands after the opening quote, the result after the closing one. The moment is in `seconds` and `nanoseconds`. */
export function readTimestamp(at: usize, end: usize): usize {
  if (!readDay(at)) return 0;
  const mark = load<u8>(at, 10);
  if (mark != 84 && mark != 116 && mark != 32) {
    seconds = days * secondsPerDay;
    nanoseconds = 0;
    return afterQuote(at + 10);
  }
  let p = readClock(at + 11, end);
  if (p == 0) return 0;
  seconds += days * secondsPerDay;
  return afterQuote(readZone(p));
}

export function readDate(at: usize): usize {
  return readDay(at) ? afterQuote(at + 10) : 0;
}

/** Microseconds since midnight are seconds and nanoseconds together. */
export function readTime(at: usize, end: usize): usize {
  return afterQuote(readClock(at, end));
}
