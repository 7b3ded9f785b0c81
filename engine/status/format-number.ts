/** Numbers as people read them (console and terminal alike). Narrow no-break space between number and unit; missing is an en dash. */
export const space = '\u202f';
export const missing = '–';

type Value = number | null | undefined;

const absent = (value: Value): value is null | undefined => value === null || value === undefined || Number.isNaN(value);

/** Three significant digits, without an exponent. */
function significant(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 99.95) return value.toFixed(0);
  return value.toFixed(size >= 9.995 ? 1 : 2);
}

function scaled(value: number, base: number, units: readonly string[], limit: number): { text: string; unit: string } {
  let index = 0;
  let rest = value;
  while (Math.abs(rest) >= limit && index < units.length - 1) {
    rest /= base;
    index++;
  }
  return { text: significant(rest), unit: units[index] as string };
}

/** 3260 -> `3 260`. */
export function groupDigits(value: number | bigint | string): string {
  const [whole = '', fraction] = String(value).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, space);
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Counts and rates: `0`, `1.6`, `3 260`, `42.1 k`, `1.34 M`. */
export function numberText(value: Value): string {
  if (absent(value)) return missing;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  const size = Math.abs(value);
  if (size < 0.05 && size > 0) return '< 0.1';
  if (size < 9.95 && !Number.isInteger(value)) return value.toFixed(1);
  if (size < 9_999.5) return groupDigits(Math.round(value));
  const { text, unit } = scaled(value / 1000, 1000, ['k', 'M', 'G', 'T', 'P'], 999.5);
  return `${text}${space}${unit}`;
}

/** `614 B`, `664 KiB`, `1.00 GiB`. */
export function bytesText(bytes: Value): string {
  if (absent(bytes)) return missing;
  if (Math.abs(bytes) < 1000) return `${Math.round(bytes)}${space}B`;
  const { text, unit } = scaled(bytes / 1024, 1024, ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'], 999.5);
  return `${text}${space}${unit}`;
}

/** Milliseconds as `614 ms`, `1.8 s`, `14 s`, `6 min 20 s`, `4 h 12 min`, `4 d 3 h`. */
export function durationText(milliseconds: Value): string {
  if (absent(milliseconds)) return missing;
  if (milliseconds < 0) return `-${durationText(-milliseconds)}`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)}${space}ms`;
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)}${space}s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds}${space}s`;
  if (seconds < 600) return two(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}${space}min`;
  if (minutes < 48 * 60) return two(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return two(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const first = `${large}${space}${largeUnit}`;
  return small === 0 ? first : `${first} ${small}${space}${smallUnit}`;
}

/** 0.079 -> `7.9 %`; one decimal below 10 %, unless `decimals` says otherwise. */
export function percentText(ratio: Value, decimals?: number): string {
  if (absent(ratio)) return missing;
  const digits = decimals ?? (Math.abs(ratio) < 0.0995 && ratio !== 0 ? 1 : 0);
  return `${(ratio * 100).toFixed(digits)}${space}%`;
}

/** `42.1 k/s`, `3 260 /s`. */
export function rateText(perSecond: Value): string {
  if (absent(perSecond)) return missing;
  const text = numberText(perSecond);
  return /\p{L}$/u.test(text) ? `${text}/s` : `${text}${space}/s`;
}

/** Splits `42.1 k/s` into its number and its unit, so that the unit can be set paler. Durations of two parts stay whole. */
export function splitUnit(text: string): readonly [string, string] {
  const index = text.lastIndexOf(space);
  if (index < 0 || / /.test(text) || /\d/.test(text[index + 1] ?? '')) return [text, ''];
  return [text.slice(0, index), text.slice(index + 1)];
}

/** `1 query`, `3 queries`, `12.4 k rows`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`;
}

export { numberText as formatNumber, percentText as formatPercent, rateText as formatRate };
