import { powerHigh, powerLow } from "./power-of-ten";
import { divideUnsignedWide, high, negateWide, remainderLow } from "./hugeint";
import { beginText, finishText, putByte, reserveText, setTextLength, textLength } from "./text-builder";

/** Shortest text that reads back as the same number, as DuckDB writes it. Both give the bytes written, at most 32. */
// @ts-ignore: decorator
@external("expression", "printDouble")
declare function hostPrintDouble(value: f64, out: usize): u32;
// @ts-ignore: decorator
@external("expression", "printFloat")
declare function hostPrintFloat(value: f32, out: usize): u32;

const numberTextMax: u32 = 48;

export function putUnsigned(value: u64): void {
  const room = reserveText(20);
  let digits: u32 = 1;
  for (let rest = value / 10; rest != 0; rest /= 10) digits++;
  let rest = value;
  for (let at = digits; at > 0; at--) {
    store<u8>(room + at - 1, 48 + <u32>(rest % 10));
    rest /= 10;
  }
  setTextLength(textLength() + digits);
}

export function putInteger(value: i64): void {
  if (value < 0) putByte(45);
  putUnsigned(value < 0 ? 0 - <u64>value : <u64>value);
}

/** Unsigned 128-bit number. */
export function putWide(low: u64, top: u64): void {
  if (top == 0) {
    putUnsigned(low);
    return;
  }
  const first = divideUnsignedWide(low, top, 10000000000000000000, 0);
  const rest = remainderLow;
  putWide(first, <u64>high);
  for (let power: u64 = 1000000000000000000; power > 0; power /= 10) putByte(48 + <i32>((rest / power) % 10));
}

export function putDecimal(low: u64, top: i64, width: i32, scale: i32): void {
  let magnitudeLow = low;
  let magnitudeHigh = top;
  if (top < 0) {
    putByte(45);
    magnitudeLow = negateWide(low, top);
    magnitudeHigh = high;
  }
  if (scale == 0) {
    putWide(magnitudeLow, <u64>magnitudeHigh);
    return;
  }
  const whole = divideUnsignedWide(magnitudeLow, <u64>magnitudeHigh, powerLow(scale), <u64>powerHigh(scale));
  const wholeHigh = <u64>high;
  if (width > scale || (whole | wholeHigh) != 0) putWide(whole, wholeHigh);
  putByte(46);
  putFraction(magnitudeLow, <u64>magnitudeHigh, scale);
}

function putFraction(low: u64, top: u64, scale: i32): void {
  const room = reserveText(scale);
  let restLow = low;
  let restHigh = top;
  for (let at = scale; at > 0; at--) {
    restLow = divideUnsignedWide(restLow, restHigh, 10, 0);
    restHigh = <u64>high;
    store<u8>(room + at - 1, 48 + <u32>remainderLow);
  }
  setTextLength(textLength() + scale);
}

export function integerText(value: i64): u32 {
  beginText();
  putInteger(value);
  return finishText();
}

export function unsignedText(value: u64): u32 {
  beginText();
  putUnsigned(value);
  return finishText();
}

export function decimalText(low: u64, top: i64, width: i32, scale: i32): u32 {
  beginText();
  putDecimal(low, top, width, scale);
  return finishText();
}

export function unsignedWideText(low: u64, top: u64): u32 {
  beginText();
  putWide(low, top);
  return finishText();
}

export function doubleText(value: f64): u32 {
  beginText();
  if (Math.abs(value) < 1e15 && trunc<f64>(value) == value && reinterpret<u64>(value) != 0x8000000000000000) {
    putInteger(<i64>value);
    putByte(46);
    putByte(48);
  } else setTextLength(hostPrintDouble(value, reserveText(numberTextMax)));
  return finishText();
}

export function floatText(value: f32): u32 {
  beginText();
  setTextLength(hostPrintFloat(value, reserveText(numberTextMax)));
  return finishText();
}
