const durationUnitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  millisecond: 1,
  milliseconds: 1,
  s: 1000,
  sec: 1000,
  second: 1000,
  seconds: 1000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
  y: 31_536_000_000,
  year: 31_536_000_000,
  years: 31_536_000_000,
  w: 604_800_000,
  week: 604_800_000,
  weeks: 604_800_000,
};
const byteUnits: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** `10 s`, `1 h 30 min`, `100 ms` in milliseconds; null when it is no duration. */
export function parseDuration(text: string): number | null {
  return parseMeasure(text, durationUnitsMs);
}

/** `64 MiB`, `1.5 GB` in bytes; null when it is no size. */
export function parseBytes(text: string): number | null {
  const bytes = parseMeasure(text, byteUnits);
  return bytes === null ? null : Math.round(bytes);
}

function parseMeasure(text: string, units: Readonly<Record<string, number>>): number | null {
  let total = 0;
  let rest = text.trim();
  if (rest === '') return null;
  while (rest !== '') {
    const part = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*/.exec(rest);
    const unit = part?.[2] === undefined ? undefined : units[part[2].toLowerCase()];
    if (part?.[1] === undefined || unit === undefined) return null;
    total += Number(part[1]) * unit;
    rest = rest.slice(part[0].length);
  }
  return total;
}

/** The way a person would write a duration: `90 s`, `5 min`, `1 h`. */
export function formatDuration(milliseconds: number): string {
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const) {
    if (milliseconds >= size && milliseconds % size === 0) return `${milliseconds / size} ${unit}`;
  }
  return `${milliseconds} ms`;
}

export function formatBytes(bytes: number): string {
  for (const [unit, size] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size} ${unit}`;
  }
  return `${bytes} B`;
}
