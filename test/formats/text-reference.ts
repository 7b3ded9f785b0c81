/** What text stands for in a column of a type, by the rules of docs/formats.md, plainly and with big integers; undefined: nothing. */

const number = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
const trimmed = (text: string) => text.replace(/^ +| +$/g, '');

const integerRanges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  tinyint: [-128n, 127n],
  smallint: [-32_768n, 32_767n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
  hugeint: [-(2n ** 127n), 2n ** 127n - 1n],
  utinyint: [0n, 255n],
  usmallint: [0n, 65_535n],
  uinteger: [0n, 2n ** 32n - 1n],
  ubigint: [0n, 2n ** 64n - 1n],
  uhugeint: [0n, 2n ** 128n - 1n],
};

export function integerOf(text: string, kind: string): unknown {
  const match = /^([+-]?\d+)(?:\.0*)?$/.exec(trimmed(text));
  const [least, most] = integerRanges[kind] as readonly [bigint, bigint];
  if (match === null) return undefined;
  const value = BigInt((match[1] as string).replace(/^\+/, ''));
  if (value < least || value > most) return undefined;
  if (kind.endsWith('hugeint')) return [BigInt.asUintN(64, value), BigInt.asUintN(64, value >> 64n)];
  return kind.endsWith('bigint') ? value : Number(value);
}

export function decimalOf(text: string, width: number, scale: number): unknown {
  const match = number.exec(trimmed(text));
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const shift = scale - fraction.length + Number(exponent);
  const digits = BigInt(whole + fraction);
  if (digits !== 0n && Math.abs(shift) > 200) return undefined;
  let value = digits === 0n ? 0n : shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  if (digits !== 0n && shift < 0 && value * 10n ** BigInt(-shift) !== digits) return undefined;
  if (value >= 10n ** BigInt(width)) return undefined;
  if (sign === '-') value = -value;
  if (width > 18) return [BigInt.asUintN(64, value), BigInt.asUintN(64, value >> 64n)];
  return width > 9 ? value : Number(value);
}

export function doubleOf(text: string): number | undefined {
  const plain = trimmed(text);
  const match = number.exec(plain);
  if (match !== null) return (match[2] ?? '') === '' && (match[3] ?? '') === '' ? undefined : Number(plain);
  const word = /^([+-]?)(nan|inf|infinity)$/i.exec(plain);
  if (word === null) return undefined;
  return word[2]?.toLowerCase() === 'nan' ? Number.NaN : word[1] === '-' ? -Infinity : Infinity;
}

/** The nearer of the two floats around the exact decimal, the even one of two that are as near. */
export function floatOf(text: string): number | undefined {
  const double = doubleOf(text);
  const float = Math.fround(double ?? 0);
  if (double === undefined || !Number.isFinite(double) || double === 0) return double === undefined ? undefined : float;
  if (!Number.isFinite(float)) return belowInfinity(trimmed(text)) ? Math.sign(double) * floatMax : float;
  const step = new Float32Array([float]);
  const bits = new Int32Array(step.buffer);
  const candidates = [-1, 0, 1].map((away) => {
    bits[0] = bitsOf(float) + away;
    return step[0] as number;
  });
  const [target, scale] = exactDecimal(trimmed(text));
  const distances = candidates.map((candidate) => {
    const difference = exactBinary(candidate) * scale - target * binaryOne;
    return difference < 0n ? -difference : difference;
  });
  const least = distances.reduce((a, b) => (a < b ? a : b));
  const nearest = candidates.filter((_, place) => distances[place] === least);
  return nearest.length === 1 ? nearest[0] : nearest.find((candidate) => (bitsOf(candidate) & 1) === 0);
}

const floatMax = 2 ** 128 - 2 ** 104;

/** Nearer to the largest float than to the next power of two. */
function belowInfinity(text: string): boolean {
  const [target, scale] = exactDecimal(text.replace('-', ''));
  return target < (2n ** 128n - 2n ** 103n) * scale;
}

function bitsOf(float: number): number {
  return new Int32Array(new Float32Array([float]).buffer)[0] as number;
}

const binaryOne = 1n << 1200n;

function exactBinary(value: number): bigint {
  const bits = new BigUint64Array(new Float64Array([value]).buffer)[0] as bigint;
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const significand = (bits & 0xfffffffffffffn) | (exponent === 0 ? 0n : 1n << 52n);
  const shifted = significand << BigInt(1200 + Math.max(exponent, 1) - 1075);
  return value < 0 ? -shifted : shifted;
}

/** Numerator and denominator. */
function exactDecimal(text: string): [bigint, bigint] {
  const [, sign, whole = '', fraction = '', exponent = '0'] = number.exec(text) as RegExpExecArray;
  const shift = Number(exponent) - fraction.length;
  const digits = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
  return shift >= 0 ? [digits * 10n ** BigInt(shift), 1n] : [digits, 10n ** BigInt(-shift)];
}

export function booleanOf(text: string): number | undefined {
  const word = trimmed(text).toLowerCase();
  if (['true', 't', 'yes', 'y', '1'].includes(word)) return 1;
  return ['false', 'f', 'no', 'n', '0'].includes(word) ? 0 : undefined;
}

