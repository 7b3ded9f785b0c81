import { dateOf, day, isFiniteDate, isFiniteTimestamp, microsPerHour, microsPerMinute, microsPerSecond, month, splitDate, timeOf, year } from "./calendar";
import { putInteger, putUnsigned } from "./number-text";
import { beginText, finishText, putByte, putPadded, putTwoDigits, textLength } from "./text-builder";

function putLetters(word: u64, count: i32): void {
  for (let at = count - 1; at >= 0; at--) putByte(<i32>((word >> (<u64>at * 8)) & 0xff));
}

function putInfinity(negative: bool): void {
  if (negative) putByte(45);
  putLetters(0x696e66696e697479, 8);
}

export function putDate(date: i32): void {
  if (!isFiniteDate(date)) {
    putInfinity(date < 0);
    return;
  }
  splitDate(date);
  const beforeChrist = year <= 0;
  const shown: u32 = beforeChrist ? 1 - year : year;
  if (shown < 10000) putPadded(shown, 4);
  else putUnsigned(shown);
  putByte(45);
  putTwoDigits(month);
  putByte(45);
  putTwoDigits(day);
  if (beforeChrist) putLetters(0x2028424329, 5);
}

/** Fraction of a second without trailing zeros. */
function putFraction(value: i64, digits: i32): void {
  if (value == 0) return;
  let rest = value;
  let shown = digits;
  while (rest % 10 == 0) {
    rest /= 10;
    shown--;
  }
  putByte(46);
  putPadded(<u32>rest, shown);
}

export function putTime(micros: i64): void {
  putTwoDigits(<i32>(micros / microsPerHour));
  putByte(58);
  putTwoDigits(<i32>((micros / microsPerMinute) % 60));
  putByte(58);
  putTwoDigits(<i32>((micros / microsPerSecond) % 60));
  putFraction(micros % microsPerSecond, 6);
}

export function putTimestamp(timestamp: i64): void {
  if (!isFiniteTimestamp(timestamp)) {
    putInfinity(timestamp < 0);
    return;
  }
  putDate(dateOf(timestamp));
  putByte(32);
  putTime(timeOf(timestamp));
}

export function dateText(date: i32): u32 {
  beginText();
  putDate(date);
  return finishText();
}

export function timeText(micros: i64): u32 {
  beginText();
  putTime(micros);
  return finishText();
}

export function timestampText(timestamp: i64): u32 {
  beginText();
  putTimestamp(timestamp);
  return finishText();
}

export function timestampSecondsText(seconds: i64): u32 {
  return timestampText(isFiniteTimestamp(seconds) ? seconds * microsPerSecond : seconds);
}

export function timestampMillisText(millis: i64): u32 {
  return timestampText(isFiniteTimestamp(millis) ? millis * 1000 : millis);
}

export function timestampNanosText(nanos: i64): u32 {
  beginText();
  if (!isFiniteTimestamp(nanos)) putInfinity(nanos < 0);
  else {
    const micros = nanos / 1000 - <i64>(nanos % 1000 < 0);
    const rest = nanos - micros * 1000;
    const whole = micros - (((micros % microsPerSecond) + microsPerSecond) % microsPerSecond);
    putTimestamp(rest == 0 ? micros : whole);
    if (rest != 0) putFraction((micros - whole) * 1000 + rest, 9);
  }
  return finishText();
}

function putPart(value: i32, name: u64, letters: i32): void {
  if (value == 0) return;
  if (textLength() != 0) putByte(32);
  putInteger(value);
  putByte(32);
  putLetters(name, letters);
  if (value != 1 && value != -1) putByte(115);
}

export function intervalText(months: i32, days: i32, micros: i64): u32 {
  beginText();
  putPart(months / 12, 0x79656172, 4);
  putPart(months % 12, 0x6d6f6e7468, 5);
  putPart(days, 0x646179, 3);
  if (micros != 0 || textLength() == 0) {
    if (textLength() != 0) putByte(32);
    if (micros < 0) putByte(45);
    const magnitude = micros < 0 ? 0 - <u64>micros : <u64>micros;
    const hours = magnitude / <u64>microsPerHour;
    if (hours < 10) putByte(48);
    putUnsigned(hours);
    putByte(58);
    putTwoDigits(<i32>((magnitude / <u64>microsPerMinute) % 60));
    putByte(58);
    putTwoDigits(<i32>((magnitude / <u64>microsPerSecond) % 60));
    putFraction(<i64>(magnitude % <u64>microsPerSecond), 6);
  }
  return finishText();
}
