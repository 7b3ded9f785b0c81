import { wholeNumber } from './integer-text.ts';

/** Digits that a DECIMAL can hold. */
const decimalDigitsMax = 38;

/**
 * The decimal number of bytes[start, end) times 10^scale, exactly: a number while it is safe, else a bigint. undefined when the text
 * is no decimal number or has digits beyond the scale that are not zero.
 */
export function scaledDecimal(bytes: Uint8Array, start: number, end: number, scale: number): number | bigint | undefined {
  let position = start;
  let limit = end;
  while (position < limit && bytes[position] === 32) position++;
  while (limit > position && bytes[limit - 1] === 32) limit--;
  const negative = bytes[position] === 45;
  if (negative || bytes[position] === 43) position++;
  let value = 0;
  let fraction = -1;
  let digits = 0;
  for (; position < limit; position++) {
    const byte = bytes[position] as number;
    if (byte === 46 && fraction < 0) fraction = 0;
    else if (byte >= 48 && byte <= 57) {
      if (fraction === scale && byte === 48) continue;
      value = value * 10 + byte - 48;
      if (value > 0) digits++;
      if (fraction >= 0) fraction++;
    } else break;
  }
  const missing = scale - Math.max(fraction, 0);
  if (position < limit || missing < 0 || digits + missing > 15) return longDecimal(bytes, start, end, scale);
  if (!hasDigit(bytes, start, end)) return undefined;
  value *= 10 ** missing;
  return negative ? -value : value;
}

const form = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

function longDecimal(bytes: Uint8Array, start: number, end: number, scale: number): number | bigint | undefined {
  const text = new TextDecoder('latin1').decode(bytes.subarray(start, end)).replace(/^ +| +$/g, '');
  const match = form.exec(text);
  if (match === null || text.length > 5000) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole.length + fraction.length === 0) return undefined;
  const shift = scale - fraction.length + Number(exponent);
  let digits = `${whole}${fraction}`.replace(/^0+(?=\d)/, '');
  if (shift < 0) {
    const lost = digits.slice(shift);
    if (/[1-9]/.test(lost)) return undefined;
    digits = digits.slice(0, shift) || '0';
  } else if (digits !== '0') {
    if (digits.length + shift > decimalDigitsMax) return undefined;
    digits += '0'.repeat(shift);
  }
  const source = new TextEncoder().encode(`${sign}${digits}`);
  return wholeNumber(source, 0, source.length);
}

function hasDigit(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if ((bytes[i] as number) >= 48 && (bytes[i] as number) <= 57) return true;
  return false;
}
