/** A time of the day without a date is one of this day. */
export const testDay = '2026-01-01';
/** When a test begins by the clock (ms). */
export const testBegins = Date.UTC(2026, 0, 1);

const timeOfDay = /^\d\d:\d\d(:\d\d(\.\d{1,6})?)?$/;
const timestamp = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)Z?)?$/;

/** With its date, when it has none. */
export function withDay(text: string): string {
  return timeOfDay.test(text) ? `${testDay} ${text.length === 5 ? `${text}:00` : text}` : text;
}

/** As a test says it: without the date when that goes without saying. */
export function withoutDay(text: string): string {
  return text.startsWith(`${testDay} `) ? text.slice(testDay.length + 1) : text;
}

/** Microseconds since 1970, UTC; null when it is no time. */
export function parseTime(text: string): bigint | null {
  const parts = timestamp.exec(withDay(text.trim()));
  if (parts === null) return null;
  const [clock, fraction = ''] = (parts[2] ?? '00:00').split('.');
  const ms = Date.parse(`${parts[1]}T${clock}Z`);
  return Number.isNaN(ms) ? null : BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

export function microsText(micros: bigint): string {
  const ms = Number(micros / 1000n) - (micros % 1000n < 0n ? 1 : 0);
  const rest = micros - BigInt(ms) * 1000n;
  return new Date(ms).toISOString().slice(0, -1).replace('T', ' ') + String(rest).padStart(3, '0');
}
