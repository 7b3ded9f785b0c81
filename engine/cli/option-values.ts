import { InvalidArgumentError } from 'commander';

const durationUnitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `30s`, `5min`, `1.5h` in milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)$/.exec(text.trim());
  if (match === null) throw new InvalidArgumentError(`"${text}" is not a duration. Write 30s, 5min or 1h.`);
  return Number(match[1]) * (durationUnitMs[match[2] as string] as number);
}

/** `1x`, `20x`, `0.5x`, `max` as event time per wall time. */
export function parseSpeed(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d+)?)x?$/.exec(text.trim());
  const speed = match === null ? 0 : Number(match[1]);
  if (!(speed > 0)) throw new InvalidArgumentError(`"${text}" is not a speed. Write 1x, 20x or max.`);
  return speed;
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError(`"${text}" is not a port. Write 0 to 65535; 0 is any free one.`);
  return port;
}

const lanesMax = 256;

export function parseLanes(text: string, name: unknown = 'lanes', most = lanesMax): number {
  const count = Number(text);
  const what = typeof name === 'string' && name === 'limit' ? 'limit' : 'number of lanes';
  if (!Number.isInteger(count) || count < 1 || count > most)
    throw new InvalidArgumentError(`"${text}" is not a ${what}. Write 1 to ${most}.`);
  return count;
}

export function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError(`"${text}" is not a number.`);
  return number;
}

/** `750`, `15%`, or both by a comma: rows, and the share of rows. */
export function parseSkip(text: string): { readonly rows: number; readonly share: number } {
  let [rows, share] = [Number.POSITIVE_INFINITY, 1];
  for (const part of text.split(',')) {
    const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(part.trim());
    const number = Number(match?.[1]);
    if (match === null || (match[2] === '%' ? number > 100 : !Number.isInteger(number)))
      throw new InvalidArgumentError(`"${text}" is not a number of rows. Write 750, 15%, or 15%,750 for the smaller of both.`);
    if (match[2] === '%') share = Math.min(share, number / 100);
    else rows = Math.min(rows, number);
  }
  return { rows, share };
}

/** One more `name=expression`; names in lower case. */
export function addExpression(text: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const at = text.indexOf('=');
  const [name, expression] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at < 0 || name === '' || expression === '')
    throw new InvalidArgumentError(`"${text}" is not name=expression. Write ts=time, or "value=used / total".`);
  return new Map([...before, [name.toLowerCase(), expression]]);
}
