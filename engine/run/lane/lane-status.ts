import type { OperatorCounters } from '../../compile/program.ts';
import { sumOperators } from '../merge-status.ts';
import type { QueryStatus } from '../runtime-status.ts';
import { sumCounters } from './query-entries.ts';
import { endOfTime } from '../time/event-time.ts';
import type { LaneQueryStatus, LaneSourceStatus, LaneStatus } from './protocol.ts';
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

export function laneStatus(
  nodes: readonly QueryNode[],
  sources: readonly SourceRunner[],
  phase: LaneStatus['phase'],
  speed: number,
  now: number,
): LaneStatus {
  const opened = phase !== 'starting';
  const statuses = new Map(sources.map((source) => [source, sourceStatus(source, opened, speed, now)]));
  const queries = [...byWhole(nodes)].map(([id, parts]) => {
    const read = sources.filter((source) => parts.some((part) => part.setup.sources.includes(source.name)));
    return [id, queryStatus(parts, phase, read, (source) => statuses.get(source) as LaneSourceStatus, now)] as const;
  });
  const own = [...statuses].filter(([{ setup }]) => setup.definition.exchanged !== true);
  const named = own.map(([source, status]) => [source.name, status] as const);
  return { phase, sources: Object.fromEntries(named), queries: Object.fromEntries(queries) };
}

/** Fragments by the query that they are of, also where each has a state of its own. */
function byWhole(nodes: readonly QueryNode[]): Map<string, QueryNode[]> {
  const parts = new Map<string, QueryNode[]>();
  for (const node of nodes) {
    const whole = node.setup.operators === undefined ? node.query : node.query.replace(/#\d+$/, '');
    parts.set(whole, [...(parts.get(whole) ?? []), node]);
  }
  return parts;
}

function sourceStatus(source: SourceRunner, opened: boolean, speed: number, now: number): LaneSourceStatus {
  const { progress, counters, waiting, unknownFields } = source;
  const maxEventTime = toMs(progress.maxEventTime());
  const near = maxEventTime !== null && Math.abs(now - maxEventTime) < liveMsMax;
  return {
    ...counters,
    watermark: shownWatermark(progress.watermark, progress.maxEventTime()),
    maxEventTime,
    state:
      source.error !== null
        ? 'failed'
        : waiting !== null
          ? 'waiting'
          : !opened
            ? 'starting'
            : progress.ended
              ? 'ended'
              : progress.idle
                ? 'idle'
                : 'active',
    error: source.error,
    ...(waiting === null ? {} : { waiting }),
    ...(unknownFields.length === 0 ? {} : { unknownFields }),
    partitions: progress.partitions.size,
    paced: source.paced,
    live: source.connector.paced ? source.paced && speed === 1 && near : near,
  };
}

/** `parts`: of one query, in the order in which rows flow. */
function queryStatus(
  parts: readonly QueryNode[],
  phase: 'starting' | 'replaying' | 'running' | 'stopped',
  sources: readonly SourceRunner[],
  status: (source: SourceRunner) => LaneSourceStatus,
  now: number,
): LaneQueryStatus {
  const result = parts.at(-1) as QueryNode;
  const failed = parts.find((part) => part.error !== null);
  const watermark = shownWatermark(result.watermark, result.lastEventTime());
  const ownLagMs = Math.round(Math.max(0, ...parts.map(lagBehindInputs), ...sources.map((source) => source.overdueMs(now))));
  const live = sources.length > 0 && sources.every((source) => status(source).live);
  const sum = (of: (part: QueryNode) => number) => parts.reduce((total, part) => total + of(part), 0);
  return {
    ...sumCounters(parts.map((part) => part.counters())),
    late: sources.reduce((total, source) => total + source.counters.late, 0),
    watermark,
    ownLagMs,
    lagMs: live && watermark !== null ? Math.max(0, now - watermark) : null,
    stateBytes: sum((part) => part.memoryBytes()),
    unlearntRows: sum((part) => part.unlearntRows()),
    stateBytesMax: result.setup.part?.memoryBytesMax ?? result.setup.definition.options.memoryBytesMax,
    cpuSeconds: sum((part) => part.cpuMs) / 1000,
    exchangedRows: sum((part) => part.exchange?.sentRows ?? 0),
    exchangedBytes: sum((part) => part.exchange?.sentBytes ?? 0),
    operators: sumOperators(parts.map(operatorsOf)),
    state: failed !== undefined ? 'failed' : stateOf(result, phase, ownLagMs, sources),
    error: failed?.error ?? null,
  };
}

/** Counters of a part's operators, by node of the query's plan. */
function operatorsOf(part: QueryNode): OperatorCounters[] {
  const counters = [...part.operators()];
  const shares = part.setup.part?.operators ?? part.setup.operators;
  if (shares === undefined) return counters;
  return counters.flatMap((each) => {
    const share = shares[each.node];
    if (share === undefined || share.node === null) return [];
    return [{ ...each, node: share.node, rowsIn: share.rowsIn ? each.rowsIn : 0, rowsOut: share.rowsOut ? each.rowsOut : 0 }];
  });
}

function lagBehindInputs(node: QueryNode): number {
  const allowed = node.allowedWatermark();
  if (allowed === null || allowed === endOfTime || node.watermark === null) return 0;
  return Number(allowed - node.watermark) / 1000;
}

function stateOf(node: QueryNode, phase: string, ownLagMs: number, sources: readonly SourceRunner[]): QueryStatus['state'] {
  if (node.error !== null) return 'failed';
  if (phase === 'starting' || phase === 'replaying') return phase;
  if (node.ended) return 'ended';
  const open = sources.filter(({ progress }) => !progress.ended);
  if (node.idle || (node.setup.part !== null && open.length > 0 && open.every(({ progress }) => progress.idle))) return 'idle';
  return ownLagMs > behindMsMax ? 'behind' : 'ok';
}
