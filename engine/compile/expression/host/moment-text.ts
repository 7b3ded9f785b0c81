/** Reads dates, times and timestamps as DuckDB's casts from text do. */

const microsPerDay = 86_400_000_000n;
const infinity = 9223372036854775807n;
const dateInfinity = 2147483647n;

export type Moment = 'date' | 'timestamp' | 'time' | 'timestamp_ns';

interface ParsedDate {
  /** Days since 1970-01-01, or an infinity. */
  readonly days: number;
  readonly end: number;
}

const space = /[ \t\n\v\f\r]/;
const datePattern = /^[ \t\n\v\f\r]*(-?)(\d{1,9})([ \-/\\])(\d{1,2})\3(\d{1,2})([ \t\n\v\f\r]\([bB][cC]\))?/;
const specialPattern = /^[ \t\n\v\f\r]*(-?)(inf(?:inity)?|epoch)[ \t\n\v\f\r]*$/i;
const timePattern = /^[ \t\n\v\f\r]*(\d{1,9}):(\d{1,2})?(?::(\d{1,2})?(?:\.(\d*))?)?/;

/** Days, microseconds or nanoseconds by `kind`; null when DuckDB refuses the text. */
export function parseMoment(text: string, kind: Moment): bigint | null {
  if (kind === 'time') return parseTime(text) ?? timeOfTimestamp(text);
  if (kind === 'date') return parseDate(text);
  return parseTimestamp(text, kind === 'timestamp_ns');
}

function special(text: string): bigint | null {
  const match = specialPattern.exec(text);
  if (match === null) return null;
  if ((match[2] as string).toLowerCase() === 'epoch') return 0n;
  return match[1] === '-' ? -infinity : infinity;
}

function parseDate(text: string): bigint | null {
  const named = special(text);
  if (named !== null) return named === 0n ? 0n : named > 0n ? dateInfinity : -dateInfinity;
  const date = readDate(text);
  if (date === null) return null;
  // Whatever follows is cut off, unless it would make the day longer.
  return /^\d/.test(text.slice(date.end)) ? null : BigInt(date.days);
}

function readDate(text: string): ParsedDate | null {
  const match = datePattern.exec(text);
  if (match === null) return null;
  let year = Number(match[2]);
  if (match[6] !== undefined) {
    if (match[1] === '-' || year === 0) return null;
    year = 1 - year;
  } else if (match[1] === '-') year = -year;
  const days = daysOf(year, Number(match[4]), Number(match[5]));
  return days === null ? null : { days, end: match[0].length };
}

function daysOf(year: number, month: number, day: number): number | null {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const days = era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719468;
  return Math.abs(days) < Number(dateInfinity) ? days : null;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Nanoseconds and where the time ends. */
function readTime(text: string): { nanos: bigint; end: number } | null {
  const match = timePattern.exec(text);
  if (match === null) return null;
  const minutes = Number(match[2] ?? 0);
  const seconds = Number(match[3] ?? 0);
  if (minutes > 59 || seconds > 59) return null;
  const whole = (BigInt(match[1] as string) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  return { nanos: whole * 1_000_000_000n + BigInt((match[4] ?? '').slice(0, 9).padEnd(9, '0')), end: match[0].length };
}

function parseTime(text: string): bigint | null {
  const time = readTime(text);
  if (time === null) return null;
  const micros = time.nanos / 1000n;
  return micros <= microsPerDay ? micros : null;
}

function timeOfTimestamp(text: string): bigint | null {
  const timestamp = parseTimestamp(text, false);
  if (timestamp === null || timestamp === infinity || timestamp === -infinity) return null;
  return ((timestamp % microsPerDay) + microsPerDay) % microsPerDay;
}

const zonePattern = /^(?:Z|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?|[ ](?:[uU][tT][cC])?)?[ \t\n\v\f\r]*$/;

/** Microseconds, or nanoseconds. Zones are read and ignored, as DuckDB's TIMESTAMP does. */
function parseTimestamp(text: string, nanoseconds: boolean): bigint | null {
  const named = special(text);
  if (named !== null) return named;
  const date = readDate(text);
  if (date === null) return null;
  let nanos = 0n;
  let at = date.end;
  if (at < text.length) {
    if (text[at] === ' ' || text[at] === 'T') at++;
    else if (!space.test(text[at] as string)) return null;
    const time = readTime(text.slice(at));
    if (time === null || !zonePattern.test(text.slice(at + time.end))) return null;
    nanos = time.nanos;
    if (nanos / 1000n > microsPerDay) return null;
  }
  const micros = BigInt(date.days) * microsPerDay;
  if (nanoseconds) return bounded(micros * 1000n + nanos);
  return bounded(micros + nanos / 1000n);
}

function bounded(value: bigint): bigint | null {
  return value < infinity && value > -infinity ? value : null;
}
