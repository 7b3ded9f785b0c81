import type { AlarmedSeries } from '../../../engine/backtest/nab-score.ts';
import { openDuckDb, quoted } from '../shared.ts';

export interface LabelledSeries {
  readonly name: string;
  /** Microseconds since 1970. */
  readonly times: readonly bigint[];
  readonly values: readonly number[];
  /** 1 inside of an event. */
  readonly labels: Uint8Array;
  /** Rows at the start that are not scored. */
  readonly probation: number;
  /** NAB's windows, by their first and last row. */
  readonly windows: AlarmedSeries['windows'];
}

/** Of det_nab.parquet. */
export async function readNab(path: string): Promise<LabelledSeries[]> {
  return read(`SELECT series, list(epoch_us(ts) ORDER BY ts), list(value ORDER BY ts), list(window_id ORDER BY ts),
    count(*) FILTER (WHERE probation) FROM ${quoted(path)} GROUP BY series ORDER BY series`);
}

/** Of det_kpi.parquet, whose events are not numbered: those that touch are one. */
export async function readKpi(path: string): Promise<LabelledSeries[]> {
  return read(`SELECT series, list(epoch_us(ts) ORDER BY ts), list(value ORDER BY ts), list(if(label = 0, -1, event) ORDER BY ts),
    least(ceil(0.15 * count(*)), 750) FROM (
      SELECT *, sum(CAST(label <> before AS INTEGER)) OVER (PARTITION BY series ORDER BY ts) AS event FROM (
        SELECT *, lag(label, 1, 0) OVER (PARTITION BY series ORDER BY ts) AS before FROM ${quoted(path)}))
    GROUP BY series ORDER BY series`);
}

async function read(query: string): Promise<LabelledSeries[]> {
  const connection = await openDuckDb();
  const rows = (await connection.runAndReadAll(query)).getRows();
  const items = (value: unknown) => (value as { items: unknown[] }).items;
  return rows.map(([name, times, values, events, probation]) => {
    const numbers = items(events).map(Number);
    return {
      name: String(name),
      times: items(times) as bigint[],
      values: items(values) as number[],
      labels: Uint8Array.from(numbers, (event) => (event < 0 ? 0 : 1)),
      probation: Number(probation),
      windows: windowsOf(numbers),
    };
  });
}

function windowsOf(events: readonly number[]): [number, number][] {
  const windows = new Map<number, [number, number]>();
  events.forEach((event, row) => {
    if (event >= 0) windows.set(event, [windows.get(event)?.[0] ?? row, row]);
  });
  return [...windows.values()];
}
