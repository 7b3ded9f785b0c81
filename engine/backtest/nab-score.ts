/** One series: places of alarms, windows by their first and last row (inclusive), and rows at the start that are not scored. */
export interface AlarmedSeries {
  readonly alarms: readonly number[];
  readonly windows: readonly (readonly [first: number, last: number])[];
  readonly probation: number;
}

/** What a window found, a false alarm and a window missed are worth. */
export interface NabProfile {
  readonly found: number;
  readonly falseAlarm: number;
  readonly missed: number;
}

export const nabProfiles = {
  standard: { found: 1, falseAlarm: 0.11, missed: 1 },
  lowFalseAlarms: { found: 1, falseAlarm: 0.22, missed: 1 },
  lowMisses: { found: 1, falseAlarm: 0.11, missed: 2 },
} as const satisfies Readonly<Record<string, NabProfile>>;

export interface NabScore {
  readonly raw: number;
  /** 0 for saying nothing, 100 for one alarm at the first row of every window. */
  readonly score: number;
  readonly found: number;
  readonly windows: number;
  readonly falseAlarms: number;
}

/** Beyond this many lengths of the window before, a false alarm costs all. */
const farLengths = 3;

/** The Numenta Anomaly Benchmark's score (Lavin and Ahmad 2015) of alarms that are given, without a threshold to choose. */
export function nabScore(series: readonly AlarmedSeries[], profile: NabProfile = nabProfiles.standard): NabScore {
  let [raw, found, falseAlarms, windows] = [0, 0, 0, 0];
  for (const each of series) {
    const best = each.windows.map(() => -profile.missed);
    for (const row of each.alarms) {
      if (row < each.probation) continue;
      const inside = each.windows.findIndex(([first, last]) => row >= first && row <= last);
      if (inside < 0) {
        raw += profile.falseAlarm * outside(row, each.windows);
        falseAlarms++;
      } else
        best[inside] = Math.max(best[inside] as number, profile.found * within(row, each.windows[inside] as readonly [number, number]));
    }
    for (const value of best) raw += value;
    found += best.filter((value) => value !== -profile.missed).length;
    windows += best.length;
  }
  const none = -profile.missed * windows;
  return { raw, score: (100 * (raw - none)) / (profile.found * windows - none), found, windows, falseAlarms };
}

function sigmoid(x: number): number {
  return 2 / (1 + Math.exp(5 * x)) - 1;
}

/** 1 at the window's first row, near 0 at its last. */
function within(row: number, [first, last]: readonly [number, number]): number {
  return sigmoid(-(last - row + 1) / (last - first + 1)) / sigmoid(-1);
}

/** 0 right after a window, -1 far from all. */
function outside(row: number, windows: AlarmedSeries['windows']): number {
  const before = windows.filter(([, last]) => last < row).at(-1);
  if (before === undefined) return -1;
  const [first, last] = before;
  const x = Math.abs(row - last) / (last - first);
  return x > farLengths ? -1 : sigmoid(x);
}
