import { isWithin, roundDown64, roundDownWide } from "./decimal";
import { rejectCast } from "./fault";
import { divideWide, doubleToHugeint, high, hugeintToDouble, multiplyWide, remainderHigh, remainderLow, setHigh } from "./hugeint";
import { powerDouble, powerHigh, powerLow } from "./power-of-ten";

/** A cast between decimals of at most 18 digits: scale changes by `shift` digits, the result has `width`. */
export function castDecimal64(value: i64, shift: i32, width: i32): i64 {
  let result: i64;
  if (shift < 0) result = -shift > 18 ? 0 : roundDown64(value, -shift);
  else {
    const limit = <i64>powerLow(width - shift);
    if (value >= limit || value <= -limit) {
      rejectCast();
      return 0;
    }
    return value * <i64>powerLow(shift);
  }
  const bound = <i64>powerLow(width);
  if (result >= bound || result <= -bound) {
    rejectCast();
    return 0;
  }
  return result;
}

/** The same for results and operands of any width; also HUGEINT -> DECIMAL with shift = scale. */
export function castDecimalWide(low: u64, top: i64, shift: i32, width: i32): u64 {
  if (shift >= 0) {
    if (!isWithin(low, top, width - shift)) {
      rejectCast();
      setHigh(0);
      return 0;
    }
    return multiplyWide(low, top, powerLow(shift), powerHigh(shift));
  }
  const result = roundDownWide(low, top, -shift);
  const resultHigh = high;
  if (!isWithin(result, resultHigh, width)) {
    rejectCast();
    setHigh(0);
    return 0;
  }
  setHigh(resultHigh);
  return result;
}

/** The low word alone holds a result of at most 18 digits. */
export function doubleToDecimal(value: f64, width: i32, scale: i32): u64 {
  const scaled = value * powerDouble(scale);
  const rounded = Math.abs(scaled) < 4503599627370496.0 ? roundHalfAway(scaled) : scaled;
  const bound = powerDouble(width);
  if (!(rounded > -bound && rounded < bound)) {
    rejectCast();
    setHigh(0);
    return 0;
  }
  return doubleToHugeint(rounded);
}

function roundHalfAway(value: f64): f64 {
  const whole = trunc<f64>(value);
  return Math.abs(value - whole) >= 0.5 ? whole + (value < 0 ? -1.0 : 1.0) : whole;
}


/** Nearest double, as DuckDB computes it: exact up to 2^53, otherwise whole and fractional digits apart. */
export function decimalToDouble(low: u64, top: i64, scale: i32): f64 {
  const narrow = top == <i64>low >> 63;
  const value = <i64>low;
  if (scale == 0 || (narrow && value <= 0x20000000000000 && value >= -0x20000000000000)) {
    return (narrow ? <f64>value : hugeintToDouble(low, top)) / powerDouble(scale);
  }
  const whole = divideWide(low, top, powerLow(scale), powerHigh(scale));
  return hugeintToDouble(whole, high) + hugeintToDouble(remainderLow, remainderHigh) / powerDouble(scale);
}

export function decimalToFloat(low: u64, top: i64, scale: i32): f32 {
  const narrow = top == <i64>low >> 63;
  const value = <i64>low;
  if (scale == 0 || (narrow && value <= 0x1000000 && value >= -0x1000000)) {
    return (narrow ? <f32>value : <f32>hugeintToDouble(low, top)) / <f32>powerDouble(scale);
  }
  const whole = divideWide(low, top, powerLow(scale), powerHigh(scale));
  return <f32>hugeintToDouble(whole, high) + <f32>hugeintToDouble(remainderLow, remainderHigh) / <f32>powerDouble(scale);
}
