import { fail, faultDomain, rejectCast } from "./fault";

/** DuckDB's float order: NaN is the largest and equals itself, -0 equals 0. */
// @ts-ignore: decorator
@inline
export function equalFloat<T extends number>(a: T, b: T): bool {
  return a == b || (a != a && b != b);
}

// @ts-ignore: decorator
@inline
export function lessFloat<T extends number>(a: T, b: T): bool {
  return a < b || (b != b && a == a);
}

// @ts-ignore: decorator
@inline
export function lessOrEqualFloat<T extends number>(a: T, b: T): bool {
  return a <= b || b != b;
}

export function greaterOf<T extends number>(a: T, b: T): T {
  return lessFloat<T>(a, b) ? b : a;
}

export function lesserOf<T extends number>(a: T, b: T): T {
  return lessFloat<T>(b, a) ? b : a;
}

export function squareRoot(x: f64): f64 {
  if (x < 0) fail(faultDomain);
  return sqrt<f64>(x);
}

function requirePositive(x: f64): void {
  if (x <= 0) fail(faultDomain);
}

export function naturalLog(x: f64): f64 {
  requirePositive(x);
  return Math.log(x);
}

export function log10(x: f64): f64 {
  requirePositive(x);
  return Math.log10(x);
}

export function log2(x: f64): f64 {
  requirePositive(x);
  return Math.log2(x);
}

export function logToBase(base: f64, x: f64): f64 {
  const divisor = log10(base);
  if (divisor == 0) fail(faultDomain);
  return log10(x) / divisor;
}

function requireFinite(x: f64): void {
  if (x == Infinity || x == -Infinity) fail(faultDomain);
}

export function sine(x: f64): f64 {
  requireFinite(x);
  return Math.sin(x);
}

export function cosine(x: f64): f64 {
  requireFinite(x);
  return Math.cos(x);
}

export function tangent(x: f64): f64 {
  requireFinite(x);
  return Math.tan(x);
}

export function cotangent(x: f64): f64 {
  requireFinite(x);
  if (x == 0) fail(faultDomain);
  return 1.0 / Math.tan(x);
}

function requireUnit(x: f64): void {
  if (x < -1 || x > 1) fail(faultDomain);
}

export function arcSine(x: f64): f64 {
  requireUnit(x);
  return Math.asin(x);
}

export function arcCosine(x: f64): f64 {
  requireUnit(x);
  return Math.acos(x);
}

export function power(x: f64, y: f64): f64 {
  return x == 1 || ((x == -1) && (y == Infinity || y == -Infinity)) ? 1.0 : Math.pow(x, y);
}

export function signOf(x: f64): i8 {
  return x == 0 || x != x ? <i8>0 : x > 0 ? <i8>1 : <i8>-1;
}

export function roundAway(x: f64): f64 {
  const whole = trunc<f64>(x);
  return Math.abs(x - whole) >= 0.5 ? whole + (x < 0 ? -1.0 : 1.0) : whole == 0 ? copysign<f64>(whole, x) : whole;
}

export function roundTo(x: f64, digits: i32): f64 {
  if (digits < 0) {
    const modifier = Math.pow(10, -<f64>digits);
    const rounded = roundAway(x / modifier) * modifier;
    return isFinite(rounded) ? rounded : 0;
  }
  const modifier = Math.pow(10, <f64>digits);
  const rounded = roundAway(x * modifier) / modifier;
  return isFinite(rounded) ? rounded : x;
}

export function truncateDigits(x: f64, digits: i32): f64 {
  const modifier = Math.pow(10, digits < 0 ? -<f64>digits : <f64>digits);
  const cut = digits < 0 ? trunc<f64>(x / modifier) * modifier : trunc<f64>(x * modifier) / modifier;
  return isFinite(cut) ? cut : x;
}

export function even(x: f64): f64 {
  const magnitude = ceil<f64>(Math.abs(x));
  const result = floor<f64>(magnitude / 2) * 2 == magnitude ? magnitude : magnitude + 1;
  return x >= 0 ? result : -result;
}

export function floorDivision(a: f64, b: f64): f64 {
  return floor<f64>(a / b);
}

/** C's fmod: exact, with the sign of `a`. */
export function floatRemainder(a: f64, b: f64): f64 {
  return a % b;
}

/** DOUBLE -> FLOAT: a finite number must stay finite. */
export function toFloat(x: f64): f32 {
  const narrow = <f32>x;
  if (isFinite(x) && !isFinite(narrow)) rejectCast();
  return narrow;
}
