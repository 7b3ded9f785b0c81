import type { FaultPoint } from '../../connectors/fault-point.ts';
import type { Finding } from './check-results.ts';

export interface CrashReport {
  readonly processes: number;
  readonly kills: number;
  /** Deaths at a named point, by point. */
  readonly atPoints: ReadonlyMap<FaultPoint, number>;
  /** Points that such a run can come to, and where none of its processes died. */
  readonly never: readonly FaultPoint[];
  readonly atRandom: number;
  /** Processes of a group that left in order, and those that were frozen for longer than their session. */
  readonly leaves: number;
  readonly freezes: number;
  readonly brokerRestarts: number;
  /** Rows in each topic. */
  readonly produced: number;
  readonly topics: number;
  readonly findings: readonly Finding[];
}

/** What was done and what came of it, for a person. */
export function reportText({ atPoints, findings, never, ...report }: CrashReport): string {
  const { processes, kills, atRandom, leaves, freezes, brokerRestarts, produced, topics } = report;
  const named = [...atPoints.values()].reduce((sum, count) => sum + count, 0);
  const points = [...atPoints].map(([point, count]) => `${point} ${count}`).join(', ');
  const who = processes === 1 ? 'one process' : `${processes} processes of a group`;
  const moves = processes === 1 ? '' : `; ${leaves} left in order, ${freezes} were frozen for longer than their session`;
  return [
    `${who}: ${kills} kills, ${named} at ${atPoints.size} of ${atPoints.size + never.length} named points, ${atRandom} at any moment${moves}; ` +
      `the broker was restarted ${brokerRestarts} times; ${produced * topics} rows in ${topics} topic${topics === 1 ? '' : 's'}`,
    `points: ${points}`,
    never.length === 0 ? 'no point was left out' : `never reached: ${never.join(', ')}`,
    ...findings.map(({ name, rows, fault }) => `${fault === null ? 'ok  ' : 'FAIL'} ${name}: ${fault ?? `${rows} rows`}`),
  ].join('\n');
}
