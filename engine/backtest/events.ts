import type { RowWindow } from './row-window.ts';

const microsOfDay = 86_400_000_000;
const microsOfSecond = 1_000_000;

export interface AlarmedSeries {
  /** Event time by row (microseconds since 1970), ascending. */
  readonly times: BigInt64Array;
  /** 1 where an alarm is raised. */
  readonly alarms: Uint8Array;
  /** Labelled events, in order of time, without overlap. */
  readonly windows: readonly RowWindow[];
  /** Rows at the beginning that are not judged: alarms there count neither way, events that end there are left out. */
  readonly skippedRows: number;
}

export interface EventScore {
  readonly alarms: number;
  /** Alarms inside a labelled event; a second one in the same event counts too. */
  readonly trueAlarms: number;
  readonly events: number;
  /** Events with an alarm in them. */
  readonly eventsFound: number;
  /** Share of alarms inside a labelled event; null without an alarm. */
  readonly precision: number | null;
  /** Share of events with an alarm in them; null without an event. */
  readonly recall: number | null;
  /** Seconds from the first judged row of an event to its first alarm, by event found, in order of series and time. */
  readonly delays: Float64Array;
  /** Median of `delays`; null when none was found. */
  readonly delayMedian: number | null;
  /** Alarms over the time judged, summed over series; null when no time passes. */
  readonly alarmsPerDay: number | null;
}

/** Precision by alarm, recall by event, delay and frequency of alarms, over all series together. */
export function scoreEvents(series: Iterable<AlarmedSeries>): EventScore {
  let alarms = 0;
  let trueAlarms = 0;
  let events = 0;
  let micros = 0;
  const delays: number[] = [];
  for (const each of series) {
    const { times, windows, skippedRows } = each;
    const alarmed = alarmedRows(each);
    alarms += alarmed.length;
    for (const [first, last] of windows) {
      if (last < skippedRows) continue;
      events++;
      const inside = alarmed.filter((row) => row >= first && row <= last);
      trueAlarms += inside.length;
      const found = inside[0];
      if (found !== undefined) delays.push(between(times, Math.max(first, skippedRows), found) / microsOfSecond);
    }
    if (times.length > skippedRows) micros += between(times, skippedRows, times.length - 1);
  }
  return {
    alarms,
    trueAlarms,
    events,
    eventsFound: delays.length,
    precision: alarms === 0 ? null : trueAlarms / alarms,
    recall: events === 0 ? null : delays.length / events,
    delays: Float64Array.from(delays),
    delayMedian: median(delays),
    alarmsPerDay: micros === 0 ? null : (alarms * microsOfDay) / micros,
  };
}

function alarmedRows({ alarms, skippedRows }: AlarmedSeries): number[] {
  const rows: number[] = [];
  for (let row = skippedRows; row < alarms.length; row++) if (alarms[row] !== 0) rows.push(row);
  return rows;
}

function between(times: BigInt64Array, from: number, to: number): number {
  return Number((times[to] as bigint) - (times[from] as bigint));
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
