import { workerData } from 'node:worker_threads';
import { type FaultPoint, faultPoint as pass } from '../../connectors/fault-point.ts';

export type { FaultPoint } from '../../connectors/fault-point.ts';

const wanted = (workerData as { faultAt?: FaultPoint } | null)?.faultAt;

/** A moment of the store at which crash tests end the process: also those that open a store with `faultAt`. */
export function faultPoint(point: FaultPoint): void {
  if (point === wanted) process.kill(process.pid, 'SIGKILL');
  pass(point);
}
