/** An interval as DuckDB keeps it. */
export interface Interval {
  readonly months: number;
  readonly days: number;
  readonly microseconds: number;
}

type Part = readonly ['months' | 'days' | 'microseconds', number];

const units: Readonly<Record<string, Part>> = {
  year: ['months', 12],
  month: ['months', 1],
  week: ['days', 7],
  day: ['days', 1],
  hour: ['microseconds', 3_600_000_000],
  minute: ['microseconds', 60_000_000],
  second: ['microseconds', 1_000_000],
  millisecond: ['microseconds', 1000],
  microsecond: ['microseconds', 1],
};

const shortUnits: Readonly<Record<string, string>> = {
  y: 'year',
  mon: 'month',
  w: 'week',
  d: 'day',
  h: 'hour',
  min: 'minute',
  m: 'minute',
  s: 'second',
  ms: 'millisecond',
  us: 'microsecond',
};

const pattern = /\s*(?:([+-]?)(\d+):(\d\d)(?::(\d\d(?:\.\d{1,6})?))?|([+-]?\d+)\s*([a-z]+))(?=\s|$|[+-]?\d)/iy;

/** `1 day 02:30:00`, `3 months`, `15 min`, `250 ms`; whole numbers of each unit. undefined when the text is no interval. */
export function parseInterval(text: string): Interval | undefined {
  const total = { months: 0, days: 0, microseconds: 0 };
  pattern.lastIndex = 0;
  const trimmed = text.trim();
  let at = 0;
  while (at < trimmed.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(trimmed);
    if (match === null) return undefined;
    at = pattern.lastIndex;
    const [, sign, hours, minutes, seconds = '0', count, word = ''] = match;
    if (hours !== undefined) {
      const clock = Number(hours) * 3_600_000_000 + Number(minutes) * 60_000_000 + Math.round(Number(seconds) * 1_000_000);
      if (Number(minutes) > 59 || Number(seconds) >= 60) return undefined;
      total.microseconds += sign === '-' ? -clock : clock;
      continue;
    }
    const lower = word.toLowerCase();
    const unit = units[shortUnits[lower] ?? lower.replace(/s$/, '')];
    if (unit === undefined) return undefined;
    total[unit[0]] += Number(count) * unit[1];
  }
  const fits = Math.abs(total.months) < 2 ** 31 && Math.abs(total.days) < 2 ** 31 && Number.isSafeInteger(total.microseconds);
  return trimmed.length > 0 && fits ? total : undefined;
}
