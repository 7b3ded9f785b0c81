import { distance } from 'fastest-levenshtein';

export const faultKinds = [
  'spike',
  'drop',
  'level_shift',
  'slow_leak',
  'error_burst',
  'latency_creep',
  'silent_host',
  'deploy_regression',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** What a fault strikes, what `by` means for it, and its value when not given. */
export const faultTraits: Readonly<Record<FaultKind, { target: 'host' | 'service'; by: number; byMax: number; severity: string }>> = {
  spike: { target: 'host', by: 0.6, byMax: 1, severity: 'warning' },
  drop: { target: 'service', by: 0.9, byMax: 1, severity: 'critical' },
  level_shift: { target: 'host', by: 0.3, byMax: 1, severity: 'warning' },
  slow_leak: { target: 'service', by: 2, byMax: 1024, severity: 'warning' },
  error_burst: { target: 'service', by: 0.35, byMax: 1, severity: 'critical' },
  latency_creep: { target: 'service', by: 6, byMax: 1000, severity: 'warning' },
  silent_host: { target: 'host', by: 1, byMax: 1, severity: 'critical' },
  deploy_regression: { target: 'service', by: 0.15, byMax: 1, severity: 'critical' },
};

/** One line of a schedule. Times in milliseconds, multiples of 100, counted from the schedule's anchor. */
export interface ScheduledFault {
  readonly kind: FaultKind;
  /** null: another one each time, drawn from the seed. */
  readonly target: string | null;
  readonly at: number;
  readonly lasts: number;
  /** null: once. */
  readonly every: number | null;
  readonly by: number;
}

export class FaultScheduleError extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.name = 'FaultScheduleError';
    this.hint = hint;
  }
}

/** Something goes wrong every 20 s, for 12 to 16 s, on top of two slow faults; the whole repeats every 2 minutes. */
export const defaultSchedule = [
  'error_burst service=checkout at 4 s for 14 s every 2 min',
  'error_burst service=cart at 22 s for 10 s every 24 s',
  'latency_creep service=search at 24 s for 16 s every 2 min',
  'deploy_regression at 44 s for 16 s every 2 min',
  'silent_host at 64 s for 15 s every 2 min',
  'drop service=frontend at 84 s for 14 s every 2 min',
  'spike at 104 s for 12 s every 2 min',
  'level_shift at 30 s for 50 s every 4 min',
  'slow_leak at 60 s for 3 min every 10 min',
].join('; ');

export const scheduledFaultsMax = 100;
const example = "'error_burst service=checkout at 20 s for 40 s every 10 min'";
const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `<fault> [service=NAME | host=NAME] [by NUMBER] at TIME for TIME [every TIME]; ...`. Throws FaultScheduleError. */
export function parseSchedule(text: string): readonly ScheduledFault[] {
  const faults = text
    .split(';')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(parseFault);
  if (faults.length > scheduledFaultsMax) {
    throw new FaultScheduleError(`a schedule holds at most ${scheduledFaultsMax} faults, not ${faults.length}`, 'use several sources');
  }
  return faults;
}

function parseFault(line: string): ScheduledFault {
  const [word = '', ...rest] = line.split(/\s+/);
  const kind = faultKinds.find((known) => known === word);
  if (kind === undefined) throw new FaultScheduleError(`unknown fault "${word}"`, nearestKind(word));
  const traits = faultTraits[kind];
  const clauses = readClauses(line, rest.join(' '));
  const at = readTime(line, 'at', clauses.get('at'));
  const lasts = readTime(line, 'for', clauses.get('for'));
  const every = clauses.has('every') ? readTime(line, 'every', clauses.get('every')) : null;
  if (lasts === 0) throw new FaultScheduleError(`"${line}" lasts no time`, 'give at least "for 100 ms"');
  if (every !== null && lasts > every) throw new FaultScheduleError(`"${line}" lasts longer than its period`, 'make "every" longer');
  const other = traits.target === 'host' ? 'service' : 'host';
  if (clauses.has(other)) throw new FaultScheduleError(`${kind} strikes a ${traits.target}, not a ${other}`, `write ${traits.target}=NAME`);
  const by = clauses.has('by') ? Number(clauses.get('by')) : traits.by;
  if (!(by > 0 && by <= traits.byMax)) {
    throw new FaultScheduleError(
      `"by ${clauses.get('by')}" is not above 0 and at most ${traits.byMax}`,
      `${kind} takes "by ${traits.by}" by default`,
    );
  }
  return { kind, target: clauses.get(traits.target) ?? null, at, lasts, every, by };
}

function readClauses(line: string, rest: string): ReadonlyMap<string, string> {
  const clauses = new Map<string, string>();
  const pattern = /\s*(?:(service|host)\s*=\s*(\S+)|(at|for|every)\s+(\d+(?:\.\d+)?\s*[a-z]+)|(by)\s+(\S+))(?=\s|$)/y;
  let end = 0;
  while (end < rest.length) {
    pattern.lastIndex = end;
    const found = pattern.exec(rest);
    if (found === null) throw new FaultScheduleError(`cannot read "${rest.slice(end).trim()}" in "${line}"`, `write it like ${example}`);
    const name = (found[1] ?? found[3] ?? found[5]) as string;
    if (clauses.has(name)) throw new FaultScheduleError(`"${name}" stands twice in "${line}"`, `write it like ${example}`);
    clauses.set(name, (found[2] ?? found[4] ?? found[6]) as string);
    end = pattern.lastIndex;
  }
  return clauses;
}

function readTime(line: string, clause: string, text: string | undefined): number {
  if (text === undefined) throw new FaultScheduleError(`"${line}" has no "${clause}"`, `write it like ${example}`);
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(text) as RegExpExecArray;
  const scale = unitsMs[unit as string];
  if (scale === undefined) throw new FaultScheduleError(`unknown unit of time "${unit}" in "${line}"`, 'use ms, s, min, h or d');
  const value = Math.round(Number(amount) * scale);
  if (value % 100 !== 0)
    throw new FaultScheduleError(`"${clause} ${text}" is not a multiple of 100 ms`, 'faults begin and end on tenths of a second');
  return value;
}

function nearestKind(word: string): string {
  const nearest = [...faultKinds].sort((a, b) => distance(word, a) - distance(word, b))[0] as string;
  return distance(word, nearest) <= 4 ? `did you mean ${nearest}?` : `one of ${faultKinds.join(', ')}`;
}
