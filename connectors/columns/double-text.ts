import { Buffer } from 'node:buffer';

const powersOfTen = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** Veltkamp's constant: splits a double in two halves of 26 bits. */
const splitter = 2 ** 27 + 1;

/** The double nearest to what bytes[start, end) write; undefined when the text is no number. `nan`, `inf` and `infinity` are numbers. */
export function nearestDouble(bytes: Uint8Array, start: number, end: number): number | undefined {
  let position = start;
  let limit = end;
  while (position < limit && bytes[position] === 32) position++;
  while (limit > position && bytes[limit - 1] === 32) limit--;
  const from = position;
  const negative = bytes[position] === 45;
  if (negative || bytes[position] === 43) position++;
  let high = 0;
  let low = 0;
  let lowScale = 1;
  let digits = 0;
  let any = false;
  let exponent = 0;
  let point = -1;
  for (; position < limit; position++) {
    const byte = bytes[position] as number;
    if (byte >= 48 && byte <= 57) {
      any = true;
      if (point >= 0) exponent--;
      if (digits === 0 && byte === 48) continue;
      digits++;
      if (digits <= 9) high = high * 10 + byte - 48;
      else if (digits <= 18) {
        low = low * 10 + byte - 48;
        lowScale *= 10;
      }
    } else if (byte === 46 && point < 0) point = position;
    else break;
  }
  if (!any) return specialDouble(bytes, from, limit);
  if (position < limit) {
    const written = readExponent(bytes, position, limit);
    if (written === undefined) return undefined;
    exponent += written;
  }
  if (digits <= 18 && exponent >= -22 && exponent <= 22) {
    const power = powersOfTen[Math.abs(exponent)] as number;
    const value = digits <= 15 ? scaled(high * lowScale + low, power, exponent) : scaledLong(high, low, lowScale, power, exponent);
    if (!Number.isNaN(value)) return negative ? -value : value;
  }
  return slowDouble(bytes, from, limit);
}

function scaled(value: number, power: number, exponent: number): number {
  return exponent < 0 ? value / power : value * power;
}

/**
 * (high * lowScale + low) / power in double-double arithmetic, rounded once; NaN when it lies too near the middle of two doubles to
 * tell. Errors of the operations are below 2^-100 of the value, the margin is 2^-90.
 */
function scaledLong(high: number, low: number, lowScale: number, power: number, exponent: number): number {
  const product = high * lowScale;
  const productError = exactError(high, lowScale, product);
  const sum = product + low;
  const carried = sum - product;
  const sumError = product - (sum - carried) + (low - carried) + productError;
  let value: number;
  let rest: number;
  if (exponent <= 0) {
    value = sum / power;
    const back = value * power;
    rest = (sum - back - exactError(value, power, back) + sumError) / power;
  } else {
    value = sum * power;
    rest = exactError(sum, power, value) + sumError * power;
  }
  const result = value + rest;
  const margin = Math.abs(value) * 2 ** -90;
  return value + (rest + margin) === result && value + (rest - margin) === result ? result : Number.NaN;
}

/** a * b - product, exactly (Dekker). */
function exactError(a: number, b: number, product: number): number {
  const aBig = a * splitter;
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = b * splitter;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

function readExponent(bytes: Uint8Array, start: number, limit: number): number | undefined {
  if (((bytes[start] as number) | 32) !== 101) return undefined;
  let position = start + 1;
  const negative = bytes[position] === 45;
  if (negative || bytes[position] === 43) position++;
  if (position >= limit) return undefined;
  let value = 0;
  for (; position < limit; position++) {
    const digit = (bytes[position] as number) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = Math.min(value * 10 + digit, 99999);
  }
  return negative ? -value : value;
}

/** The text is known to be a decimal literal. JavaScript's conversion is correctly rounded. */
function slowDouble(bytes: Uint8Array, from: number, limit: number): number {
  return Number(Buffer.from(bytes.buffer, bytes.byteOffset + from, limit - from).toString('latin1'));
}

function specialDouble(bytes: Uint8Array, from: number, limit: number): number | undefined {
  if (limit === from || limit - from > 9) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, limit - from)
    .toString('latin1')
    .toLowerCase();
  const match = /^([+-]?)(nan|inf|infinity)$/.exec(text);
  if (match === null) return undefined;
  if (match[2] === 'nan') return Number.NaN;
  return match[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
