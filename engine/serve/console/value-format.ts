import { formatBytes } from '../../status/format-bytes.ts';
import { digitSpace, formatNumber, missing, unitSpace } from '../../status/format-number.ts';
import type { ValueFormat } from './chart-data.ts';
import { momentText } from './clock.ts';

export type { ValueFormat } from './chart-data.ts';

const ratioNames = /(^|_)(ratio|share|utilization|fraction|(error|failure|success|hit|miss|drop|loss|late)_rate)($|_)/;
const bytesNames = /(^|_)bytes($|_)/;
/** Ratios may be a little above 1 by rounding; what is larger is no ratio. */
const ratioMax = 1.5;

export function isNumeric(type: string): boolean {
  return /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL)/.test(type.toUpperCase());
}

export function isTime(type: string): boolean {
  return /^(TIMESTAMP|DATE)/.test(type.toUpperCase());
}

/** How a measured value is shown on an axis and in a legend, by its name and its size. */
export function measureFormat(name: string, values: readonly (number | null)[]): ValueFormat {
  const known = values.filter((value) => value !== null);
  const most = known.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  if (bytesNames.test(name)) return (value) => formatBytes(value);
  if (ratioNames.test(name) && most <= ratioMax) return percentFormat(most);
  if (most >= 10_000) return (value) => formatNumber(value);
  const decimals = known.every(Number.isInteger) && most >= 4 ? 0 : decimalsFor(most);
  const fine = known.every(Number.isInteger) ? 0 : decimals;
  return (value) =>
    value === null || value === undefined ? missing : groupDigits(value.toFixed(Number.isInteger(value) ? fine : Math.max(fine, decimals)));
}

function percentFormat(most: number): ValueFormat {
  const decimals = most < 0.1 ? 2 : most < 0.5 ? 1 : 0;
  return (value) => (value === null || value === undefined ? missing : `${(value * 100).toFixed(decimals)}${unitSpace}%`);
}

function decimalsFor(most: number): number {
  if (most >= 100) return 1;
  if (most >= 10) return 2;
  return most >= 0.1 ? 3 : 4;
}

/** `187200` -> `187 200`. */
export function groupDigits(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, digitSpace);
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

export interface CellFormat {
  readonly numeric: boolean;
  readonly text: (value: unknown) => string;
}

/** Cells of one column: as many decimals in every row, digits in groups, times in the zone that is shown. Exact values otherwise. */
export function columnFormat(type: string, values: readonly unknown[]): CellFormat {
  if (isTime(type)) return { numeric: false, text: timeFormat(values) };
  if (!isNumeric(type)) return { numeric: false, text: (value) => plain(value) };
  const numbers = values.filter((value) => typeof value === 'number');
  const most = numbers.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const needed = numbers.reduce((longest, value) => Math.max(longest, fractionDigits(value)), 0);
  const decimals = Math.min(needed, decimalsFor(most));
  return {
    numeric: true,
    text: (value) => (typeof value === 'number' ? groupDigits(value.toFixed(decimals)) : groupNumberText(plain(value))),
  };
}

/** The same for what queries measure: ratios as percent, bytes as MiB, by the column's name. */
export function resultFormat(name: string, type: string, values: readonly unknown[]): CellFormat {
  const numbers = values.filter((value) => typeof value === 'number');
  const most = numbers.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const named = bytesNames.test(name) || (ratioNames.test(name) && most <= ratioMax && numbers.some((value) => !Number.isInteger(value)));
  if (!isNumeric(type) || !named) return columnFormat(type, values);
  const format = measureFormat(name, numbers);
  return { numeric: true, text: (value) => (typeof value === 'number' ? format(value) : plain(value)) };
}

function fractionDigits(value: number): number {
  return Number.isInteger(value) ? 0 : (String(value).split('.')[1]?.length ?? 4);
}

function groupNumberText(text: string): string {
  return /^-?\d+(\.\d+)?$/.test(text) ? groupDigits(text) : text;
}

/** Times without what they have in common: no day when all are of today, no seconds' fraction when none has one. */
function timeFormat(values: readonly unknown[]): (value: unknown) => string {
  const times = values.map(parseTime).filter((time) => time !== null);
  const whole = times.every((time) => time % 1000 === 0);
  return (value) => {
    const time = parseTime(value);
    if (time === null) return plain(value);
    if (/^\d{4}-\d\d-\d\d$/.test(String(value))) return String(value);
    return whole ? momentText(time) : `${momentText(time)}.${String(time % 1000).padStart(3, '0')}`;
  };
}

/** ISO text as the API writes it, or ms. */
export function parseTime(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^-?\d{4}/.test(value)) return null;
  const text = value.replace(' ', 'T');
  const time = Date.parse(/[zZ]$|[+-]\d\d(:?\d\d)?$/.test(text) || text.length <= 10 ? text : `${text}Z`);
  return Number.isNaN(time) ? null : Math.floor(time);
}

export function plain(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (value === '') return '(empty)';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
