import { dayOfWeek, dayOfYear, hourOf, isoDayOfWeek, isoWeek, isoYear, minuteOf, regularWeek } from "./date-part";
import { dateOf, day, microsPerMinute, microsPerSecond, month, splitDate, timeOf, year, isFiniteTimestamp } from "./calendar";

import { putTimestamp } from "./date-text";
import { putInteger } from "./number-text";
import { beginText, finishText, putByte, putPadded } from "./text-builder";

// Names in fields of 9 bytes, Sunday first, then January.
const names: usize = memory.data<u8>([
  83, 117, 110, 100, 97, 121, 0, 0, 0, 77, 111, 110, 100, 97, 121, 0, 0, 0, 84, 117, 101, 115, 100, 97, 121, 0, 0,
  87, 101, 100, 110, 101, 115, 100, 97, 121, 84, 104, 117, 114, 115, 100, 97, 121, 0, 70, 114, 105, 100, 97, 121, 0, 0, 0,
  83, 97, 116, 117, 114, 100, 97, 121, 0, 74, 97, 110, 117, 97, 114, 121, 0, 0, 70, 101, 98, 114, 117, 97, 114, 121, 0,
  77, 97, 114, 99, 104, 0, 0, 0, 0, 65, 112, 114, 105, 108, 0, 0, 0, 0, 77, 97, 121, 0, 0, 0, 0, 0, 0,
  74, 117, 110, 101, 0, 0, 0, 0, 0, 74, 117, 108, 121, 0, 0, 0, 0, 0, 65, 117, 103, 117, 115, 116, 0, 0, 0,
  83, 101, 112, 116, 101, 109, 98, 101, 114, 79, 99, 116, 111, 98, 101, 114, 0, 0, 78, 111, 118, 101, 109, 98, 101, 114, 0,
  68, 101, 99, 101, 109, 98, 101, 114, 0,
]);
const fieldBytes: usize = 9;
const monthNames: i32 = 7;

function putName(index: i32, lettersMax: i32): void {
  const field = names + <usize>index * fieldBytes;
  for (let at = 0; at < lettersMax && load<u8>(field + at) != 0; at++) putByte(load<u8>(field + at));
}

export function dayName(timestamp: i64): u32 {
  beginText();
  putName(<i32>dayOfWeek(timestamp), 9);
  return finishText();
}

export function monthName(timestamp: i64): u32 {
  splitDate(dateOf(timestamp));
  beginText();
  putName(monthNames + month - 1, 9);
  return finishText();
}

function putNumber(value: i64, digits: i32, plain: bool): void {
  if (plain || value < 0) putInteger(value);
  else {
    let width = 1;
    for (let rest = value; rest > 9; rest /= 10) width++;
    putPadded(<u32>value, max<i32>(width, digits));
  }
}

/** Runs a format program (engine/compile/expression/functions/moment-format.ts) over a timestamp. */
export function formatMoment(timestamp: i64, program: usize): u32 {
  beginText();
  if (!isFiniteTimestamp(timestamp)) {
    putTimestamp(timestamp);
    return finishText();
  }
  for (let at = program; load<u8>(at) != 0; at += 2) {
    const operand = <i32>load<u8>(at, 1);
    if (load<u8>(at) == 1) putByte(operand);
    else putMomentPart(timestamp, operand, load<u8>(at) == 3);
  }
  return finishText();
}

function putMomentPart(timestamp: i64, letter: i32, plain: bool): void {
  splitDate(dateOf(timestamp));
  const hour = hourOf(timestamp);
  const twelve = hour % 12 == 0 ? <i64>12 : hour % 12;
  switch (letter) {
    case 97: { putName(<i32>dayOfWeek(timestamp), 3); break; } // a
    case 65: { putName(<i32>dayOfWeek(timestamp), 9); break; } // A
    case 98: { putName(monthNames + month - 1, 3); break; } // b
    case 66: { putName(monthNames + month - 1, 9); break; } // B
    case 100: { putNumber(day, 2, plain); break; } // d
    case 102: { putPadded(<u32>(timeOf(timestamp) % microsPerSecond), 6); break; } // f
    case 103: { putPadded(<u32>((timeOf(timestamp) % microsPerSecond) / 1000), 3); break; } // g
    case 71: { putPadded(<u32>isoYear(timestamp) % 10000, 4); break; } // G: DuckDB keeps four digits
    case 72: { putNumber(hour, 2, plain); break; } // H
    case 73: { putNumber(twelve, 2, plain); break; } // I
    case 106: { putNumber(dayOfYear(timestamp), 3, plain); break; } // j
    case 109: { putNumber(month, 2, plain); break; } // m
    case 77: { putNumber(minuteOf(timestamp), 2, plain); break; } // M
    case 110: { putPadded(<u32>(timeOf(timestamp) % microsPerSecond), 6); putPadded(0, 3); break; } // n
    case 112: { putByte(hour >= 12 ? 80 : 65); putByte(77); break; } // p
    case 83: { putNumber((timeOf(timestamp) % microsPerMinute) / microsPerSecond, 2, plain); break; } // S
    case 117: { putNumber(isoDayOfWeek(timestamp), 1, false); break; } // u
    case 85: { putNumber(regularWeek(timestamp, 7), 2, false); break; } // U
    case 86: { putNumber(isoWeek(timestamp), 2, false); break; } // V
    case 119: { putNumber(dayOfWeek(timestamp), 1, false); break; } // w
    case 87: { putNumber(regularWeek(timestamp, 1), 2, false); break; } // W
    case 121: { putNumber(abs<i64>(<i64>(year % 100)), 2, plain); break; } // y
    case 89: { putNumber(year, 4, false); break; } // Y
    case 122: { putByte(43); putPadded(0, 2); break; } // z
    default: { break; } // Z: no zone's name
  }
}
