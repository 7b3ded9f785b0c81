import { openDuckDb } from './shared.ts';

/** A history, and what came after it. */
export interface Task {
  readonly task: string;
  readonly set: string;
  /** Steps a day. */
  readonly season: number;
  readonly history: readonly number[];
  readonly future: readonly number[];
  /** Of a task about a threshold. */
  readonly threshold: number | null;
  readonly breach: boolean | null;
}

export const horizon = 60;
/** Points that a model keeps at the least. */
export const pointsMin = 140;
/** A model's first forecast is at this point: the second one is made at the history's last. */
export const firstFitPoints = 24;

export async function readTasks(path: string): Promise<Task[]> {
  const connection = await openDuckDb();
  const from = `'${path.replaceAll("'", "''")}'`;
  const columns = (await connection.runAndReadAll(`DESCRIBE FROM ${from}`)).getRows().map(([name]) => String(name));
  const extra = columns.includes('threshold') ? 'threshold, breach' : 'NULL, NULL';
  const rows = await connection.runAndReadAll(`SELECT task, "set", season, history, future, ${extra} FROM ${from} ORDER BY task`);
  const numbers = (value: unknown) => (value as { items: number[] }).items;
  return rows.getRows().map(([task, set, season, history, future, threshold, breach]) => ({
    task: String(task),
    set: String(set),
    season: Number(season),
    history: numbers(history),
    future: numbers(future),
    threshold: threshold === null ? null : Number(threshold),
    breach: breach === null ? null : breach === true,
  }));
}

/** Microseconds between two steps, and between two forecasts, so that one falls on the last point. */
export function timing({ season, history }: Task): { step: number; every: number } {
  const step = 86_400e6 / season;
  return { step, every: Math.max(1, (history.length - firstFitPoints) * step) };
}
