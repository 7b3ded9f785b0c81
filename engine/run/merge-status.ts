import type { OperatorCounters } from '../compile/program.ts';
import type { LaneQueryStatus, LaneSourceStatus } from './lane/protocol.ts';
import type { QueryStatus, SourceStatus } from './runtime-status.ts';

/** Counters of the same operators in several places, by node, each once. */
export function sumOperators(parts: readonly (readonly OperatorCounters[])[]): OperatorCounters[] {
  const sums = new Map<number, OperatorCounters>();
  for (const each of parts.flat()) {
    const before = sums.get(each.node);
    if (before === undefined) sums.set(each.node, each);
    else
      sums.set(each.node, {
        node: each.node,
        rowsIn: before.rowsIn + each.rowsIn,
        rowsOut: before.rowsOut + each.rowsOut,
        stateBytes: before.stateBytes + each.stateBytes,
        stateRows: before.stateRows + each.stateRows,
      });
  }
  return [...sums.values()].sort((a, b) => a.node - b.node);
}

const sum = <Part>(parts: readonly Part[], of: (part: Part) => number) => parts.reduce((total, part) => total + of(part), 0);

function least(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length || known.length === 0 ? null : Math.min(...known);
}

function most(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Of several states the one that a person should know. */
const sourceStates: readonly SourceStatus['state'][] = ['failed', 'waiting', 'starting', 'active', 'idle', 'ended'];
const queryStates: readonly QueryStatus['state'][] = ['failed', 'starting', 'replaying', 'behind', 'ok', 'idle', 'ended'];

/** A source as one, whose partitions are in several lanes. */
export function mergeSources(parts: readonly LaneSourceStatus[]): SourceStatus {
  const [first] = parts as [LaneSourceStatus];
  const { live: _, ...only } = first;
  if (parts.length === 1) return only;
  const reading = parts.filter((part) => part.partitions > 0);
  const running = reading.filter((part) => part.state !== 'ended');
  const states = new Set((reading.length === 0 ? parts : reading).map((part) => part.state));
  return {
    rows: sum(parts, (part) => part.rows),
    late: sum(parts, (part) => part.late),
    rejected: sum(parts, (part) => part.rejected),
    watermark: running.length === 0 ? most(reading.map((part) => part.watermark)) : least(running.map((part) => part.watermark)),
    maxEventTime: most(parts.map((part) => part.maxEventTime)),
    state: sourceStates.find((state) => states.has(state)) ?? only.state,
    error: parts.find((part) => part.error !== null)?.error ?? null,
    ...waitingOf(parts),
    ...unknownFieldsOf(parts),
    partitions: sum(parts, (part) => part.partitions),
    paced: parts.some((part) => part.paced),
  };
}

function waitingOf(parts: readonly LaneSourceStatus[]): Pick<SourceStatus, 'waiting'> {
  const all = parts.flatMap(({ waiting }) => (waiting === undefined ? [] : [waiting])).sort((a, b) => a.since - b.since);
  return all[0] === undefined ? {} : { waiting: all[0] };
}

function unknownFieldsOf(parts: readonly LaneSourceStatus[]): Pick<SourceStatus, 'unknownFields'> {
  const sums = new Map<string | null, number>();
  for (const [field, times] of parts.flatMap((part) => part.unknownFields ?? [])) sums.set(field, (sums.get(field) ?? 0) + times);
  return sums.size === 0 ? {} : { unknownFields: [...sums] };
}

/** A query as one, that runs in several lanes of a group; `lane`: the first of them. */
export function mergeQueries(parts: readonly LaneQueryStatus[], lane: number): QueryStatus {
  const [first] = parts as [LaneQueryStatus];
  if (parts.length === 1) return { ...first, lane };
  const running = parts.filter((part) => part.state !== 'ended');
  const states = new Set(parts.map((part) => part.state));
  return {
    rowsIn: sum(parts, (part) => part.rowsIn),
    rowsOut: sum(parts, (part) => part.rowsOut),
    filtered: sum(parts, (part) => part.filtered),
    late: sum(parts, (part) => part.late),
    watermark: running.length === 0 ? most(parts.map((part) => part.watermark)) : least(running.map((part) => part.watermark)),
    ownLagMs: Math.max(...parts.map((part) => part.ownLagMs)),
    lagMs: most(parts.map((part) => part.lagMs)),
    stateBytes: sum(parts, (part) => part.stateBytes),
    stateBytesMax: first.stateBytesMax,
    unlearntRows: sum(parts, (part) => part.unlearntRows ?? 0),
    cpuSeconds: sum(parts, (part) => part.cpuSeconds),
    exchangedRows: sum(parts, (part) => part.exchangedRows),
    exchangedBytes: sum(parts, (part) => part.exchangedBytes),
    operators: sumOperators(parts.map((part) => part.operators)),
    state: queryStates.find((state) => states.has(state)) ?? first.state,
    error: parts.find((part) => part.error !== null)?.error ?? null,
    lane,
  };
}
