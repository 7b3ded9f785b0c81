import type { QueryStatus } from '../runtime-status.ts';
import { endOfTime } from '../time/event-time.ts';
import type { LaneQueryStatus, LaneSourceStatus } from './protocol.ts';
import type { QueryNode } from './query-node.ts';
import type { SourceRunner } from './source-runner.ts';

/** A query this far (ms) behind what its input allows is called behind. */
export const behindMsMax = 5_000;
/** A paced source at speed 1 whose event time is this near (ms) to the clock is live. */
const liveMsMax = 3_600_000;

const toMs = (micros: bigint | null) => (micros === null ? null : Math.floor(Number(micros) / 1000));

/** As people read it: the end of time is no time; then the last event time stands for it. */
export function shownWatermark(watermark: bigint | null, last: bigint | null): number | null {
  return toMs(watermark === endOfTime ? last : watermark);
}

export function sourceStatus(source: SourceRunner, opened: boolean, speed: number, now: number): LaneSourceStatus {
  const { progress, counters } = source;
  const maxEventTime = toMs(progress.maxEventTime());
  const near = maxEventTime !== null && Math.abs(now - maxEventTime) < liveMsMax;
  return {
    ...counters,
    watermark: shownWatermark(progress.watermark, progress.maxEventTime()),
    maxEventTime,
    state: source.error !== null ? 'failed' : !opened ? 'starting' : progress.ended ? 'ended' : progress.idle ? 'idle' : 'active',
    error: source.error,
    partitions: progress.partitions.size,
    paced: source.paced,
    live: source.connector.paced ? source.paced && speed === 1 && near : near,
  };
}

export function queryStatus(
  node: QueryNode,
  phase: 'starting' | 'replaying' | 'running' | 'stopped',
  sources: readonly SourceRunner[],
  status: (source: SourceRunner) => LaneSourceStatus,
  now: number,
): LaneQueryStatus {
  const watermark = shownWatermark(node.watermark, node.lastEventTime());
  const ownLagMs = Math.round(Math.max(0, lagBehindInputs(node), ...sources.map((source) => source.overdueMs(now))));
  const live = sources.length > 0 && sources.every((source) => status(source).live);
  return {
    ...node.counters(),
    late: sources.reduce((sum, source) => sum + source.counters.late, 0),
    watermark,
    ownLagMs,
    lagMs: live && watermark !== null ? Math.max(0, now - watermark) : null,
    stateBytes: node.memoryBytes(),
    stateBytesMax: node.setup.definition.options.memoryBytesMax,
    cpuSeconds: node.cpuMs / 1000,
    operators: node.operators(),
    state: stateOf(node, phase, ownLagMs),
    error: node.error,
  };
}

function lagBehindInputs(node: QueryNode): number {
  const allowed = node.allowedWatermark();
  if (allowed === null || allowed === endOfTime || node.watermark === null) return 0;
  return Number(allowed - node.watermark) / 1000;
}

function stateOf(node: QueryNode, phase: string, ownLagMs: number): QueryStatus['state'] {
  if (node.error !== null) return 'failed';
  if (phase === 'starting' || phase === 'replaying') return phase;
  if (node.ended) return 'ended';
  if (node.idle) return 'idle';
  return ownLagMs > behindMsMax ? 'behind' : 'ok';
}
