import { formatDuration } from '../../status/format-duration.ts';

export type Zone = 'UTC' | 'local';

const skewToldMs = 2_000;
let zone: Zone = (new URLSearchParams(location.search).get('tz') ?? localStorage.getItem('tz')) === 'local' ? 'local' : 'UTC';
let skewMs = 0;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(parts: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone}${Object.keys(parts).join()}`;
  const known =
    formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { ...parts, hourCycle: 'h23', ...(zone === 'UTC' ? { timeZone: 'UTC' } : {}) });
  formats.set(key, known);
  return known;
}

export function currentZone(): Zone {
  return zone;
}

export function setZone(next: Zone): void {
  zone = next;
  localStorage.setItem('tz', next);
}

/** `UTC`, `Europe/Berlin`. */
export function zoneName(): string {
  return zone === 'UTC' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** `10:33`, `10:33:07`. */
export function timeText(milliseconds: number, withSeconds = true): string {
  return format({ hour: '2-digit', minute: '2-digit', ...(withSeconds ? { second: '2-digit' } : {}) }).format(milliseconds);
}

/** `2026-11-23`. */
export function dayText(milliseconds: number): string {
  const parts = format({ year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(milliseconds);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

/** A time with its day when that is not today. */
export function momentText(milliseconds: number, withSeconds = true): string {
  const time = timeText(milliseconds, withSeconds);
  const day = dayText(milliseconds);
  return day === dayText(engineNow()) ? time : `${day} ${time}`;
}

/** Every answer of the engine says what time it is there: "ago" is by its clock, not by the browser's. */
export function setEngineTime(milliseconds: number): void {
  skewMs = milliseconds - Date.now();
}

export function engineNow(): number {
  return Date.now() + skewMs;
}

/** Said once when the two clocks differ. */
export function skewText(): string | null {
  if (Math.abs(skewMs) < skewToldMs) return null;
  return `The engine's clock is ${formatDuration(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} this browser's.`;
}

/** `now`, `56 s`, `15 min`, `4 h 12 min`: seconds are of no interest after a minute. */
export function agoText(since: number): string {
  const age = engineNow() - since;
  if (age < 1_000) return 'now';
  const unit = age < 60_000 ? 1_000 : 60_000;
  return formatDuration(Math.floor(age / unit) * unit);
}

/** For uPlot: a date whose local fields are those of the zone that is shown. */
export function chartDate(seconds: number): Date {
  const date = new Date(seconds * 1000);
  return zone === 'local' ? date : new Date(date.getTime() + date.getTimezoneOffset() * 60_000);
}
