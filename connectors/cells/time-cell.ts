/** Moments and lengths of time as DuckDB writes them. */

const microsPerSecond = 1_000_000n;
const secondsPerDay = 86_400;
const infinity = 2n ** 63n - 1n;
const dateInfinity = 2 ** 31 - 1;

/** `2026-01-31`; years before 1 as `0044-03-15 (BC)`. `days` since 1970. */
export function dateText(days: number): string {
  if (days === dateInfinity) return 'infinity';
  if (days === -dateInfinity) return '-infinity';
  const { date, era } = civil(days);
  return `${date}${era}`;
}

/** `2026-01-31 10:05:00.25`; `unit`: how many make a second. */
export function timestampText(value: bigint, unit: bigint): string {
  if (value === infinity) return 'infinity';
  if (value === -infinity) return '-infinity';
  const seconds = floorDivide(value, unit);
  const fraction = value - seconds * unit;
  const days = Number(floorDivide(seconds, BigInt(secondsPerDay)));
  const { date, era } = civil(days);
  return `${date}${era} ${clockText(Number(seconds) - days * secondsPerDay)}${fractionText(fraction, unit)}`;
}

/** `10:05:00.25`. */
export function timeText(micros: bigint): string {
  return `${clockText(Number(micros / microsPerSecond))}${fractionText(micros % microsPerSecond, microsPerSecond)}`;
}

export function intervalText(months: number, days: number, micros: bigint): string {
  const count = (value: number, unit: string) => (value === 0 ? [] : [`${value} ${unit}${Math.abs(value) === 1 ? '' : 's'}`]);
  const parts = [...count(Math.trunc(months / 12), 'year'), ...count(months % 12, 'month'), ...count(days, 'day')];
  if (micros === 0n && parts.length > 0) return parts.join(' ');
  return [...parts, `${micros < 0n ? '-' : ''}${timeText(micros < 0n ? -micros : micros)}`].join(' ');
}

function civil(days: number): { date: string; era: string } {
  // Days of years that begin in March, so that a leap day is a year's last: eras of 400 years have the same days.
  const shifted = days + 719_468;
  const eraIndex = Math.floor(shifted / 146_097);
  const day = shifted - eraIndex * 146_097;
  const yearOfEra = Math.floor((day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365);
  const dayOfYear = day - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  const year = yearOfEra + eraIndex * 400 + (month <= 2 ? 1 : 0);
  const shown = year > 0 ? year : 1 - year;
  const date = `${pad(shown, 4)}-${pad(month)}-${pad(dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1)}`;
  return { date, era: year > 0 ? '' : ' (BC)' };
}

function clockText(seconds: number): string {
  return `${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
}

function fractionText(fraction: bigint, unit: bigint): string {
  if (fraction === 0n) return '';
  const digits = String(unit).length - 1;
  return `.${String(fraction).padStart(digits, '0').replace(/0+$/, '')}`;
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

function pad(value: number, length = 2): string {
  return String(value).padStart(length, '0');
}
