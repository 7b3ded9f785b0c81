import { Buffer } from 'node:buffer';
import type { ColumnBuilder } from '../column-builder.ts';
import type { DataType } from '../data-type.ts';
import { ValueFault } from './value-fault.ts';

/**
 * Values of schemas with types of their own (Avro, Protobuf, Arrow) as builders take them: moments as ISO 8601, so that a plain number in
 * a TIMESTAMP column is told from them and follows the option timestamp_unit.
 */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const nanosecondDigits = 9;

export function isTimestamp(type: DataType): boolean {
  return type.kind.startsWith('timestamp');
}

/** A column in which values stand as JSON text. */
export function isText(type: DataType): boolean {
  return type.kind === 'varchar' || type.kind === 'json';
}

/** `count` since 1970 in 1/perSecond seconds, for a column of that type; other types than timestamps and text get the plain count. */
export function momentValue(count: bigint, perSecond: number, type: DataType): bigint | string {
  if (!isTimestamp(type) && !isText(type)) return count;
  const each = BigInt(perSecond);
  const rest = ((count % each) + each) % each;
  const seconds = (count - rest) / each;
  if (seconds > secondsMax || seconds < -secondsMax) throw new ValueFault(`${count} is beyond the years 0000 to 9999`);
  const text = new Date(Number(seconds) * 1000).toISOString();
  if (text.length !== 24) throw new ValueFault(`${count} is beyond the years 0000 to 9999`);
  const fraction = String(rest * BigInt(1_000_000_000 / perSecond)).padStart(nanosecondDigits, '0');
  return `${text.slice(0, 19)}.${fraction}Z`;
}

/** Days since 1970. */
export function dateValue(days: bigint, type: DataType): bigint | string {
  return type.kind === 'date' || isTimestamp(type) || isText(type) ? dayText(days) : days;
}

const secondsMax = 8_640_000_000_000n;
const daysMax = 100_000_000n;

function dayText(days: bigint): string {
  if (days > daysMax || days < -daysMax) throw new ValueFault(`day ${days} is beyond the calendar`);
  const text = new Date(Number(days) * 86_400_000).toISOString();
  if (text.length !== 24) throw new ValueFault(`day ${days} is beyond the years 0000 to 9999`);
  return text.slice(0, 10);
}

/** Microseconds since midnight. */
export function clockValue(microseconds: bigint, type: DataType): bigint | string {
  if (type.kind !== 'time' && !isText(type)) return microseconds;
  const seconds = microseconds / 1_000_000n;
  const part = (value: bigint) => String(value).padStart(2, '0');
  const fraction = String(microseconds % 1_000_000n).padStart(6, '0');
  return `${part(seconds / 3600n)}:${part((seconds / 60n) % 60n)}:${part(seconds % 60n)}.${fraction}`;
}

/** unscaled / 10^scale as text. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return `${unscaled * 10n ** BigInt(-scale)}`;
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Two's complement, most significant byte first. */
export function bigEndian(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
}

export function bytesValue(bytes: Uint8Array, type: DataType): Uint8Array | string {
  if (type.kind !== 'varchar' && type.kind !== 'json') return bytes;
  if (type.kind === 'json') return Buffer.from(bytes).toString('base64');
  try {
    return decoder.decode(bytes);
  } catch {
    throw new ValueFault('bytes that are not valid UTF-8');
  }
}

/** False when the value is not one of the builder's type. Nested values become JSON text in a VARCHAR or JSON column. */
export function appendPlain(builder: ColumnBuilder, value: unknown): boolean {
  if (isText(builder.type) && typeof value === 'object' && value !== null) {
    const text = Buffer.from(jsonText(value));
    return builder.appendText(text, 0, text.length);
  }
  if (value instanceof Uint8Array && builder.type.kind !== 'blob') return false;
  return builder.appendValue(value);
}

/** Whole numbers of any length as they are; bytes as base64; what JSON has no number for as text. */
export function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return `"${value}"`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'));
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return `{${entries.map(([name, inner]) => `${JSON.stringify(String(name))}:${jsonText(inner)}`).join(',')}}`;
}
