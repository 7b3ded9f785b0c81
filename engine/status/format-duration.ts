import { missing, unitSpace } from './format-number.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** Milliseconds as two units at most: 614 ms, 1.8 s, 14 s, 6 min 20 s, 4 h 12 min, 4 d 3 h. */
export function formatDuration(milliseconds: number | null | undefined): string {
  if (milliseconds === null || milliseconds === undefined || !Number.isFinite(milliseconds)) return missing;
  const sign = milliseconds < 0 ? '−' : '';
  const size = Math.abs(milliseconds);
  if (Math.round(size) < secondMs) return sign + withUnit(String(Math.round(size)), 'ms');
  const tenths = (size / secondMs).toFixed(1);
  if (Number(tenths) < 10) return sign + withUnit(tenths.replace(/\.0$/, ''), 's');
  const seconds = Math.round(size / secondMs);
  if (seconds < 60) return sign + withUnit(String(seconds), 's');
  if (seconds < 3_600) return sign + twoUnits(seconds, 60, 'min', 's');
  const minutes = Math.round(size / minuteMs);
  if (minutes < 24 * 60) return sign + twoUnits(minutes, 60, 'h', 'min');
  return sign + twoUnits(Math.round(size / hourMs), 24, 'd', 'h');
}

function twoUnits(total: number, base: number, large: string, small: string): string {
  const rest = total % base;
  const first = withUnit(String(Math.floor(total / base)), large);
  return rest === 0 ? first : `${first} ${withUnit(String(rest), small)}`;
}

function withUnit(number: string, unit: string): string {
  return `${number}${unitSpace}${unit}`;
}

/** A time of day in UTC: 10:02, or 10:02:36. */
export function formatClock(milliseconds: number, withSeconds = false): string {
  return new Date(milliseconds).toISOString().slice(11, withSeconds ? 19 : 16);
}
