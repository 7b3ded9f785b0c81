import { faultPoints } from '../../connectors/fault-point.ts';
import type { CrashReport } from './crash-run.ts';

/** What was done and what came of it, for a person. */
export function reportText({ kills, atPoints, atRandom, brokerRestarts, produced, findings }: CrashReport): string {
  const named = [...atPoints.values()].reduce((sum, count) => sum + count, 0);
  const never = faultPoints.filter((point) => !atPoints.has(point));
  const points = [...atPoints].map(([point, count]) => `${point} ${count}`).join(', ');
  return [
    `${kills} kills: ${named} at ${atPoints.size} named points, ${atRandom} at random; the broker was restarted ${brokerRestarts} times; ${produced} rows for each of 2 topics`,
    `points: ${points}${never.length === 0 ? '' : `; never: ${never.join(', ')}`}`,
    ...findings.map(({ name, rows, fault }) => `${fault === null ? 'ok  ' : 'FAIL'} ${name}: ${fault ?? `${rows} rows`}`),
  ].join('\n');
}
