import { workerData } from 'node:worker_threads';

/** Named moments of a move at which crash tests end the process; nothing happens unless the store was opened with `faultAt`. */
export type FaultPoint =
  | 'move_copied'
  | 'move_synced'
  | 'move_renamed'
  | 'move_listed'
  | 'move_dropped'
  | 'move_before_commit'
  | 'move_after_commit'
  | 'commit_before'
  | 'commit_after';

const wanted = (workerData as { faultAt?: FaultPoint } | null)?.faultAt;

export function faultPoint(point: FaultPoint): void {
  if (point === wanted) process.kill(process.pid, 'SIGKILL');
}
