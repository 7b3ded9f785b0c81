import type { IntervalValue } from '../../../plan/expression.ts';
import { parseMoment } from './moment-text.ts';

const units: Readonly<Record<string, readonly ['months' | 'days' | 'micros', number]>> = {
  us: ['micros', 1],
  microsecond: ['micros', 1],
  ms: ['micros', 1_000],
  millisecond: ['micros', 1_000],
  s: ['micros', 1_000_000],
  sec: ['micros', 1_000_000],
  second: ['micros', 1_000_000],
  m: ['micros', 60_000_000],
  min: ['micros', 60_000_000],
  minute: ['micros', 60_000_000],
  h: ['micros', 3_600_000_000],
  hr: ['micros', 3_600_000_000],
  hour: ['micros', 3_600_000_000],
  d: ['days', 1],
  day: ['days', 1],
  w: ['days', 7],
  week: ['days', 7],
  mon: ['months', 1],
  month: ['months', 1],
  quarter: ['months', 3],
  y: ['months', 12],
  yr: ['months', 12],
  year: ['months', 12],
};

/** `1 hour 30 minutes`, `2 days 01:00:00`: whole amounts and clock times; null for anything else, which the caller refuses. */
export function parseInterval(text: string): IntervalValue | null {
  const total = { months: 0, days: 0, micros: 0n };
  let rest = text.trim();
  if (rest === '') return null;
  while (rest !== '') {
    const amount = /^([+-]?\d+)\s*([A-Za-z]+)\s*/.exec(rest);
    if (amount !== null) {
      const unit = unitOf((amount[2] as string).toLowerCase());
      if (unit === null) return null;
      if (unit[0] === 'micros') total.micros += BigInt(amount[1] as string) * BigInt(unit[1]);
      else total[unit[0]] += Number(amount[1]) * unit[1];
      rest = rest.slice(amount[0].length);
      continue;
    }
    const clock = /^(-?)(\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)\s*$/.exec(rest);
    const micros = clock === null ? null : parseMoment(clock[2] as string, 'time');
    if (micros === null) return null;
    total.micros += clock?.[1] === '-' ? -micros : micros;
    rest = '';
  }
  return total;
}

function unitOf(name: string): readonly ['months' | 'days' | 'micros', number] | null {
  return units[name] ?? units[name.replace(/s$/, '')] ?? null;
}
