/** Between a number and its unit, so that no line breaks there; between groups of three digits. */
export const unitSpace = '\u202f';
export const digitSpace = '\u2009';
export const missing = '–';

const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
/** From here on counts are shown with three digits and a prefix: 42.1 k. */
const prefixedFrom = 10_000;

/** A count or a rate: 0.05, 1.7, 872, 3 260, 42.1 k. Null and NaN: –. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return missing;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (size === 0) return '0';
  if (size < 9.95) return sign + trimmed(size.toPrecision(2));
  if (Math.round(size) < prefixedFrom) return sign + grouped(Math.round(size));
  let power = Math.floor(Math.log10(size) / 3);
  if (Number((size / 1000 ** power).toPrecision(3)) >= 1000) power += 1;
  power = Math.min(power, prefixes.length - 1);
  return `${sign}${threeDigits(size / 1000 ** power)}${unitSpace}${prefixes[power] as string}`;
}

/** 42.1 k/s, 0.05 /s */
export function formatRate(perSecond: number | null | undefined): string {
  const number = formatNumber(perSecond);
  if (number === missing) return missing;
  return /\d$/.test(number) ? `${number}${unitSpace}/s` : `${number}/s`;
}

/** A share of 1: 7.9 %, 74 %; one decimal below 10 %. */
export function formatPercent(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return missing;
  const percent = share * 100;
  if (percent > 0 && percent < 0.05) return `< 0.1${unitSpace}%`;
  const text = percent !== 0 && Math.abs(percent) < 9.95 ? trimmed(percent.toFixed(1)) : grouped(Math.round(percent));
  return `${text}${unitSpace}%`;
}

/** `1 query`, `3 queries`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}

/** For files and pipes that programs read: ordinary spaces and hyphens. */
export function plainText(text: string): string {
  return text.replaceAll(unitSpace, ' ').replaceAll(digitSpace, ' ').replaceAll('−', '-').replaceAll(missing, '-');
}

/** 1.00, 42.1, 286: three digits, whatever the size below 1000. */
export function threeDigits(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded.toFixed(rounded < 10 ? 2 : rounded < 100 ? 1 : 0);
}

/** Splits `42.1 k/s` into number and unit, so that the unit can be set paler. Durations of two parts stay whole. */
export function splitUnit(text: string): readonly [string, string] {
  const at = text.indexOf(unitSpace);
  if (at < 0 || at !== text.lastIndexOf(unitSpace)) return [text, ''];
  return [text.slice(0, at), text.slice(at + 1)];
}

function trimmed(text: string): string {
  const plain = text.includes('e') ? String(Number(text)) : text;
  return plain.includes('.') && !plain.includes('e') ? plain.replace(/\.?0+$/, '') : plain;
}

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, digitSpace);
}