const datePart = /^(\d{4})-(\d\d)-(\d\d)/;
const clockPart = /^(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?/;
const zonePart = /^(?: ?[Zz]| ?([+-])(\d\d)(?::?(\d\d))?)$/;

function daysOf(text: string): { days: number; rest: string } | undefined {
  const match = datePart.exec(text);
  if (match === null) return undefined;
  const [, year, month, day] = match.map(Number) as [number, number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return { days: Math.round(date.getTime() / 86_400_000), rest: text.slice(10) };
}

function clockOf(text: string): { seconds: bigint; nanoseconds: bigint; rest: string } | undefined {
  const match = clockPart.exec(text);
  if (match === null) return undefined;
  const [all, hour, minute, second = '0', fraction = ''] = match as unknown as [string, string, string, string?, string?];
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const seconds = BigInt(Number(hour) * 3600 + Number(minute) * 60 + Number(second));
  return { seconds, nanoseconds: BigInt(`${fraction}000000000`.slice(0, 9)), rest: text.slice(all.length) };
}

export function dateOf(text: string): number | undefined {
  const date = daysOf(trimmed(text));
  return date?.rest === '' ? date.days : undefined;
}

export function timeOf(text: string): bigint | undefined {
  const clock = clockOf(trimmed(text));
  return clock?.rest === '' ? clock.seconds * 1_000_000n + clock.nanoseconds / 1000n : undefined;
}

const perSecond: Readonly<Record<string, bigint>> = {
  timestamp_s: 1n,
  timestamp_ms: 1000n,
  timestamp: 1_000_000n,
  timestamptz: 1_000_000n,
  timestamp_ns: 1_000_000_000n,
  s: 1n,
  ms: 1000n,
  us: 1_000_000n,
  ns: 1_000_000_000n,
};

export function timestampOf(text: string, kind: string, unit: string | null): bigint | undefined {
  const target = perSecond[kind] as bigint;
  const nanoseconds = isoNanoseconds(trimmed(text)) ?? countNanoseconds(trimmed(text), unit);
  if (nanoseconds === undefined) return undefined;
  const divisor = 1_000_000_000n / target;
  const value = (nanoseconds - (((nanoseconds % divisor) + divisor) % divisor)) / divisor;
  return value > 2n ** 63n - 1n || value < -(2n ** 63n - 1n) ? undefined : value;
}

function isoNanoseconds(text: string): bigint | undefined {
  const date = daysOf(text);
  if (date === undefined) return undefined;
  const midnight = BigInt(date.days) * 86_400n;
  if (date.rest === '') return midnight * 1_000_000_000n;
  const clock = /^[Tt ]/.test(date.rest) ? clockOf(date.rest.slice(1)) : undefined;
  if (clock === undefined) return undefined;
  let offset = 0;
  if (clock.rest !== '') {
    const zone = zonePart.exec(clock.rest);
    if (zone === null || Number(zone[2] ?? 0) > 15 || Number(zone[3] ?? 0) > 59) return undefined;
    offset = (zone[1] === '-' ? -1 : 1) * (Number(zone[2] ?? 0) * 3600 + Number(zone[3] ?? 0) * 60);
  }
  return (midnight + clock.seconds - BigInt(offset)) * 1_000_000_000n + clock.nanoseconds;
}

/** Digits finer than nanoseconds are dropped; a whole count may be written in any length, one with a fraction without an exponent or exactly. */
function countNanoseconds(text: string, unit: string | null): bigint | undefined {
  if (unit === null) return undefined;
  const whole = /^([+-]?\d+)(?:\.0*)?$/.exec(text);
  if (unit === 'min') return whole === null ? undefined : BigInt((whole[1] as string).replace('+', '')) * 60_000_000_000n;
  const digits = 9 - String(perSecond[unit]).length + 1;
  const plain = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (plain !== null && (plain[2] !== '' || (plain[3] ?? '') !== '')) {
    const value = BigInt(`${plain[2]}${`${plain[3] ?? ''}000000000`.slice(0, digits)}`);
    return plain[1] === '-' ? -value : value;
  }
  const exact = decimalOf(text, 38, digits) as [bigint, bigint] | undefined;
  return exact === undefined ? undefined : BigInt.asIntN(128, (exact[1] << 64n) | exact[0]);
}

export function uuidOf(text: string): unknown {
  const match = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i.exec(trimmed(text));
  if (match === null) return undefined;
  const digits = match.slice(1).join('');
  return [BigInt(`0x${digits.slice(16)}`), BigInt(`0x${digits.slice(0, 16)}`) ^ (1n << 63n)];
}

/** As hexadecimal digits. Padding may be absent, not wrong. */
export function base64Of(text: string): string | undefined {
  const match = /^([A-Za-z0-9+/]*|[A-Za-z0-9_-]*)(={0,2})$/.exec(text);
  if (match === null) return undefined;
  const [, digits = '', padding = ''] = match;
  if (digits.length % 4 === 1 || (padding !== '' && (digits.length + padding.length) % 4 !== 0)) return undefined;
  let bits = 0n;
  for (const digit of digits) {
    const place = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.indexOf(digit.replace('-', '+').replace('_', '/'));
    bits = (bits << 6n) | BigInt(place);
  }
  const bytes = Math.floor((digits.length * 6) / 8);
  return bytes === 0 ? '' : (bits >> BigInt(digits.length * 6 - bytes * 8)).toString(16).padStart(bytes * 2, '0');
}
