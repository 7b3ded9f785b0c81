import { daysInMonth, joinDate, microsPerSecond, toTimestamp } from "./calendar";
import { rejectCast } from "./fault";
import { stringLength, stringPointer } from "./string-table";

/** Date, time and timestamp texts that are not in canonical form; kind: 0 DATE (days), 1 TIMESTAMP, 2 TIME (microseconds), 3 TIMESTAMP_NS. */
// @ts-ignore: decorator
@external("expression", "parseMoment")
declare function hostParseMoment(pointer: usize, length: u32, kind: i32, out: usize): bool;

const moment: usize = memory.data(16);

/** Two digits at `pointer`, or a number above 99. */
// @ts-ignore: decorator
@inline
function twoDigits(pointer: usize): u32 {
  const high = <u32>load<u8>(pointer) - 48;
  const low = <u32>load<u8>(pointer, 1) - 48;
  return high > 9 || low > 9 ? 100 : high * 10 + low;
}

/** `YYYY-MM-DD` at `pointer`, as days; i64.MIN_VALUE for anything else. */
function canonicalDate(pointer: usize): i64 {
  const century = twoDigits(pointer);
  const rest = twoDigits(pointer + 2);
  const months = <i32>twoDigits(pointer + 5);
  const days = <i32>twoDigits(pointer + 8);
  if (century > 99 || rest > 99 || load<u8>(pointer, 4) != 45 || load<u8>(pointer, 7) != 45) return i64.MIN_VALUE;
  const years = <i32>(century * 100 + rest);
  if (months < 1 || months > 12 || days < 1 || days > daysInMonth(years, months)) return i64.MIN_VALUE;
  return joinDate(years, months, days);
}

/** `HH:MM:SS[.f{1,6}]` as microseconds; -1 for anything else. */
function canonicalTime(pointer: usize, length: u32): i64 {
  if (length < 8 || length == 9 || length > 15) return -1;
  const hours = twoDigits(pointer);
  const minutes = twoDigits(pointer + 3);
  const seconds = twoDigits(pointer + 6);
  if (hours > 23 || minutes > 59 || seconds > 59 || load<u8>(pointer, 2) != 58 || load<u8>(pointer, 5) != 58) return -1;
  let fraction: i64 = 0;
  if (length > 8) {
    if (load<u8>(pointer, 8) != 46) return -1;
    for (let at: u32 = 9; at < 15; at++) {
      const digit: u32 = at < length ? <u32>load<u8>(pointer + at) - 48 : 0;
      if (digit > 9) return -1;
      fraction = fraction * 10 + digit;
    }
  }
  return <i64>(hours * 3600 + minutes * 60 + seconds) * microsPerSecond + fraction;
}

export function parseTimestamp(id: u32): i64 {
  const pointer = stringPointer(id);
  const length = stringLength(id);
  if (length >= 19 && (load<u8>(pointer, 10) == 32 || load<u8>(pointer, 10) == 84)) {
    const bytes = length - (load<u8>(pointer + length - 1) == 90 ? 1 : 0);
    const days = canonicalDate(pointer);
    const micros = canonicalTime(pointer + 11, bytes - 11);
    if (days != i64.MIN_VALUE && micros >= 0) return toTimestamp(days, micros);
  }
  return parseMoment(id, 1);
}

export function parseDate(id: u32): i32 {
  if (stringLength(id) == 10) {
    const days = canonicalDate(stringPointer(id));
    if (days != i64.MIN_VALUE) return <i32>days;
  }
  return <i32>parseMoment(id, 0);
}

export function parseTime(id: u32): i64 {
  const micros = canonicalTime(stringPointer(id), stringLength(id));
  return micros >= 0 ? micros : parseMoment(id, 2);
}

export function parseMoment(id: u32, kind: i32): i64 {
  if (!hostParseMoment(stringPointer(id), stringLength(id), kind, moment)) {
    rejectCast();
    return 0;
  }
  return load<i64>(moment);
}
