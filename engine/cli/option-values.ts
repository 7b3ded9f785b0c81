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
