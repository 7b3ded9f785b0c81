import { constantMicros } from '../../plan/time-fact.ts';
import type { OverNode } from './evaluate-calls.ts';
import type { OverMode } from './over-mode.ts';

/**
 * Microseconds of event time after a partition's last row when no row to come can ask for it any more, or may by `state_ttl`; null:
 * never. Frames of a length in time forget it exactly; others only by the option.
 */
export function idlePartitions(node: OverNode, mode: OverMode, stateTtlMs: number | null): bigint | null {
  const ttl = stateTtlMs === null ? null : BigInt(stateTtlMs) * 1000n;
  if (mode.kind !== 'time') return ttl;
  const reaches = node.calls.map(({ name, frame }) => {
    if (rankings.has(name) || frame.unit !== 'range' || frame.start.kind !== 'preceding') return null;
    return constantMicros(frame.start.offset);
  });
  if (reaches.includes(null)) return ttl;
  return (reaches as bigint[]).reduce((a, b) => (a > b ? a : b), 0n);
}

const rankings: ReadonlySet<string> = new Set(['row_number', 'rank', 'dense_rank', 'rank_dense', 'lag']);
