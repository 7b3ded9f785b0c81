/** Values of one series at most: more is a slip of the pen. */
const seriesLengthMax = 100_000;
const form = /^(-?\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)?x(\d+)$/;

/**
 * `1+2x3` is 1 3 5 7: a first value and three steps more; `5x2` is 5 5 5; `_` is NULL and `_x3` three of them; blanks stand between
 * parts. Null when the text is no series.
 */
export function expandSeries(text: string): string[] | null {
  const parts = text.split(' ');
  if (!parts.some((part) => form.test(part) || /^_(x\d+)?$/.test(part))) return null;
  const values: string[] = [];
  for (const part of parts) {
    const expanded = expandPart(part);
    if (expanded === null || values.length + expanded.length > seriesLengthMax) return null;
    values.push(...expanded);
  }
  return values;
}

function expandPart(part: string): string[] | null {
  const missing = /^_(?:x(\d+))?$/.exec(part);
  if (missing !== null) return new Array<string>(Math.min(seriesLengthMax + 1, Number(missing[1] ?? 1))).fill('NULL');
  const stepped = form.exec(part);
  if (stepped === null) return /^-?\d+(\.\d+)?$|^NULL$/.test(part) ? [part] : null;
  const [, first = '', step = '+0', count = '0'] = stepped;
  const digits = Math.max(fractionDigits(first), fractionDigits(step));
  const length = Math.min(seriesLengthMax, Number(count)) + 1;
  // Steps of decimals are exact: they are counted in their last digit.
  const [from, by] = [scaled(first, digits), scaled(step, digits)];
  return Array.from({ length }, (_, i) => unscaled(from + by * BigInt(i), digits));
}

function fractionDigits(number: string): number {
  return number.split('.')[1]?.length ?? 0;
}

function scaled(number: string, digits: number): bigint {
  const [whole = '0', fraction = ''] = number.replace(/^[+-]/, '').split('.');
  const value = BigInt(whole + fraction.padEnd(digits, '0'));
  return number.startsWith('-') ? -value : value;
}

function unscaled(value: bigint, digits: number): string {
  if (digits === 0) return String(value);
  const text = String(value < 0n ? -value : value).padStart(digits + 1, '0');
  return `${value < 0n ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
