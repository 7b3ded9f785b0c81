import { Buffer } from 'node:buffer';
import { nearestDouble } from './double-text.ts';

/** Longer literals are rounded by way of a double. */
const longestLiteral = 400;
/** Bits of a double below a float's precision; a value with exactly the first of them set lies halfway between two floats. */
const halfFloat = 0x10000000;
const belowFloat = 0x1fffffff;
const bits = new DataView(new ArrayBuffer(8));

/** The float nearest to the text; rounding the nearest double would be wrong where that double lies exactly between two floats. */
export function nearestFloat(bytes: Uint8Array, start: number, end: number): number | undefined {
  const double = nearestDouble(bytes, start, end);
  if (double === undefined) return undefined;
  if (!Number.isFinite(double) || double === 0 || end - start > longestLiteral) return Math.fround(double);
  bits.setFloat64(0, double);
  const subnormal = Math.abs(double) < 2 ** -126;
  if (!subnormal && (bits.getUint32(4) & belowFloat) !== halfFloat) return Math.fround(double);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    .toString('latin1')
    .trim();
  const difference = compareToDouble(text, double);
  if (difference === 0) return Math.fround(double);
  bits.setFloat64(0, double);
  bits.setBigInt64(0, bits.getBigInt64(0) + (difference > 0 === double > 0 ? 1n : -1n));
  return Math.fround(bits.getFloat64(0));
}

/** Sign of the decimal `text` minus the double, exactly. */
function compareToDouble(text: string, double: number): number {
  const [mantissa = '', exponentText = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  let decimal = BigInt(`${whole.replace(/^[+-]/, '')}${fraction}` || '0') * (text.startsWith('-') ? -1n : 1n);
  const decimalExponent = Number(exponentText) - fraction.length;
  bits.setFloat64(0, double);
  const raw = bits.getBigUint64(0);
  const rawExponent = Number((raw >> 52n) & 0x7ffn);
  const significand = (raw & 0xfffffffffffffn) | (rawExponent === 0 ? 0n : 1n << 52n);
  let binary = significand * (double < 0 ? -1n : 1n);
  const binaryExponent = Math.max(rawExponent, 1) - 1075;
  if (decimalExponent > 0) decimal *= 10n ** BigInt(decimalExponent);
  else binary *= 10n ** BigInt(-decimalExponent);
  if (binaryExponent > 0) binary <<= BigInt(binaryExponent);
  else decimal <<= BigInt(-binaryExponent);
  return decimal === binary ? 0 : decimal > binary ? 1 : -1;
}
